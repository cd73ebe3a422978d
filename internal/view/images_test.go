package view

import (
	"bytes"
	"strings"
	"testing"

	"tasks/executor"
	"tasks/planner"
)

// TestQuietImages: what an invocation may leave out of pulls and builds, and what it still hears.
func TestQuietImages(t *testing.T) {
	pull := &planner.Step{Verb: planner.PullImage, Action: &planner.Image{Ref: "db"}}
	build := &planner.Step{Verb: planner.BuildImage, Action: &planner.Image{Ref: "web"}}
	notices := []executor.Notice{
		{Happening: executor.Started, Step: pull, Verb: planner.PullImage},
		{Happening: executor.Progressed, Step: pull, Verb: planner.PullImage, Text: "1 of 2 layers"},
		{Happening: executor.Done, Step: pull, Verb: planner.PullImage},
		{Happening: executor.Started, Step: build, Verb: planner.BuildImage},
		{Happening: executor.Progressed, Step: build, Verb: planner.BuildImage, Text: "#1 load"},
		{Happening: executor.Done, Step: build, Verb: planner.BuildImage},
		// A pull that has failed goes on as a build.
		{Happening: executor.Progressed, Step: pull, Verb: planner.BuildImage, Text: "#2 copy"},
		{Happening: executor.Warned, Step: pull, Text: "late"},
	}
	for options, want := range map[Options]string{
		{}:                                  "db pulling/db 1 of 2 layers/db pulled (0s)/web #1 load/web built (0s)/db #2 copy/db warning: late",
		{QuietBuild: true}:                  "db pulling/db 1 of 2 layers/db pulled (0s)/web built (0s)/db warning: late",
		{QuietPull: true}:                   "db pulling/db pulled (0s)/web built (0s)/db warning: late",
		{QuietPull: true, QuietBuild: true}: "db pulling/db pulled (0s)/web built (0s)/db warning: late",
		{Quiet: true}:                       "db warning: late",
	} {
		var out bytes.Buffer
		p := NewPlain(&out, options, error.Error)
		for _, n := range notices {
			p.Notice(n)
		}
		got := strings.NewReplacer("image ", "", "  ", " ", "\n", "/").Replace(strings.TrimSpace(out.String()))
		if got != want {
			t.Errorf("%+v:\n%s\n%s", options, got, want)
		}
	}
}
