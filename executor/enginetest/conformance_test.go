package enginetest_test

import (
	"testing"

	"tasks/executor"
	"tasks/executor/enginetest"
	"tasks/planner"
)

func TestMemoryConforms(t *testing.T) {
	enginetest.Conformance(t, func(t *testing.T) (executor.Engine, string, string) {
		t.Parallel()
		m := enginetest.New(t)
		m.AddImage("toolbox", planner.ObservedImage{})
		t.Cleanup(func() {
			if left := m.Remaining(); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
		return m, "toolbox", "conformance"
	})
}
