package planner

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func leftBehind(name, state string, labels map[string]string) *ObservedContainer {
	return &ObservedContainer{ID: "id-" + name, Name: name, State: state, Labels: labels}
}

func TestAbandoned(t *testing.T) {
	oneOff := func(owner string) map[string]string {
		return map[string]string{"com.docker.compose.oneoff": "True", LabelOwner: owner}
	}
	starter := func(owner string) map[string]string {
		return map[string]string{"com.docker.compose.oneoff": "True", LabelStarter: owner}
	}
	now := time.Now()
	ago := func(age time.Duration, c *ObservedContainer) *ObservedContainer {
		c.Created = now.Add(-age)
		return c
	}
	young := leftBehind("young-probe", "created", map[string]string{LabelProbe: "db"})
	young.Created = now.Add(-time.Second)
	seen := &Observed{Taken: now, Containers: []*ObservedContainer{
		leftBehind("dead", "running", oneOff("dead")),
		leftBehind("alive", "running", oneOff("alive")),
		leftBehind("kept", "exited", map[string]string{"com.docker.compose.oneoff": "True"}),
		leftBehind("service", "running", map[string]string{"com.docker.compose.oneoff": "False", LabelOwner: "dead"}),
		ago(2*time.Hour, leftBehind("rebooted", "exited", oneOff("rebooted"))),
		leftBehind("never-started", "created", starter("dead")),
		leftBehind("being-started", "created", starter("alive")),
		leftBehind("detached", "running", starter("dead")),
		leftBehind("kept-and-ended", "exited", starter("dead")),
		ago(2*time.Hour, leftBehind("same-name-elsewhere", "running", oneOff("rebooted"))),
		ago(2*time.Hour, leftBehind("halted-elsewhere", "paused", oneOff("rebooted"))),
		ago(time.Minute, leftBehind("waiting-elsewhere", "created", oneOff("rebooted"))),
		ago(time.Minute, leftBehind("starting-elsewhere", "created", starter("rebooted"))),
		leftBehind("of-unknown-age", "created", oneOff("rebooted")),
		leftBehind("old-probe", "created", map[string]string{LabelProbe: "db"}),
		young,
	}}
	owners := Owners{Dead: func(owner string, age time.Duration) bool {
		return owner == "dead" || owner == "rebooted" && age > time.Hour
	}}
	names := func(all []*ObservedContainer) string {
		var text []string
		for _, c := range all {
			text = append(text, c.Name)
		}
		return strings.Join(text, " ")
	}
	if got := names(owners.Leftovers(seen, nil).Containers); got != "dead rebooted never-started old-probe" {
		t.Errorf("abandoned: %s", got)
	}
	if got := names(Owners{}.Leftovers(seen, nil).Containers); got != "old-probe" {
		t.Errorf("where nobody knows who has died, abandoned: %s", got)
	}
	down := Down(seen, "p", false)
	down.Spare(owners, now)
	if got := names(down.Living); got != "alive being-started detached same-name-elsewhere halted-elsewhere waiting-elsewhere starting-elsewhere of-unknown-age" {
		t.Errorf("down asks for: %s", got)
	}
}

// What a run has left to itself is nobody's: it is not removed, is asked for, and may use anything.
func TestLeftToItself(t *testing.T) {
	labels := map[string]string{"com.docker.compose.oneoff": "True", LabelOwner: "dead", "com.docker.compose.project": "p"}
	db := leftBehind("db", "running", map[string]string{"com.docker.compose.project": "p", "com.docker.compose.service": "db", LabelPolicy: "transient", LabelOwner: "dead"})
	owners := Owners{Dead: func(string, time.Duration) bool { return true }, Left: func(id string) bool { return id == "id-left" }}
	seen := &Observed{Containers: owners.Disown([]*ObservedContainer{leftBehind("left", "running", labels), db})}
	if gone := owners.Leftovers(seen, nil).Containers; len(gone) != 0 {
		t.Errorf("removed: %v", gone)
	}
	down := Down(seen, "p", false)
	down.Spare(owners, time.Now())
	if len(down.Living) != 1 || down.Living[0].Name != "left" {
		t.Errorf("down asks for %v", down.Living)
	}
	seen.Containers = Owners{Dead: owners.Dead}.Disown(seen.Containers[1:])
	if gone := owners.Leftovers(seen, nil).Containers; len(gone) != 1 {
		t.Errorf("without it, removed: %v", gone)
	}
	if labels[LabelOwner] == "" {
		t.Error("what was seen is changed")
	}
}

