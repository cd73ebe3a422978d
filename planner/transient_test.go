package planner

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

const transientYAML = `
services:
  db: {image: db, volumes: ["data:/data"]}
  cache: {image: cache}
  web: {image: web, depends_on: [db, cache]}
volumes: {data: {}}
`

func transientTask(name, service string, depends ...hclspec.Dependency) *hclspec.Task {
	t := serviceTask(name, service, depends...)
	t.Policy = hclspec.PolicyTransient
	return t
}

// madeLabels returns the labels of a service container in a plan, for an existing container.
func madeLabels(t *testing.T, p *Plan, service string, existing *observed.Container) map[string]string {
	t.Helper()
	return step(t, p, StepID("container/"+service)).Action.(*Container).Decide(existing, Facts{}).Spec.Labels
}

// TestTransientLabels: only resources of the run get the labels, and the labels enter no config hash.
func TestTransientLabels(t *testing.T) {
	p := load(t, transientYAML, "web", "cache")
	owners := observed.Ownership{Self: "me"}
	reused := mustBuild(t, Input{Spec: spec(serviceTask("test", "web")), Project: p, Snapshot: &observed.Snapshot{}, Ownership: owners})
	plan := mustBuild(t, Input{Spec: spec(transientTask("test", "web")), Project: p, Snapshot: &observed.Snapshot{}, Ownership: owners})
	for _, service := range []string{"db", "cache"} {
		plain, made := madeLabels(t, reused, service, nil), madeLabels(t, plan, service, nil)
		if !observed.IsTransient(made) || made[observed.LabelOwner] != "me" || observed.IsTransient(plain) || plain[observed.LabelOwner] != "" {
			t.Errorf("%s: made with %v, else with %v", service, made, plain)
		}
		for _, key := range []string{composeproject.LabelConfigHash, composeproject.LabelProject, composeproject.LabelService} {
			if made[key] == "" || made[key] != plain[key] {
				t.Errorf("%s: %s is %q, else %q", service, key, made[key], plain[key])
			}
		}
	}
	network := step(t, plan, "network/default").Action.(*Network)
	if !observed.IsTransient(network.Labels) || network.Labels[composeproject.LabelConfigHash] != step(t, reused, "network/default").Action.(*Network).Labels[composeproject.LabelConfigHash] {
		t.Errorf("network: %v", network.Labels)
	}
	if volume := step(t, plan, "volume/data").Action.(*Volume); observed.IsTransient(volume.Labels) {
		t.Errorf("volume: %v", volume.Labels)
	}
	if !plan.Scopes[""].HasTransient || reused.Scopes[""].HasTransient {
		t.Errorf("scopes %+v, else %+v", plan.Scopes, reused.Scopes)
	}
	if text := plan.String(); strings.Count(text, "; removed after the last run that uses it") != 3 {
		t.Errorf("the plan does not name the transient resources:\n%s", text)
	}
}

// TestTransientMeetsWhatIsThere: a permanent resource stays permanent, also after a recreate.
func TestTransientMeetsWhatIsThere(t *testing.T) {
	p := load(t, transientYAML, "web", "cache")
	snapshot := upToDate(t, p)
	stale, down, gone := container(t, snapshot, "db"), container(t, snapshot, "cache"), container(t, snapshot, "web")
	stale.Labels[composeproject.LabelConfigHash] = "stale"
	down.State, gone.State = "exited", "exited"
	snapshot.Containers = slices.DeleteFunc(snapshot.Containers, func(c *observed.Container) bool { return c == gone })
	plan := mustBuild(t, Input{Spec: spec(transientTask("test", "web")), Project: p, Snapshot: snapshot, Ownership: observed.Ownership{Self: "me"}})
	if labels := madeLabels(t, plan, "db", stale); observed.IsTransient(labels) || len(labels) == 0 {
		t.Errorf("what takes the place of a container that was there: %v", labels)
	}
	if start := step(t, plan, "start/cache").Action.(*StartService); !start.StopAfterUse {
		t.Error("what was down is not stopped again")
	}
	if start := step(t, plan, "start/db").Action.(*StartService); start.StopAfterUse {
		t.Error("what ran is stopped")
	}
	ours := upToDate(t, p)
	mine := container(t, ours, "db")
	mine.Labels[composeproject.LabelConfigHash], mine.Labels[observed.LabelPolicy] = "stale", "transient"
	plan = mustBuild(t, Input{Spec: spec(transientTask("test", "web")), Project: p, Snapshot: ours, Ownership: observed.Ownership{Self: "me"}})
	if labels := madeLabels(t, plan, "db", mine); !observed.IsTransient(labels) {
		t.Errorf("what takes the place of a transient container: %v", labels)
	}
}

