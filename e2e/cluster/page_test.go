//go:build linux

package cluster_test

import (
	"strings"
	"testing"

	"tasks/internal/testing/apptest"
	"tasks/internal/testing/pagetest"
)

// TestSeveralMachines does what the page about several machines says. Only the first node has the image.
func TestSeveralMachines(t *testing.T) {
	f := newFarm(t, "services: {}", "")
	for _, n := range f.nodes[1:] {
		_ = n.engine.RemoveImage(t.Context(), f.Image) // a node may lack the image
	}
	names := strings.NewReplacer(
		"ssh://deploy@build1", f.nodes[0].host, "ssh://deploy@build2", f.nodes[1].host, "ssh://deploy@build3", f.nodes[2].host,
		"build1", nodeName(f.nodes[0]), "build2", nodeName(f.nodes[1]), "build3", nodeName(f.nodes[2]),
		"  send    ", "  send       ", "busybox:1.37", f.Image, "name: shop", "name: "+f.Project, "project shop", "project "+f.Project,
	)
	reader := &pagetest.Reader{T: t, App: f.App, Names: names, Limit: 2 * apptest.TestTimeout}
	if commands := reader.Do("../../docs/several-machines.md"); commands != 6 {
		t.Errorf("%d commands, want 6", commands)
	}
}

// nodeName is the name of a node in messages: the machine in its address.
func nodeName(n node) string {
	_, machine, _ := strings.Cut(n.host, "://")
	machine, _, _ = strings.Cut(machine, ":")
	return machine
}
