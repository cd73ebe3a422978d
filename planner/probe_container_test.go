package planner

import (
	"maps"
	"testing"
	"time"

	"tasks/internal/composeproject"
)

// What is made beside a service of a private project is found with that.
func TestProberInAPrivateProject(t *testing.T) {
	labels := map[string]string{composeproject.LabelProject: "app-1234", LabelOriginal: "app", LabelOwner: "dead", LabelPolicy: "ephemeral", "their": "own"}
	target := &ObservedContainer{ID: "id", Labels: labels}
	slug := "0123456789abcdef"
	for name, spec := range map[string]ContainerSpec{
		"prober":    ProbeContainer("app-1234", "db", slug, target, Program{}),
		"signaller": SignalContainer("app-1234", "db", slug, target, Program{}),
	} {
		want := map[string]string{composeproject.LabelProject: "app-1234", LabelProbe: "db", LabelOriginal: "app", LabelOwner: "dead", LabelPolicy: "ephemeral"}
		if !maps.Equal(spec.Labels, want) {
			t.Errorf("%s: labels %v, want %v", name, spec.Labels, want)
		}
		left := abandonedContainer(spec.Name, "created", spec.Labels)
		if !(Query{Project: "app", Original: "app", WithRunResources: true}).IsRunResource(left.Labels) {
			t.Errorf("%s: nobody looks for it", name)
		}
		owners := Ownership{IsDead: func(owner string, _ time.Duration) bool { return owner == "dead" }}
		if gone := owners.FindGarbage(&Snapshot{RunResources: RunResources{Containers: []*ObservedContainer{left}}}, nil).Containers; len(gone) != 1 {
			t.Errorf("%s: it is not removed", name)
		}
	}
	// What is transient is known by its labels too, and a probe of it is not.
	delete(labels, LabelOriginal)
	if spec := ProbeContainer("app", "db", slug, target, Program{}); len(spec.Labels) != 2 {
		t.Errorf("labels %v", spec.Labels)
	}
}