// TestTransientAndReusing: a service also needed by a task under the reuse policy stays.
func TestTransientAndReusing(t *testing.T) {
	p := load(t, transientYAML, "web", "cache")
	reusing := hostTask("other", onService("cache", hclspec.Started))
	plan := mustBuild(t, Input{Spec: spec(transientTask("test", "web", onTask("other")), reusing), Project: p, Snapshot: &observed.Snapshot{}})
	for service, goes := range map[string]bool{"db": true, "cache": false} {
		if observed.IsTransient(madeLabels(t, plan, service, nil)) != goes {
			t.Errorf("%s is transient: %t", service, !goes)
		}
	}
	if observed.IsTransient(step(t, plan, "network/default").Action.(*Network).Labels) {
		t.Error("the network of a permanent service is transient")
	}
}

// made is a container of a transient run, with dependencies of the service.
func made(service string, state observed.ContainerState, owner string, dependsOn ...string) *observed.Container {
	return &observed.Container{ID: "id-" + service, Name: "app-" + service + "-1", State: state, Labels: map[string]string{
		composeproject.LabelProject: "app", composeproject.LabelService: service, observed.LabelPolicy: "transient", observed.LabelOwner: owner,
		composeproject.LabelOneOff: "False", composeproject.LabelDependsOn: strings.Join(dependsOn, ","),
	}}
}

func runningOneOff(service, owner string) *observed.Container {
	c := made(service, "running", owner, service+"-dependency")
	c.Labels[composeproject.LabelOneOff] = "True"
	if delete(c.Labels, observed.LabelPolicy); owner == "" {
		delete(c.Labels, observed.LabelOwner)
	}
	return c
}

func TestUnneeded(t *testing.T) {
	db, web := made("db", "running", "x"), made("web", "running", "x", "db:service_started:false")
	others := made("proxy", "running", "", "web:service_started:false")
	ended := made("proxy", "exited", "", "web:service_started:false")
	foreign := made("proxy", "running", "", "web:service_started:false")
	foreign.Labels[composeproject.LabelProject] = "other"
	mine := func(c *observed.Container) bool { return c == db || c == web }
	for name, test := range map[string]struct {
		more *observed.Container
		want int
	}{
		"no other user":                         {made("cache", "running", "x"), 2},
		"one that runs and depends on them":     {others, 0},
		"one that has ended":                    {ended, 2},
		"one of another project":                {foreign, 2},
		"a one-off without an owner":            {runningOneOff("any", ""), 0},
		"a one-off of a run, which has a lease": {runningOneOff("any", "living"), 2},
	} {
		if got := observed.Unneeded([]*observed.Container{db, web, test.more}, mine); len(got) != test.want {
			t.Errorf("%s: %d may go, want %d", name, len(got), test.want)
		}
	}
}

// private returns the labels of a resource in a private project.
func private(owner string) map[string]string {
	return map[string]string{observed.LabelOriginal: "app", observed.LabelOwner: owner, observed.LabelPolicy: "ephemeral", composeproject.LabelProject: "app-00000001"}
}

func privateReplica(owner string) map[string]string {
	labels := private(owner)
	labels[composeproject.LabelService] = "db"
	return labels
}

// A snapshot shows networks and volumes of others with names of the project. They are no garbage of the project.
func TestGarbageOfOthersWithANameOfTheProject(t *testing.T) {
	labels := map[string]string{
		composeproject.LabelProject: "other", composeproject.LabelNetwork: "x",
		observed.LabelPolicy: "transient", observed.LabelOwner: "dead",
	}
	snapshot := &observed.Snapshot{
		TakenAt:  time.Now(),
		Networks: []observed.Network{{ID: "n1", Name: "app_default", Labels: labels}, {ID: "n2", Name: "app_default", Labels: labels}},
		Volumes:  []observed.Volume{{Name: "app_data", Labels: map[string]string{observed.LabelOriginal: "other", observed.LabelOwner: "dead"}}},
	}
	plan := PlanCrashCleanup(snapshot, "app", observed.Ownership{IsDead: func(string, time.Duration) bool { return true }})
	if len(plan.Steps) > 0 {
		t.Errorf("removed:\n%s", plan)
	}
}

