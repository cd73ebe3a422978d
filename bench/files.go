package main

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
)

// The tree of unchanged files.
const (
	treeDirs  = 100
	treeFiles = 1000 // in each
	// treePairs is small, because each pair with go-task takes many seconds.
	treePairs = 7
)

// files measures the time for finding that no file of many has changed.
func (b *bench) files(ctx context.Context) ([]table, error) {
	dir := filepath.Join(b.dir, "files")
	if err := writeTree(filepath.Join(dir, "src")); err != nil {
		return nil, err
	}
	err := writeFiles(dir, map[string]string{
		"Tasks.hcl":    "task \"check\" {\n  command = [\"true\"]\n  inputs  = [\"src/**\"]\n}\n",
		"Taskfile.yml": "version: '3'\ntasks:\n  check:\n    method: checksum\n    sources: ['src/**/*']\n    cmds: ['true']\n",
	})
	if err != nil {
		return nil, err
	}
	base := timed(func(context.Context) error { return statTree(filepath.Join(dir, "src")) })
	programs := []program{
		{"tasks run --if-changed", b.ownTool(), []string{"run", "--if-changed", "check"}},
		{"method: checksum", b.tools.goTask, []string{"check"}},
	}
	contestants, first := competitorsOf(base, dir, "up to date", programs), competitorsOf(base, dir, "", programs)
	for i := range contestants {
		contestants[i].prepare = runTwice(first[i].run)
	}
	rows, err := b.runContest(ctx, "files", min(b.options.pairs, treePairs), contestants)
	return []table{{
		title: "Find that 100,000 files are unchanged", base: "walking the tree", rows: rows, metric: wall,
		how: "The task has run before, and its inputs are the whole tree. The base walks the tree in the measuring process, in one goroutine, and " +
			"reads each file's size and times. `tasks` aims at 0.5 s, and at a tenth of go-task.",
	}}, err
}

// runTwice performs the runs before a measurement. The second run hashes again the files that were young in the first.
func runTwice(run runner) func(context.Context) error {
	return func(ctx context.Context) error {
		for range 2 {
			if _, err := run(ctx); err != nil {
				return err
			}
		}
		return nil
	}
}

func writeTree(dir string) error {
	for d := range treeDirs {
		files := map[string]string{}
		for f := range treeFiles {
			files[fmt.Sprintf("f%03d.txt", f)] = fmt.Sprintf("file %d of directory %d\n", f, d)
		}
		if err := writeFiles(filepath.Join(dir, fmt.Sprintf("d%02d", d)), files); err != nil {
			return err
		}
	}
	return nil
}

// statTree reads the metadata of each file below a directory.
func statTree(dir string) error {
	return filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		_, err = entry.Info()
		return err
	})
}
