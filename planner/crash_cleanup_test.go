package planner

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

func abandonedContainer(name string, state observed.ContainerState, labels map[string]string) *observed.Container {
	return &observed.Container{ID: "id-" + name, Name: name, State: state, Labels: labels}
}

func TestAbandoned(t *testing.T) {
	oneOff := func(owner string) map[string]string {
		return map[string]string{"com.docker.compose.oneoff": "True", observed.LabelOwner: owner}
	}
	starter := func(owner string) map[string]string {
		return map[string]string{"com.docker.compose.oneoff": "True", observed.LabelStarter: owner}
	}
	now := time.Now()
	ago := func(age time.Duration, c *observed.Container) *observed.Container {
		c.CreatedAt = now.Add(-age)
		return c
	}
	young := abandonedContainer("young-probe", "created", map[string]string{observed.LabelProbe: "db"})
	young.CreatedAt = now.Add(-time.Second)
	snapshot := &observed.Snapshot{TakenAt: now, Containers: []*observed.Container{
		abandonedContainer("dead", "running", oneOff("dead")),
		abandonedContainer("alive", "running", oneOff("alive")),
		abandonedContainer("kept", "exited", map[string]string{"com.docker.compose.oneoff": "True"}),
		abandonedContainer("service", "running", map[string]string{"com.docker.compose.oneoff": "False", observed.LabelOwner: "dead"}),
		ago(2*time.Hour, abandonedContainer("rebooted", "exited", oneOff("rebooted"))),
		abandonedContainer("never-started", "created", starter("dead")),
		abandonedContainer("being-started", "created", starter("alive")),
		abandonedContainer("detached", "running", starter("dead")),
		abandonedContainer("kept-and-ended", "exited", starter("dead")),
		ago(2*time.Hour, abandonedContainer("same-name-elsewhere", "running", oneOff("rebooted"))),
		ago(2*time.Hour, abandonedContainer("halted-elsewhere", "paused", oneOff("rebooted"))),
		ago(time.Minute, abandonedContainer("waiting-elsewhere", "created", oneOff("rebooted"))),
		ago(time.Minute, abandonedContainer("starting-elsewhere", "created", starter("rebooted"))),
		abandonedContainer("of-unknown-age", "created", oneOff("rebooted")),
		abandonedContainer("old-probe", "created", map[string]string{observed.LabelProbe: "db"}),
		young,
		ago(time.Second, abandonedContainer("probe-of-the-dead", "created", map[string]string{observed.LabelProbe: "db", observed.LabelStarter: "dead"})),
		ago(time.Second, abandonedContainer("probe-of-the-living", "created", map[string]string{observed.LabelProbe: "db", observed.LabelStarter: "alive"})),
	}}
	owners := observed.Ownership{IsDead: func(owner string, age time.Duration) bool {
		return owner == "dead" || owner == "rebooted" && age > time.Hour
	}}
	names := func(all []*observed.Container) string {
		var text []string
		for _, c := range all {
			text = append(text, c.Name)
		}
		return strings.Join(text, " ")
	}
	if got := names(owners.FindGarbage(snapshot, nil).Containers); got != "dead rebooted never-started old-probe probe-of-the-dead" {
		t.Errorf("abandoned: %s", got)
	}
	if got := names(observed.Ownership{}.FindGarbage(snapshot, nil).Containers); got != "old-probe" {
		t.Errorf("without a known dead owner, abandoned: %s", got)
	}
	down := PlanTeardown(snapshot, "p", false)
	down.ExcludeAbandoned(owners, now)
	if got := names(down.InUse); got != "alive being-started detached same-name-elsewhere halted-elsewhere waiting-elsewhere starting-elsewhere of-unknown-age" {
		t.Errorf("down asks for: %s", got)
	}
}

// A detached one-off has no owner: down asks about it, no cleanup removes it, and it may use every service.
func TestDetachedOneOff(t *testing.T) {
	labels := map[string]string{"com.docker.compose.oneoff": "True", observed.LabelOwner: "dead", "com.docker.compose.project": "p"}
	db := abandonedContainer("db", "running", map[string]string{"com.docker.compose.project": "p", "com.docker.compose.service": "db", observed.LabelPolicy: "transient", observed.LabelOwner: "dead"})
	owners := observed.Ownership{IsDead: func(string, time.Duration) bool { return true }, IsDetached: func(id string) bool { return id == "id-left" }}
	snapshot := &observed.Snapshot{Containers: owners.ApplyNotes([]*observed.Container{abandonedContainer("left", "running", labels), db})}
	if gone := owners.FindGarbage(snapshot, nil).Containers; len(gone) != 0 {
		t.Errorf("removed: %v", gone)
	}
	down := PlanTeardown(snapshot, "p", false)
	down.ExcludeAbandoned(owners, time.Now())
	if len(down.InUse) != 1 || down.InUse[0].Name != "left" {
		t.Errorf("down asks for %v", down.InUse)
	}
	snapshot.Containers = observed.Ownership{IsDead: owners.IsDead}.ApplyNotes(snapshot.Containers[1:])
	if gone := owners.FindGarbage(snapshot, nil).Containers; len(gone) != 1 {
		t.Errorf("without it, removed: %v", gone)
	}
	if labels[observed.LabelOwner] == "" {
		t.Error("the snapshot is changed")
	}
}

