package planner

import (
	"maps"
	"testing"
	"time"

	"tasks/internal/composeproject"
)

// What is made beside a service of a private project is found with that.
func TestProberInAPrivateProject(t *testing.T) {
	labels := map[string]string{composeproject.LabelProject: "app-1234", LabelOf: "app", LabelOwner: "dead", LabelPolicy: "ephemeral", "their": "own"}
	target := &ObservedContainer{ID: "id", Labels: labels}
	slug := "0123456789abcdef"
	for name, spec := range map[string]ContainerSpec{
		"prober":    Prober("app-1234", "db", slug, target, Program{}),
		"signaller": Signaller("app-1234", "db", slug, target, Program{}),
	} {
		want := map[string]string{composeproject.LabelProject: "app-1234", LabelProbe: "db", LabelOf: "app", LabelOwner: "dead", LabelPolicy: "ephemeral"}
		if !maps.Equal(spec.Labels, want) {
			t.Errorf("%s: labels %v, want %v", name, spec.Labels, want)
		}
		left := leftBehind(spec.Name, "created", spec.Labels)
		if !(Query{Project: "app", Original: "app", Owned: true}).Owns(left.Labels) {
			t.Errorf("%s: nobody looks for it", name)
		}
		owners := Owners{Dead: func(owner string, _ time.Duration) bool { return owner == "dead" }}
		if gone := owners.Leftovers(&Observed{Owned: Owned{Containers: []*ObservedContainer{left}}}, nil).Containers; len(gone) != 1 {
			t.Errorf("%s: it is not removed", name)
		}
	}
	// What is transient is known by its labels too, and a probe of it is not.
	delete(labels, LabelOf)
	if spec := Prober("app", "db", slug, target, Program{}); len(spec.Labels) != 2 {
		t.Errorf("labels %v", spec.Labels)
	}
}
