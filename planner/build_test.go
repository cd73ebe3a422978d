package planner

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/planner/observed"
)

const chain = `
services:
  web:
    image: web
    depends_on:
      db: {condition: service_healthy}
      setup: {condition: service_completed_successfully}
      cache: {condition: service_started, required: false}
  db:
    image: db
    volumes: ["data:/var/lib/db"]
    healthcheck: {test: ["CMD", "true"]}
  setup:
    image: setup
  cache:
    image: cache
volumes:
  data: {}
`

func TestBuildEverythingMissing(t *testing.T) {
	p := load(t, chain, "web")
	plan := mustBuild(t, Input{Spec: spec(serviceTask("migrate", "web", onTask("lint")), hostTask("lint")), Project: p, Snapshot: &observed.Snapshot{}})
	want := `
run     task     lint              for task migrate
pull    image    web               not present locally; unless task lint makes it before (after task lint)
create  network  app_default       does not exist
create  one-off  migrate           a fresh container for each run
pull    image    cache             not present locally; unless task lint makes it before (after task lint)
create  service  cache             it has no container yet
start   service  cache             for task migrate
pull    image    db                not present locally; unless task lint makes it before (after task lint)
create  volume   app_data          does not exist
create  service  db                it has no container yet
start   service  db                for task migrate
wait    service  db                until it is healthy, for task migrate
pull    image    setup             not present locally; unless task lint makes it before (after task lint)
create  service  setup             it has no container yet
start   service  setup             for task migrate
wait    service  setup             until it has completed successfully, for task migrate
run     task     migrate           requested (after task lint, service cache, service db, service setup)
`
	compareText(t, want, plan)
	if plan.Project != "app" || len(plan.Targets) != 1 || plan.Targets[0] != "task/migrate" {
		t.Errorf("project %q, wanted %q", plan.Project, plan.Targets)
	}
	for _, n := range step(t, plan, "task/migrate").Needs {
		if optional := n.Step == "start/cache"; n.Optional != optional {
			t.Errorf("need %s: optional %t", n.Step, n.Optional)
		}
	}
}

// compareText compares the text of a plan without column widths.
func compareText(t *testing.T, want string, plan *Plan) {
	t.Helper()
	squeeze := func(s string) []string {
		var lines []string
		for line := range strings.Lines(strings.TrimSpace(s)) {
			lines = append(lines, strings.Join(strings.Fields(line), " "))
		}
		return lines
	}
	if diff := cmp.Diff(squeeze(want), squeeze(plan.String())); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
}

func TestBuildEverythingThere(t *testing.T) {
	p := load(t, chain, "web")
	o := upToDate(t, p)
	setup := container(t, o, "setup")
	setup.State, setup.ExitCode = "exited", 0
	plan := mustBuild(t, Input{Spec: spec(serviceTask("migrate", "web")), Project: p, Snapshot: o})
	for _, s := range plan.Steps {
		switch s.ID {
		case "create/migrate", "task/migrate":
			continue
		}
		if s.Verb != Reuse {
			t.Errorf("%s: %s, %s; want reuse", s.ID, s.Verb, s.Reason.String())
		}
	}
	if !step(t, plan, "start/setup").Action.(*StartService).HasCompleted {
		t.Error("a completed service would run again")
	}
}

func TestBuildIsPure(t *testing.T) {
	p := load(t, chain, "web")
	in := Input{Spec: spec(serviceTask("migrate", "web")), Project: p, Snapshot: upToDate(t, p)}
	first := mustBuild(t, in).String()
	for range 20 {
		if again := mustBuild(t, in).String(); again != first {
			t.Fatalf("another plan for the same input:\n%s\n%s", first, again)
		}
	}
}

func TestConditions(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*observed.Container)
		step   StepID
		verb   Verb
	}{
		"stopped":               {func(c *observed.Container) { c.State, c.Health = "exited", "" }, "start/db", Start},
		"stopped is waited for": {func(c *observed.Container) { c.State, c.Health = "exited", "" }, "wait/db/service_healthy", Wait},
		"paused":                {func(c *observed.Container) { c.State = "paused" }, "start/db", Unpause},
		"starting":              {func(c *observed.Container) { c.Health = "starting" }, "wait/db/service_healthy", Wait},
		"starting runs":         {func(c *observed.Container) { c.Health = "starting" }, "start/db", Reuse},
		"dead":                  {func(c *observed.Container) { c.State = "dead" }, "container/db", Recreate},
	} {
		t.Run(name, func(t *testing.T) {
			p := load(t, chain, "web")
			o := upToDate(t, p)
			test.change(container(t, o, "db"))
			plan := mustBuild(t, Input{Spec: spec(serviceTask("migrate", "web")), Project: p, Snapshot: o})
			if got := step(t, plan, test.step); got.Verb != test.verb {
				t.Errorf("%s: %s, %s; want %s", got.ID, got.Verb, got.Reason.String(), test.verb)
			}
		})
	}
}