// TestNameOfAbandonedContainer: a one-off with the name of an abandoned container waits for the removal.
func TestNameOfAbandonedContainer(t *testing.T) {
	p := load(t, "services:\n  web: {image: web}\n", "web")
	task := serviceTask("test", "web")
	task.ContainerName, task.RM = "debug", true
	dead := abandonedContainer("debug", "running", map[string]string{"com.docker.compose.oneoff": "True", observed.LabelOwner: "dead"})
	plan := mustBuild(t, Input{Spec: spec(task), Project: p, RemoveOrphans: true, Snapshot: &observed.Snapshot{Containers: []*observed.Container{dead}},
		Ownership: observed.Ownership{Self: "me", IsDead: func(string, time.Duration) bool { return true }}})
	removals := 0
	for _, s := range plan.Steps {
		switch a := s.Action.(type) {
		case *RemoveContainer:
			if removals++; !a.Kill || s.Reason.String() == "" {
				t.Errorf("step %+v", s)
			}
		case *CreateOneOff:
			if !slices.ContainsFunc(s.Needs, func(n Need) bool { return n.Step == "abandoned/debug" }) {
				t.Errorf("the container of the name needs %v", s.Needs)
			}
			made, diags := a.Spec(Facts{}, false, strings.Repeat("0", 64))
			if diags.HasErrors() || made.Labels[observed.LabelOwner] != "me" {
				t.Errorf("labels %v, %v", made.Labels, diags)
			}
		}
	}
	if removals != 1 {
		t.Errorf("%d removals", removals)
	}
}

// TestThingsOfAnotherMachine: an owner with this machine's name may be alive on another machine, while its resources
// are younger than the start of this machine.
func TestThingsOfAnotherMachine(t *testing.T) {
	now := time.Now()
	owners := observed.Ownership{IsDead: func(_ string, age time.Duration) bool { return age > time.Hour }}
	things := func(age time.Duration) *observed.Snapshot {
		made, of := now.Add(-age), private("other")
		of[composeproject.LabelService] = "db"
		c := abandonedContainer("app-00000001-db-1", "created", of)
		c.CreatedAt = made
		return &observed.Snapshot{
			TakenAt: now,
			RunResources: observed.RunResources{
				Containers: []*observed.Container{c},
				Networks:   []observed.Network{{ID: "n1", Name: "app-00000001_default", Labels: of, CreatedAt: made}},
				Volumes:    []observed.Volume{{Name: "app-00000001_data", Labels: of, CreatedAt: made.Format(time.RFC3339)}},
			},
		}
	}
	unknown := things(2 * time.Hour)
	unknown.RunResources.Containers[0].CreatedAt = time.Unix(0, 0)
	unknown.RunResources.Networks[0].CreatedAt = time.Time{}
	unknown.RunResources.Volumes[0].CreatedAt = "yesterday"
	mixed := things(2 * time.Hour)
	mixed.RunResources.Networks[0].CreatedAt = now.Add(-time.Minute)
	for name, c := range map[string]struct {
		seen        *observed.Snapshot
		gone, asked int
	}{
		"younger than the start":  {things(time.Minute), 0, 1},
		"older than the start":    {things(2 * time.Hour), 3, 0},
		"of unknown age":          {unknown, 0, 1},
		"older, but one of these": {mixed, 2, 1},
	} {
		if gone := removalSteps(owners.FindGarbage(c.seen, nil)); len(gone) != c.gone {
			t.Errorf("%s: %d are removed, want %d", name, len(gone), c.gone)
		}
		down := PlanTeardown(c.seen, "app", false)
		if down.ExcludeAbandoned(owners, now); len(down.PrivateProjects) != c.asked {
			t.Errorf("%s: down asks for %v", name, down.PrivateProjects)
		}
	}
}
