package observed

import (
	"testing"
	"time"

	"tasks/internal/composeproject"
)

func TestDuplicateNetworks(t *testing.T) {
	now := time.Now()
	network := func(id, name string, age time.Duration) Network {
		return Network{ID: id, Name: name, CreatedAt: now.Add(-age), Labels: map[string]string{composeproject.LabelNetwork: "default"}}
	}
	foreign := network("foreign", "a", time.Hour)
	foreign.Labels = nil
	in := func(id string) []*Container {
		return []*Container{{ID: "c", Networks: map[string]string{"a": id}}}
	}
	two := []Network{network("young", "a", time.Minute), network("old", "a", time.Hour), network("other", "b", time.Hour)}
	for name, test := range map[string]struct {
		networks   []Network
		containers []*Container
		want       string
	}{
		"the oldest stays":         {two, nil, "young"},
		"what is used stays":       {two, in("young"), "old"},
		"not started yet":          {two, in(""), "young"},
		"one of three":             {append(two[:3:3], network("third", "a", 2*time.Hour)), in("old"), "third young "},
		"its maker may be at work": {[]Network{two[1], network("new", "a", time.Second)}, nil, ""},
		"not ours":                 {[]Network{two[1], foreign}, nil, ""},
		"one":                      {two[1:], nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			snapshot := &Snapshot{TakenAt: now, Networks: test.networks}
			var got string
			for _, n := range snapshot.duplicateNetworks(Usage{Containers: test.containers}) {
				if got += n.ID; len(test.networks) > 3 {
					got += " "
				}
			}
			if got != test.want {
				t.Errorf("duplicates %q; want %q", got, test.want)
			}
		})
	}
}

// A container of a dead run does not keep a duplicate network.
func TestDuplicateNetworksBesideGarbage(t *testing.T) {
	now := time.Now()
	labels := map[string]string{composeproject.LabelNetwork: "default"}
	dead := &Container{
		ID: "id-dead", Name: "dead", State: Running, Networks: map[string]string{"a": "young"},
		Labels: map[string]string{composeproject.LabelOneOff: "True", LabelOwner: "dead"},
	}
	snapshot := &Snapshot{TakenAt: now, Containers: []*Container{dead}, Networks: []Network{
		{ID: "young", Name: "a", CreatedAt: now.Add(-time.Minute), Labels: labels}, {ID: "old", Name: "a", CreatedAt: now.Add(-time.Hour), Labels: labels},
	}}
	left := Ownership{IsDead: func(owner string, _ time.Duration) bool { return owner == "dead" }}.FindGarbage(snapshot, nil)
	if len(left.Containers) != 1 || len(left.Networks) != 0 || len(left.DuplicateNetworks) != 1 || left.DuplicateNetworks[0].ID != "young" {
		t.Errorf("left: %+v", left)
	}
}
