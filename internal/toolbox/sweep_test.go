package toolbox

import (
	"strings"
	"testing"

	"github.com/moby/moby/client"
)

// TestSweepKeepsRunningTests checks that Sweep removes nothing during a test: this test itself runs.
func TestSweepKeepsRunningTests(t *testing.T) {
	cli := Client(t)
	name := Project(t) + "_default"
	made, err := cli.NetworkCreate(t.Context(), name, client.NetworkCreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if removed, _, err := Sweep(t.Context()); len(removed) != 0 || err != nil {
		t.Errorf("removed %q while a test runs, error %v", removed, err)
	}
	left, err := testResources(t.Context(), cli)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, l := range left {
		if strings.HasSuffix(l.description, name) {
			found = true
			if err := l.remove(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
	if !found {
		t.Errorf("network %s is not among what would be removed", name)
	}
	if _, err := cli.NetworkInspect(t.Context(), made.ID, client.NetworkInspectOptions{}); err == nil {
		t.Error("the network is still there")
	}
}
