package engine_test

import (
	"testing"

	"tasks/executor/engine"
	"tasks/planner/observed"
)

func TestExitReasonNamesTheMemoryLimit(t *testing.T) {
	for want, state := range map[string]engine.ContainerState{
		"":                              {Container: observed.Container{ExitCode: 137}},
		"out of memory (limit 8 MiB)":   {Container: observed.Container{ExitCode: 137}, IsOutOfMemory: true, MemoryLimit: 8 << 20},
		"out of memory (limit 1.5 GiB)": {Container: observed.Container{ExitCode: 1}, IsOutOfMemory: true, MemoryLimit: 3 << 29},
		"out of memory":                 {Container: observed.Container{ExitCode: 137}, IsOutOfMemory: true},
	} {
		if got := state.ExitReason(); got != want {
			t.Errorf("%q; want %q", got, want)
		}
	}
}
