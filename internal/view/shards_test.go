package view

import (
	"fmt"
	"strings"
	"testing"

	"tasks/executor"
	"tasks/hclspec"
	"tasks/planner"
)

// TestShardCounts: the end of a run counts the shards of each task with several of them, before the verdict. A skipped
// shard counts as done.
func TestShardCounts(t *testing.T) {
	const ok, fails, skips, waits = "ok", "fails", "skips", "waits"
	tests := map[string]struct {
		task        string
		ends        []string
		quiet       bool
		interrupted bool
		want        string
	}{
		"all":          {task: "test", ends: []string{ok, ok, ok}, want: "test: 3 of 3 ok\n"},
		"two failed":   {task: "test", ends: []string{ok, fails, waits, fails}, want: "test: 1 of 4 ok, 2 failed (2/4, 4/4), 1 not finished\n"},
		"skipped":      {task: "test", ends: []string{ok, skips}, want: "test: 2 of 2 ok, 1 of them skipped\n"},
		"arguments":    {task: "test%(linux)", ends: []string{ok, ok}, want: "test(linux): 2 of 2 ok\n"},
		"a matrix":     {task: "test@db=16%", ends: []string{ok, ok}, want: "test@db=16: 2 of 2 ok\n"},
		"escaped":      {task: "test\x1b", ends: []string{ok, ok}, want: "test\\x1b: 2 of 2 ok\n"},
		"a single one": {task: "test", ends: []string{ok}, want: ""},
		"quiet":        {task: "test", ends: []string{ok, ok}, quiet: true, want: ""},
		"interrupted":  {task: "test", ends: []string{ok, waits}, interrupted: true, want: ""},
	}
	for name, test := range tests {
		c, read := newStyledOutput(t, "", "x")
		c.Quiet = test.quiet
		plan := &planner.Plan{Steps: []*planner.Step{hostStep("other")}}
		for i := range test.ends {
			shard := hclspec.Shard{Index: i + 1, Count: len(test.ends)}
			text := " " + shard.String()
			task := strings.Replace(test.task, "%", text, 1)
			if task == test.task {
				task += text
			}
			s := &planner.Step{ID: planner.StepID(fmt.Sprint(i)), Action: &planner.RunHost{Task: &hclspec.Task{Name: task, Shard: shard}}}
			plan.Steps = append(plan.Steps, s)
		}
		c.Begin(plan)
		for i, end := range test.ends {
			n := executor.Notice{Kind: executor.Done, Step: plan.Steps[i+1], Verb: planner.Run}
			switch end {
			case fails:
				n.Kind, n.Code = executor.Failed, 1
			case skips:
				n.Verb = planner.Skip
			case waits:
				n.Kind = executor.Started
			}
			c.Notice(n)
		}
		c.isInterrupted = test.interrupted
		_, before := read()
		c.End(executor.Result{})
		_, after := read()
		if got := strings.TrimPrefix(after, before); got != test.want {
			t.Errorf("%s: %q; want %q", name, got, test.want)
		}
	}
}
