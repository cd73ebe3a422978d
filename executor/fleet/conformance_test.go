package fleet_test

import (
	"context"
	"testing"

	"tasks/executor/engine"
	"tasks/executor/enginetest"
	"tasks/executor/fleet"
	"tasks/planner/observed"
)

// TestFleetConforms: an engine with several nodes keeps the contract of an engine. Only the second node has the image.
func TestFleetConforms(t *testing.T) {
	enginetest.Conformance(t, func(t *testing.T) (engine.Engine, string, string) {
		t.Parallel()
		var nodes []fleet.Node
		for _, name := range []string{"a", "b"} {
			n := enginetest.NewNode(t, name)
			t.Cleanup(func() {
				if left := n.Remaining(); len(left) > 0 {
					t.Errorf("node %s has %v", name, left)
				}
			})
			nodes = append(nodes, fleet.Node{Name: name, Engine: n})
		}
		image := nodes[1].Engine.(enginetest.Node).AddImage("toolbox", observed.Image{})
		f := fleet.New(fleet.Config{
			Name: "ci", Nodes: nodes, Slots: 1, Warn: func(text string) { t.Error(text) },
			SendImage: func(_ context.Context, i fleet.Image, _ func(string)) error {
				i.To.(enginetest.Node).AddImage(i.Ref, image)
				return nil
			},
		})
		t.Cleanup(f.Close)
		return f, "toolbox", "conformance"
	})
}
