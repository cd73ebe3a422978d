package main

import (
	"context"
	"fmt"
	"path/filepath"
)

// The tree of the watch.
const (
	watchedDirs  = 5000
	watchedFiles = 10 // in each
)

// watchedTree measures the start of a watch of many directories, with a run and the end of the watch.
func (b *bench) watchedTree(ctx context.Context) ([]table, error) {
	dir := filepath.Join(b.dir, "tree")
	for d := range watchedDirs {
		files := map[string]string{}
		for f := range watchedFiles {
			files[fmt.Sprintf("f%d.txt", f)] = ""
		}
		if err := writeFiles(filepath.Join(dir, "src", fmt.Sprint(d/100), fmt.Sprint(d%100)), files); err != nil {
			return nil, err
		}
	}
	err := writeFiles(dir, map[string]string{
		"Tasks.hcl": "task \"x\" {\n  command = [\"true\"]\n  watch { paths = [\"src/**\"] }\n}\n",
	})
	if err != nil {
		return nil, err
	}
	base := timed(func(context.Context) error { return statTree(filepath.Join(dir, "src")) })
	rows, err := b.runContest(ctx, "tree", b.options.pairs, competitorsOf(base, dir, "", []program{
		{"tasks watch --exit-after 1", b.ownTool(), []string{"watch", "--exit-after", "1", "x"}},
	}))
	return []table{{
		title: "Watch 50,000 files in 5,000 directories", base: "walking the tree", rows: rows, metric: wall,
		how: "The row starts a watch, runs `true` and ends the watch. The base walks the tree in the measuring process, and reads each " +
			"file's size and times. `tasks` aims at less than 2 s and 60 MiB.",
	}}, err
}
