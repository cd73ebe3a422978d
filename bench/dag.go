package main

import (
	"context"
	"path/filepath"
	"strconv"
	"time"
)

// The size of the graph, the duration of each task, and the number of parallel tasks.
const (
	dagTasks = 100
	dagSleep = 50 * time.Millisecond
	dagJobs  = 4
)

// dagBound is the lower bound of every scheduler: the work, shared evenly. The longest chain, of ten or eleven tasks,
// is shorter.
const dagBound = dagTasks * dagSleep / dagJobs

// dag compares a run of dependent host tasks with the bound.
func (b *bench) dag(ctx context.Context) ([]table, error) {
	files := taskFiles(dagTasks, layerShape, "sleep", strconv.FormatFloat(dagSleep.Seconds(), 'f', -1, 64))
	dir := filepath.Join(b.dir, "dag")
	if err := writeFiles(dir, files); err != nil {
		return nil, err
	}
	jobs, last := strconv.Itoa(dagJobs), taskName(dagTasks-1)
	bound := timed(func(ctx context.Context) error { return pause(ctx, dagBound) })
	rows, err := b.runContest(ctx, "dag", b.options.pairs, competitorsOf(bound, dir, "", []program{
		{"tasks run -j", b.ownTool(), []string{"run", "-j", jobs, last}},
		{"-C", b.tools.goTask, []string{"-C", jobs, last}},
		{"-j", b.tools.make, []string{"-j", jobs, last}},
	}))
	return []table{{
		title: "Run 100 host tasks of 50 ms, ten side by side, four at a time", base: "the bound", rows: rows, metric: wall,
		how: "Each task needs three tasks of the layer before, and the last task needs its whole layer. The base sleeps for 1.25 s: 100 × 50 ms ÷ 4. " +
			"`tasks` aims at 1.3 × of the bound.",
	}}, err
}