func TestNoDeps(t *testing.T) {
	p := load(t, chain, "web")
	task := serviceTask("migrate", "web", onTask("lint"), onService("db", hclspec.Healthy))
	task.NoDeps = true
	plan := mustBuild(t, Input{Spec: spec(task, hostTask("lint")), Project: p, Snapshot: &observed.Snapshot{}})
	for _, s := range plan.Steps {
		if kind, name := s.Subject(); kind == "service" {
			t.Errorf("no_deps brings up service %s", name)
		}
	}
	step(t, plan, "task/lint") // tasks still run
}

func TestOwnServiceBesideOneOff(t *testing.T) {
	p := load(t, "services: {web: {image: web}}", "web")
	plan := mustBuild(t, Input{Spec: spec(serviceTask("smoke", "web", onService("web", hclspec.Started))), Project: p, Snapshot: &observed.Snapshot{}})
	step(t, plan, "start/web")
	step(t, plan, "create/smoke")
}

func TestBuildWaitsForDependencyTasks(t *testing.T) {
	p := load(t, "services: {web: {build: .}, db: {image: db}}", "web", "db")
	in := Input{Spec: spec(
		serviceTask("test", "web", onTask("compile"), onTask("migrate")),
		hostTask("compile"),
		serviceTask("migrate", "web"),
	), Project: p, Snapshot: &observed.Snapshot{}}
	image := step(t, mustBuild(t, in), "image/app-web")
	if image.Verb != BuildImage {
		t.Fatalf("verb %s", image.Verb)
	}
	if len(image.Needs) != 1 || image.Needs[0].Step != "task/compile" {
		t.Errorf("needs %v; want task/compile alone: migrate needs the image itself", image.Needs)
	}
}

func TestReplicas(t *testing.T) {
	p := load(t, "services: {web: {image: web, depends_on: [worker]}, worker: {image: worker, deploy: {replicas: 3}}, off: {image: off, scale: 0}}", "web", "off")
	plan := mustBuild(t, Input{Spec: spec(serviceTask("test", "web", onService("off", hclspec.Ready))), Project: p, Snapshot: &observed.Snapshot{}})
	for _, id := range []StepID{"start/worker", "start/worker#2", "start/worker#3"} {
		step(t, plan, id)
	}
	if strings.Contains(plan.String(), " off ") {
		t.Errorf("a service of scale 0 is brought up:\n%s", plan)
	}
}

func TestCycleIsNamed(t *testing.T) {
	at := func(line int) hcl.Range {
		return hcl.Range{Filename: "Tasks.hcl", Start: hcl.Pos{Line: line, Column: 1}, End: hcl.Pos{Line: line, Column: 9}}
	}
	a, b, c := hostTask("a", onTask("b")), hostTask("b", onTask("c")), hostTask("c", onTask("b"))
	a.DeclRange, b.DeclRange, c.DeclRange = at(1), at(5), at(9)
	_, diags := Build(Input{Spec: spec(a, b, c)})
	if len(diags) != 1 || diags[0].Subject == nil || diags[0].Subject.Start.Line != 5 {
		t.Fatalf("diagnostics %v", diags)
	}
	if want := "task/b (Tasks.hcl:5,1-9) → task/c (Tasks.hcl:9,1-9) → task/b (Tasks.hcl:5,1-9)"; !strings.Contains(diags[0].Detail, want) {
		t.Errorf("detail %q; want %q in it", diags[0].Detail, want)
	}
}

func TestHostTaskNeedsNoProject(t *testing.T) {
	s := spec(hostTask("lint", onTask("gen")), hostTask("gen"))
	if NeedsEngine(s) {
		t.Error("host tasks need no engine")
	}
	plan := mustBuild(t, Input{Spec: s, ProjectDir: "/src"})
	if got := plan.Steps[0].Action.(*RunHost).ProjectDir; got != "/src" {
		t.Errorf("directory %q", got)
	}
}
