package enginetest_test

import (
	"testing"

	"tasks/executor/engine"
	"tasks/executor/enginetest"
	"tasks/planner/observed"
)

func TestMemoryConforms(t *testing.T) {
	enginetest.Conformance(t, func(t *testing.T) (engine.Engine, string, string) {
		t.Parallel()
		m := enginetest.New(t)
		m.AddImage("toolbox", observed.Image{})
		t.Cleanup(func() {
			if left := m.Remaining(); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
		return m, "toolbox", "conformance"
	})
}
