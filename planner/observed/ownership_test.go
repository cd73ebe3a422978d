package observed

import (
	"reflect"
	"testing"
	"time"

	"tasks/internal/composeproject"
)

// The garbage of a frozen ownership is the same, without further questions.
func TestFrozenOwnership(t *testing.T) {
	now := time.Now()
	labels := func(owner string) map[string]string {
		return map[string]string{composeproject.LabelOneOff: composeproject.OneOffTrue, LabelOwner: owner, LabelOriginal: "app", composeproject.LabelProject: "app-0a1b2c3d"}
	}
	starter := map[string]string{composeproject.LabelOneOff: composeproject.OneOffTrue, LabelStarter: "dead"}
	old := now.Add(-2 * time.Hour)
	snapshot := &Snapshot{
		TakenAt: now,
		Containers: []*Container{
			{ID: "1", Name: "running", State: Running, Labels: labels("dead")},
			{ID: "2", Name: "alive", State: Running, Labels: labels("alive")},
			{ID: "3", Name: "never started", State: Created, Labels: starter, CreatedAt: old},
		},
		RunResources: RunResources{
			Containers: []*Container{{ID: "4", Name: "rebooted", State: Exited, Labels: labels("rebooted"), CreatedAt: old}},
			Networks:   []Network{{ID: "5", Name: "app-0a1b2c3d_rebooted", Labels: labels("rebooted"), CreatedAt: old}},
			Volumes:    []Volume{{Name: "app-0a1b2c3d_rebooted", Labels: labels("rebooted"), CreatedAt: old.Format(time.RFC3339Nano)}},
		},
	}
	calls := 0
	live := Ownership{IsDead: func(owner string, age time.Duration) bool {
		calls++
		return owner == "dead" || owner == "rebooted" && age > time.Hour
	}}
	frozen := live.Freeze(snapshot)
	want := live.FindGarbage(snapshot, nil)
	calls = 0
	if got := frozen.FindGarbage(snapshot, nil); !reflect.DeepEqual(got, want) || calls != 0 {
		t.Errorf("%d calls, garbage %+v; want %+v", calls, got, want)
	}
	if len(want.Containers) != 3 || len(want.Networks) != 1 || len(want.Volumes) != 1 {
		t.Errorf("garbage %+v", want)
	}
}

// The death of the owner does not end the use by runs with leases in other directories.
func TestTransientGarbageNeedsVisibleLeases(t *testing.T) {
	for name, test := range map[string]struct {
		locations string
		leases    []string
		want      int
	}{
		"no lease directories":          {"", nil, 1},
		"a common lease directory":      {"theirs mine", nil, 1},
		"a lease in it":                 {"theirs mine", []string{"app/service/db", "network/app_default"}, 0},
		"lease directories of the dead": {"theirs", nil, 0},
	} {
		labels := map[string]string{
			composeproject.LabelProject: "app", composeproject.LabelService: "db", LabelPolicy: PolicyTransient,
			LabelOwner: "dead", LabelLeases: test.locations,
		}
		snapshot := &Snapshot{
			Containers: []*Container{{ID: "1", Name: "app-db-1", State: Running, Labels: labels}},
			Networks:   []Network{{ID: "2", Name: "app_default", Labels: labels}},
		}
		o := Ownership{LeaseLocations: []string{"mine"}, IsDead: func(string, time.Duration) bool { return true }}
		garbage := o.FindGarbage(snapshot, test.leases)
		if len(garbage.Containers) != test.want || len(garbage.Networks) != test.want {
			t.Errorf("%s: %+v", name, garbage)
		}
	}
}
