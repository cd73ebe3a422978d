package planner

import (
	"slices"
	"testing"
	"time"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

const infra = `
name: infra
services:
  db:
    image: db
    healthcheck: {test: ["CMD", "true"]}
`

// inScope puts a task into another compose project.
func inScope(scope string, t *hclspec.Task) *hclspec.Task {
	t.Scope = scope
	return t
}

// twoProjects are a task of the root project and its dependency in an included project. Both have a service db.
func twoProjects(t *testing.T) Input {
	t.Helper()
	s := spec(
		serviceTask("migrate", "web", onTask("infra:seed"), onTask("lint")),
		inScope("infra:", serviceTask("infra:seed", "db", onService("db", hclspec.Healthy))),
		hostTask("lint"),
	)
	s.Readiness = map[string]*hclspec.Readiness{"infra:db": {Probe: hclspec.TCPProbe, Port: 1}}
	outer := load(t, "services:\n  web: {image: web, depends_on: [db]}\n  db: {image: db}\n", "web")
	inner := load(t, infra, "db")
	in := Input{Spec: s}
	in.SetScopes(map[string]ProjectState{
		"":       {Project: outer, Snapshot: &observed.Snapshot{}},
		"infra:": {Project: inner, Snapshot: &observed.Snapshot{}},
	})
	return in
}

func TestTwoProjects(t *testing.T) {
	in := twoProjects(t)
	plan := mustBuild(t, in)
	for _, id := range []StepID{"container/db", "infra:/container/db", "infra:/image/db", "infra:/network/default", "create/infra:seed"} {
		s := step(t, plan, id)
		want := ""
		if id != "container/db" {
			want = "infra:"
		}
		if s.Scope != want {
			t.Errorf("%s is of scope %q", id, s.Scope)
		}
	}
	comesBefore(t, plan, "infra:/container/db", "infra:/start/db", "infra:/wait/db/service_healthy", "task/infra:seed", "task/migrate")
	if wait := step(t, plan, "infra:/wait/db/service_healthy"); !wait.Action.(*WaitService).Readiness.HasProbe() {
		t.Error("the ready block of the included files does not count")
	}
	if kind, name := step(t, plan, "infra:/start/db").Subject(); kind != "service" || name != "infra:db" {
		t.Errorf("%s %s", kind, name)
	}
	needs := step(t, plan, "create/migrate").Needs
	if slices.ContainsFunc(needs, func(n Need) bool { return n.Step == "infra:/network/default" }) {
		t.Error("a task is in the network of another project")
	}
	if got := plan.ProjectOf(step(t, plan, "infra:/start/db")); got != plan.Scopes["infra:"].Project || plan.Project != "app" {
		t.Errorf("projects %q and %q", got, plan.Project)
	}
}

func TestScopesOf(t *testing.T) {
	in := twoProjects(t)
	if got := ScopesOf(in.Spec); !slices.Equal(got, []string{"", "infra:"}) {
		t.Errorf("%q", got)
	}
	if got := RootServices(SpecOfScope(in.Spec, "infra:")); !slices.Equal(got, []string{"db"}) {
		t.Errorf("roots %q", got)
	}
	host := spec(inScope("infra:", hostTask("lint")))
	if got := ScopesOf(host); len(got) > 0 {
		t.Errorf("host tasks reach no project, but %q", got)
	}
	if plan := mustBuild(t, Input{Spec: host}); len(plan.Steps) != 1 {
		t.Errorf("%s", plan)
	}
}

// Garbage is removed in all scopes, orphans only in the root project.
func TestGarbageOfOtherProjects(t *testing.T) {
	in := twoProjects(t)
	in.RemoveOrphans = true
	in.Ownership = observed.Ownership{IsDead: func(string, time.Duration) bool { return true }}
	for scope, world := range map[string]*observed.Snapshot{"": in.Snapshot, "infra:": in.ByScope["infra:"].Snapshot} {
		world.Containers = []*observed.Container{
			{ID: "1" + scope, Name: "gone", State: "running", Labels: map[string]string{composeproject.LabelService: "gone"}},
			{ID: "2" + scope, Name: scope + "dead", State: "running", Labels: map[string]string{composeproject.LabelOneOff: composeproject.OneOffTrue, observed.LabelOwner: "x"}},
		}
	}
	var removed []StepID
	for _, s := range mustBuild(t, in).Steps {
		if s.Verb == Remove {
			removed = append(removed, s.ID)
		}
	}
	slices.Sort(removed)
	if want := []StepID{"abandoned/dead", "abandoned/infra:dead", "orphan/gone"}; !slices.Equal(removed, want) {
		t.Errorf("removed: %q", removed)
	}
}