func TestGarbage(t *testing.T) {
	inUse := observed.Network{ID: "n2", Name: "app_used", Labels: map[string]string{observed.LabelPolicy: "transient", observed.LabelOwner: "dead", composeproject.LabelProject: "app"}}
	stays := made("stays", "running", "alive")
	stays.Networks = map[string]string{"app_used": "n2"}
	snapshot := &observed.Snapshot{
		TakenAt:    time.Now(),
		Containers: []*observed.Container{made("db", "running", "dead"), made("web", "running", "dead", "db"), made("kept", "running", "dead"), stays},
		Networks:   []observed.Network{{ID: "n1", Name: "app_default", Labels: inUse.Labels}, inUse, {ID: "n3", Name: "app_other"}},
		Volumes:    []observed.Volume{{Name: "app_data"}},
		RunResources: observed.RunResources{
			Containers: []*observed.Container{{ID: "p1", Name: "app-00000001-db-1", State: "running", Labels: privateReplica("dead")}, {ID: "p2", Name: "app-00000002-db-1", State: "running", Labels: privateReplica("alive")}},
			Networks:   []observed.Network{{ID: "n4", Name: "app-00000001_default", Labels: private("dead")}, {ID: "n5", Name: "app-00000002_default", Labels: private("alive")}},
			Volumes:    []observed.Volume{{Name: "app-00000001_data", Labels: private("dead")}, {Name: "app-00000002_data", Labels: private("alive")}},
		},
	}
	plan := PlanCrashCleanup(snapshot, "app", observed.Ownership{IsDead: func(owner string, _ time.Duration) bool { return owner == "dead" }})
	var names []string
	for _, s := range plan.Steps {
		kind, name := s.Subject()
		names = append(names, kind+" "+name)
		if s.Verb != Remove || s.Reason.String() == "" {
			t.Errorf("step %+v", s)
		}
	}
	want := []string{"container app-00000001-db-1", "container app-db-1", "container app-kept-1", "container app-web-1", "network app-00000001_default", "network app_default", "volume app-00000001_data"}
	if slices.Sort(names); !slices.Equal(names, want) {
		t.Errorf("removed: %q", names)
	}
	db := step(t, plan, "abandoned/app-db-1")
	if len(db.Needs) != 1 || db.Needs[0].Step != "abandoned/app-web-1" || db.Action.(*RemoveContainer).Lease != "app/service/db" || db.Action.(*RemoveContainer).Kill {
		t.Errorf("the database: %+v, %+v", db, db.Action)
	}
	used := observed.Ownership{IsDead: func(owner string, _ time.Duration) bool { return owner == "dead" }}.FindGarbage(snapshot, []string{"app/service/db", "network/app_default"})
	for _, c := range used.Containers {
		if c.Name == "app-db-1" {
			t.Error("what the plan uses is removed")
		}
	}
	if len(used.Networks) != 1 {
		t.Errorf("networks: %v", used.Networks)
	}
}

// TestTeardownOfSharedResources: down asks about the resources of live runs, not about garbage.
func TestTeardownOfSharedResources(t *testing.T) {
	snapshot := &observed.Snapshot{
		Containers: []*observed.Container{made("db", "running", "dead"), made("web", "running", "alive")},
		RunResources: observed.RunResources{
			Networks: []observed.Network{{ID: "n4", Name: "app-00000001_default", Labels: private("dead")}},
			Volumes:  []observed.Volume{{Name: "app-00000002_data", Labels: private("alive")}},
		},
	}
	down := PlanTeardown(snapshot, "app", false)
	down.ExcludeAbandoned(observed.Ownership{IsDead: func(owner string, _ time.Duration) bool { return owner == "dead" }}, time.Now())
	if len(down.Networks) != 1 || len(down.Volumes) != 1 {
		t.Errorf("of private projects: %+v", down)
	}
	if len(down.InUse) != 1 || down.InUse[0].Name != "app-web-1" || len(down.PrivateProjects) != 1 || down.PrivateProjects[0].Owner != "alive" {
		t.Errorf("asked for: %+v", down)
	}
}
