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
	young := leftBehind("young-probe", "created", map[string]string{LabelProbe: "db"})
	young.Created = now.Add(-time.Second)
	seen := &Observed{Taken: now, Containers: []*ObservedContainer{
		leftBehind("dead", "running", oneOff("dead")),
		leftBehind("alive", "running", oneOff("alive")),
		leftBehind("kept", "exited", map[string]string{"com.docker.compose.oneoff": "True"}),
		leftBehind("service", "running", map[string]string{"com.docker.compose.oneoff": "False", LabelOwner: "dead"}),
		leftBehind("rebooted", "exited", oneOff("rebooted")),
		leftBehind("never-started", "created", starter("dead")),
		leftBehind("being-started", "created", starter("alive")),
		leftBehind("detached", "running", starter("dead")),
		leftBehind("kept-and-ended", "exited", starter("dead")),
		leftBehind("same-name-elsewhere", "running", oneOff("rebooted")),
		leftBehind("old-probe", "created", map[string]string{LabelProbe: "db"}),
		young,
	}}
	owners := Owners{Dead: func(owner string, running bool) bool {
		return owner == "dead" || owner == "rebooted" && !running
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
	if got := names(down.Living); got != "alive being-started detached same-name-elsewhere" {
		t.Errorf("down asks for: %s", got)
	}
}

// What a run has left to itself is nobody's: it is not removed, is asked for, and may use anything.
func TestLeftToItself(t *testing.T) {
	labels := map[string]string{"com.docker.compose.oneoff": "True", LabelOwner: "dead", "com.docker.compose.project": "p"}
	db := leftBehind("db", "running", map[string]string{"com.docker.compose.project": "p", "com.docker.compose.service": "db", LabelPolicy: "transient", LabelOwner: "dead"})
	owners := Owners{Dead: func(string, bool) bool { return true }, Left: func(id string) bool { return id == "id-left" }}
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
		Owners: Owners{Self: "me", Dead: func(string, bool) bool { return true }}})
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