// TestNameOfTheAbandoned: who wants the name of what a dead run has left waits until it is free.
func TestNameOfTheAbandoned(t *testing.T) {
	p := load(t, "services:\n  web: {image: web}\n", "web")
	task := serviceTask("test", "web")
	task.ContainerName, task.RM = "debug", true
	dead := leftBehind("debug", "running", map[string]string{"com.docker.compose.oneoff": "True", LabelOwner: "dead"})
	plan := built(t, Input{Spec: spec(task), Project: p, RemoveOrphans: true, Observed: &Observed{Containers: []*ObservedContainer{dead}},
		Owners: Owners{Self: "me", Dead: func(string, time.Duration) bool { return true }}})
	removals := 0
	for _, s := range plan.Steps {
		switch a := s.Action.(type) {
		case *RemoveOrphan:
			if removals++; !a.Kill || s.Reason == "" {
				t.Errorf("step %+v", s)
			}
		case *CreateOneOff:
			if !slices.ContainsFunc(s.Needs, func(n Need) bool { return n.Step == "abandoned/debug" }) {
				t.Errorf("the container of the name needs %v", s.Needs)
			}
			made, diags := a.Spec(Facts{}, false, strings.Repeat("0", 64))
			if diags.HasErrors() || made.Labels[LabelOwner] != "me" {
				t.Errorf("labels %v, %v", made.Labels, diags)
			}
		}
	}
	if removals != 1 {
		t.Errorf("%d removals", removals)
	}
}

// TestThingsOfAnotherMachine: an owner of this machine's name may be another machine's, and alive, while its things are
// younger than this machine's start.
func TestThingsOfAnotherMachine(t *testing.T) {
	now := time.Now()
	owners := Owners{Dead: func(_ string, age time.Duration) bool { return age > time.Hour }}
	things := func(age time.Duration) *Observed {
		made, of := now.Add(-age), private("other")
		c := leftBehind("app-1-db-1", "created", of)
		c.Created = made
		return &Observed{
			Taken: now,
			Owned: Owned{
				Containers: []*ObservedContainer{c},
				Networks:   []ObservedNetwork{{ID: "n1", Name: "app-1_default", Labels: of, Created: made}},
				Volumes:    []ObservedVolume{{Name: "app-1_data", Labels: of, Created: made.Format(time.RFC3339)}},
			},
		}
	}
	unknown := things(2 * time.Hour)
	unknown.Owned.Containers[0].Created = time.Unix(0, 0)
	unknown.Owned.Networks[0].Created = time.Time{}
	unknown.Owned.Volumes[0].Created = "yesterday"
	mixed := things(2 * time.Hour)
	mixed.Owned.Networks[0].Created = now.Add(-time.Minute)
	for name, c := range map[string]struct {
		seen        *Observed
		gone, asked int
	}{
		"younger than the start":  {things(time.Minute), 0, 1},
		"older than the start":    {things(2 * time.Hour), 3, 0},
		"of unknown age":          {unknown, 0, 1},
		"older, but one of these": {mixed, 2, 1},
	} {
		if gone := owners.Leftovers(c.seen, nil).steps(); len(gone) != c.gone {
			t.Errorf("%s: %d are removed, want %d", name, len(gone), c.gone)
		}
		down := Down(c.seen, "app", false)
		if down.Spare(owners, now); len(down.Private) != c.asked {
			t.Errorf("%s: down asks for %v", name, down.Private)
		}
	}
}
