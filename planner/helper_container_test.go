package planner

import (
	"maps"
	"testing"
	"time"

	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// A helper container in a private project is found with the project.
func TestProberInAPrivateProject(t *testing.T) {
	labels := map[string]string{composeproject.LabelProject: "app-00001234", observed.LabelOriginal: "app", observed.LabelOwner: "dead", observed.LabelPolicy: "ephemeral", "their": "own"}
	target := &observed.Container{ID: "id", Labels: labels}
	slug := "0123456789abcdef"
	for name, spec := range map[string]ContainerSpec{
		"prober":    ProbeContainer("app-00001234", "db", slug, target, Program{}),
		"signaller": SignalContainer("app-00001234", "db", slug, target, Program{}),
	} {
		want := map[string]string{composeproject.LabelProject: "app-00001234", observed.LabelProbe: "db", observed.LabelOriginal: "app", observed.LabelOwner: "dead", observed.LabelPolicy: "ephemeral"}
		if !maps.Equal(spec.Labels, want) {
			t.Errorf("%s: labels %v, want %v", name, spec.Labels, want)
		}
		left := abandonedContainer(spec.Name, "created", spec.Labels)
		if !(observed.Query{Project: "app", Original: "app", WithRunResources: true}).IsRunResource(left.Labels) {
			t.Errorf("%s: no process would remove it", name)
		}
		owners := observed.Ownership{IsDead: func(owner string, _ time.Duration) bool { return owner == "dead" }}
		if gone := owners.FindGarbage(&observed.Snapshot{RunResources: observed.RunResources{Containers: []*observed.Container{left}}}, nil).Containers; len(gone) != 1 {
			t.Errorf("%s: it is not removed", name)
		}
	}
	// The labels of a transient service do not make its helper container transient.
	delete(labels, observed.LabelOriginal)
	if spec := ProbeContainer("app", "db", slug, target, Program{}); len(spec.Labels) != 2 {
		t.Errorf("labels %v", spec.Labels)
	}
}
