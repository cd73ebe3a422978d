package view

import (
	"bytes"
	"strings"
	"testing"

	"tasks/executor"
	"tasks/planner"
)

// TestQuietPullAndBuild: --quiet-pull and --quiet-build hide progress, but no results.
func TestQuietPullAndBuild(t *testing.T) {
	pull := &planner.Step{Verb: planner.PullImage, Action: &planner.Image{Ref: "db"}}
	build := &planner.Step{Verb: planner.BuildImage, Action: &planner.Image{Ref: "web"}}
	notices := []executor.Notice{
		{Kind: executor.Started, Step: pull, Verb: planner.PullImage},
		{Kind: executor.Progressed, Step: pull, Verb: planner.PullImage, Text: "1 of 2 layers"},
		{Kind: executor.Done, Step: pull, Verb: planner.PullImage},
		{Kind: executor.Started, Step: build, Verb: planner.BuildImage},
		{Kind: executor.Progressed, Step: build, Verb: planner.BuildImage, Text: "#1 load"},
		{Kind: executor.Done, Step: build, Verb: planner.BuildImage},
		// After a failed pull, the step builds.
		{Kind: executor.Progressed, Step: pull, Verb: planner.BuildImage, Text: "#2 copy"},
		{Kind: executor.Warned, Step: pull, Text: "late"},
	}
	const pulled = "db pulling/db 1 of 2 layers/db pulled (0.0 s)"
	for options, want := range map[NoticeOptions]string{
		{}:                                  pulled + "/web #1 load/web built (0.0 s)/db #2 copy/db warning: late",
		{QuietBuild: true}:                  pulled + "/web built (0.0 s)/db warning: late",
		{QuietPull: true}:                   "db pulling/db pulled (0.0 s)/web built (0.0 s)/db warning: late",
		{QuietPull: true, QuietBuild: true}: "db pulling/db pulled (0.0 s)/web built (0.0 s)/db warning: late",
		{Quiet: true}:                       "db warning: late",
	} {
		var out bytes.Buffer
		p := NewNoticePrinter(&out, options, error.Error)
		for _, n := range notices {
			p.Notice(n)
		}
		got := strings.NewReplacer("image ", "", "  ", " ", "\n", "/").Replace(strings.TrimSpace(out.String()))
		if got != want {
			t.Errorf("%+v:\n%s\n%s", options, got, want)
		}
	}
}
