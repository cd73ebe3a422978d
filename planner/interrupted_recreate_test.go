package planner

import (
	"slices"
	"testing"
	"time"

	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

const oldID = "0123456789abcdef"

// interruptedReplace is a project with an unfinished replacement of the container of db, created at a given age.
func interruptedReplace(t *testing.T, age time.Duration) (*composeproject.Project, *observed.Snapshot, *observed.Container) {
	t.Helper()
	p := load(t, shared, "web")
	o := upToDate(t, p)
	o.TakenAt = time.Now()
	old := container(t, o, "db")
	old.ID = oldID
	fresh := current(p, p.Model().Services["db"])
	fresh.ID, fresh.Name, fresh.State, fresh.CreatedAt = "fresh", observed.TemporaryName(oldID, old.Name), "created", o.TakenAt.Add(-age)
	fresh.Labels[composeproject.LabelReplace] = "db-1"
	o.Containers = slices.Insert(o.Containers, 0, fresh) // sorted by name
	return p, o, fresh
}

func TestInterruptedReplacement(t *testing.T) {
	noted := observed.Ownership{Replacing: map[string]bool{oldID: true}}
	for name, test := range map[string]struct {
		change  func(o *observed.Snapshot, fresh *observed.Container)
		owners  observed.Ownership
		age     time.Duration
		removed bool
		have    string
	}{
		"of another process, long ago": {nil, observed.Ownership{}, time.Hour, true, oldID},
		"of another process, just now": {nil, observed.Ownership{}, time.Minute, false, oldID},
		"by a run of ours":             {nil, noted, time.Second, true, oldID},
		"it has been started":          {func(_ *observed.Snapshot, fresh *observed.Container) { fresh.State = "running" }, observed.Ownership{}, time.Hour, false, "fresh"},
		"the other one is gone":        {func(o *observed.Snapshot, _ *observed.Container) { o.Containers = without(o, oldID) }, observed.Ownership{}, time.Hour, false, "fresh"},
		"another replica's": {func(_ *observed.Snapshot, fresh *observed.Container) {
			fresh.Labels[composeproject.LabelContainerNumber] = "2"
		}, observed.Ownership{}, time.Hour, false, oldID},
		"no label of a replacement": {func(_ *observed.Snapshot, fresh *observed.Container) {
			delete(fresh.Labels, composeproject.LabelReplace)
		}, observed.Ownership{}, time.Hour, false, "fresh"},
	} {
		t.Run(name, func(t *testing.T) {
			p, o, fresh := interruptedReplace(t, test.age)
			if test.change != nil {
				test.change(o, fresh)
			}
			plan := mustBuild(t, Input{Spec: spec(serviceTask("test", "web")), Project: p, Snapshot: o, Ownership: test.owners})
			db := step(t, plan, "container/db")
			if have := db.Action.(*Container).Existing.ID; have != test.have {
				t.Errorf("the service's container is %s, want %s", have, test.have)
			}
			i := slices.IndexFunc(plan.Steps, func(s *Step) bool { return s.ID == abandonedID(fresh.Name) })
			if (i >= 0) != test.removed {
				t.Fatalf("removed: %v, want %v", i >= 0, test.removed)
			}
			if !test.removed {
				return
			}
			a := plan.Steps[i].Action.(*RemoveContainer)
			if a.Replaced == nil || a.Replaced.ID != oldID || a.Replica != "db" || !slices.ContainsFunc(db.Needs, func(n Need) bool { return n.Step == plan.Steps[i].ID }) {
				t.Errorf("removal %+v, container/db needs %+v", a, db.Needs)
			}
		})
	}
}

func without(o *observed.Snapshot, id string) []*observed.Container {
	return slices.DeleteFunc(o.Containers, func(c *observed.Container) bool { return c.ID == id })
}

// Of several replacements without a replaced container, the oldest is the service's container.
func TestReplacementsAlone(t *testing.T) {
	p, o, fresh := interruptedReplace(t, time.Hour)
	second := *fresh
	second.ID, second.Name, second.CreatedAt = "second", observed.TemporaryName("abcdef012345", "app-db-1"), fresh.CreatedAt.Add(time.Second)
	o.Containers = append(without(o, oldID), &second)
	plan := mustBuild(t, Input{Spec: spec(serviceTask("test", "web")), Project: p, Snapshot: o})
	if have := step(t, plan, "container/db").Action.(*Container).Existing; have.ID != "fresh" {
		t.Errorf("the service's container is %s", have.ID)
	}
	if removed := step(t, plan, abandonedID(second.Name)).Action.(*RemoveContainer).Replaced.ID; removed != "fresh" {
		t.Errorf("the other container was to replace %s", removed)
	}
}
