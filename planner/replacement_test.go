package planner

import (
	"slices"
	"testing"
	"time"

	"tasks/internal/composeproject"
)

const oldID = "0123456789abcdef"

// halfReplaced is a project of which the container of db has a replacement that was made at a time, and never started.
func halfReplaced(t *testing.T, age time.Duration) (*composeproject.Project, *Observed, *ObservedContainer) {
	t.Helper()
	p := load(t, shared, "web")
	o := upToDate(t, p)
	o.Taken = time.Now()
	old := container(t, o, "db")
	old.ID = oldID
	fresh := current(p, p.Model().Services["db"])
	fresh.ID, fresh.Name, fresh.State, fresh.Created = "fresh", TemporaryName(oldID, old.Name), "created", o.Taken.Add(-age)
	fresh.Labels[composeproject.LabelReplace] = "db-1"
	o.Containers = slices.Insert(o.Containers, 0, fresh) // sorted by name
	return p, o, fresh
}

func TestReplacementThatIsLeftOver(t *testing.T) {
	noted := Owners{Replacing: func(id string) bool { return id == oldID }}
	for name, test := range map[string]struct {
		change  func(o *Observed, fresh *ObservedContainer)
		owners  Owners
		age     time.Duration
		removed bool
		have    string
	}{
		"by somebody, long ago":   {nil, Owners{}, time.Hour, true, oldID},
		"by somebody, just now":   {nil, Owners{}, time.Minute, false, oldID},
		"by a run of ours":        {nil, noted, time.Second, true, oldID},
		"it has been started":     {func(_ *Observed, fresh *ObservedContainer) { fresh.State = "running" }, Owners{}, time.Hour, false, "fresh"},
		"the other one is gone":   {func(o *Observed, _ *ObservedContainer) { o.Containers = without(o, oldID) }, Owners{}, time.Hour, false, "fresh"},
		"another replica's":       {func(_ *Observed, fresh *ObservedContainer) { fresh.Labels[composeproject.LabelContainerNumber] = "2" }, Owners{}, time.Hour, false, oldID},
		"a name of somebody else": {func(_ *Observed, fresh *ObservedContainer) { delete(fresh.Labels, composeproject.LabelReplace) }, Owners{}, time.Hour, false, "fresh"},
	} {
		t.Run(name, func(t *testing.T) {
			p, o, fresh := halfReplaced(t, test.age)
			if test.change != nil {
				test.change(o, fresh)
			}
			plan := built(t, Input{Spec: spec(serviceTask("test", "web")), Project: p, Observed: o, Owners: test.owners})
			db := step(t, plan, "container/db")
			if have := db.Action.(*Container).Have.ID; have != test.have {
				t.Errorf("the service's container is %s, want %s", have, test.have)
			}
			i := slices.IndexFunc(plan.Steps, func(s *Step) bool { return s.ID == abandonedID(fresh.Name) })
			if (i >= 0) != test.removed {
				t.Fatalf("removed: %v, want %v", i >= 0, test.removed)
			}
			if !test.removed {
				return
			}
			a := plan.Steps[i].Action.(*RemoveOrphan)
			if a.Of == nil || a.Of.ID != oldID || a.Instance != "db" || !slices.ContainsFunc(db.Needs, func(n Need) bool { return n.Step == plan.Steps[i].ID }) {
				t.Errorf("removal %+v, container/db needs %+v", a, db.Needs)
			}
		})
	}
}

func without(o *Observed, id string) []*ObservedContainer {
	return slices.DeleteFunc(o.Containers, func(c *ObservedContainer) bool { return c.ID == id })
}

// Where all that was to be replaced is gone, one of several replacements is the service's container.
func TestReplacementsAlone(t *testing.T) {
	p, o, fresh := halfReplaced(t, time.Hour)
	second := *fresh
	second.ID, second.Name, second.Created = "second", TemporaryName("abcdef012345", "app-db-1"), fresh.Created.Add(time.Second)
	o.Containers = append(without(o, oldID), &second)
	plan := built(t, Input{Spec: spec(serviceTask("test", "web")), Project: p, Observed: o})
	if have := step(t, plan, "container/db").Action.(*Container).Have; have.ID != "fresh" {
		t.Errorf("the service's container is %s", have.ID)
	}
	if removed := step(t, plan, abandonedID(second.Name)).Action.(*RemoveOrphan).Of.ID; removed != "fresh" {
		t.Errorf("the other one was to take the place of %s", removed)
	}
}
