package planner

import (
	"strings"
	"testing"

	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

const restarting = `
services:
  app:
    image: app
    depends_on: {web: {condition: service_healthy}, proxy: {condition: service_started}}
  proxy:
    image: proxy
    depends_on: {web: {condition: service_started, restart: true}}
  web:
    image: web
    healthcheck: {test: [CMD, "true"]}
    depends_on: {db: {condition: service_started, restart: true}, other: {condition: service_started}}
  other: {image: other, depends_on: {db: {condition: service_started}}}
  db: {image: db}
`

// restartPlan plans a task of app after a change of the snapshot.
func restartPlan(t *testing.T, change func(*observed.Snapshot)) *Plan {
	t.Helper()
	p := load(t, restarting, "app")
	o := upToDate(t, p)
	change(o)
	return mustBuild(t, Input{Spec: spec(serviceTask("test", "app")), Project: p, Snapshot: o})
}

func TestRestartWithARecreatedDependency(t *testing.T) {
	plan := restartPlan(t, func(o *observed.Snapshot) { container(t, o, "db").Labels[composeproject.LabelConfigHash] = "x" })
	want := `
reuse     image    app             present
reuse     network  app_default     it exists
create    one-off  test            a fresh container for each run
reuse     image    proxy           present
reuse     service  proxy           its configuration and image are unchanged
reuse     image    web             present
reuse     service  web             its configuration and image are unchanged
reuse     image    db              present
stop      service  proxy           service db is recreated, which it depends on with restart: true
stop      service  web             service db is recreated, which it depends on with restart: true
recreate  service  db              its configuration has changed
start     service  db              for service web
reuse     image    other           present
reuse     service  other           its configuration and image are unchanged
reuse     service  other           it runs already
start     service  web             it was stopped because service db is recreated
start     service  proxy           it was stopped because service db is recreated
wait      service  web             until it is healthy again
run       task     test            requested (after service proxy, service web)
`
	compareText(t, want, plan)
}

func TestRestartWithADependencyThatIsStartedAgain(t *testing.T) {
	plan := restartPlan(t, func(o *observed.Snapshot) { container(t, o, "db").State = "exited" })
	for id, want := range map[StepID]string{
		"stop/web":  "service db is started again, which it depends on with restart: true",
		"start/web": "it was stopped because service db is started again",
		"start/db":  "for service web",
	} {
		if got := step(t, plan, id); got.Reason.String() != want || got.Verb == Reuse {
			t.Errorf("%s: %s, %q; want %q", id, got.Verb, got.Reason.String(), want)
		}
	}
	comesBefore(t, plan, "stop/proxy", "stop/web", "container/db", "start/db", "start/web", "start/proxy")
}

// comesBefore checks that each step needs the step before.
func comesBefore(t *testing.T, plan *Plan, ids ...StepID) {
	t.Helper()
	b := &stepSet{byID: map[StepID]*Step{}}
	for _, s := range plan.Steps {
		b.byID[s.ID] = s
	}
	for i := 1; i < len(ids); i++ {
		if !b.withDependencies(step(t, plan, ids[i]).ID)[ids[i-1]] {
			t.Errorf("%s does not wait for %s", ids[i], ids[i-1])
		}
	}
}

// Only the run knows whether a pulled image differs.
func TestRestartThatOnlyTheRunCanDecide(t *testing.T) {
	plan := restartPlan(t, func(o *observed.Snapshot) { delete(o.Images, "db") })
	stop := step(t, plan, "stop/web")
	if want := "only if service db is recreated, which it depends on with restart: true"; stop.Reason.String() != want {
		t.Errorf("reason %q, want %q", stop.Reason.String(), want)
	}
	if start := step(t, plan, "start/web"); start.Verb != Reuse || !strings.Contains(start.Reason.String(), "started again if service db is recreated") {
		t.Errorf("start: %s, %s", start.Verb, start.Reason.String())
	}
	if wait := step(t, plan, "wait/web/service_healthy"); wait.Verb != Reuse {
		t.Errorf("wait: %s, %s", wait.Verb, wait.Reason.String())
	}
	comesBefore(t, plan, "image/db", "stop/web", "container/db")
	for image, want := range map[string]string{"sha256:db": "", "sha256:new": "service db is recreated"} {
		facts := Facts{Images: map[string]string{"db": image}, Networks: map[string]string{"default": "id-default"}}
		if got := stop.Action.(*StopService).StopReason(facts); got != want {
			t.Errorf("image %s: %q, want %q", image, got, want)
		}
	}
}

func TestNothingIsRestartedWithoutReason(t *testing.T) {
	for name, change := range map[string]func(*observed.Snapshot){
		"nothing has changed":    func(*observed.Snapshot) {},
		"not with restart: true": func(o *observed.Snapshot) { container(t, o, "other").Labels[composeproject.LabelConfigHash] = "x" },
		"the dependent is stopped": func(o *observed.Snapshot) {
			container(t, o, "web").State = "exited"
			container(t, o, "proxy").State = "exited"
			container(t, o, "db").State = "exited"
		},
		"the dependency is new": func(o *observed.Snapshot) { container(t, o, "db").Labels[composeproject.LabelService] = "gone" },
		"it was never started":  func(o *observed.Snapshot) { container(t, o, "db").State = "created" },
	} {
		t.Run(name, func(t *testing.T) {
			for _, s := range restartPlan(t, change).Steps {
				if _, stops := s.Action.(*StopService); stops {
					t.Errorf("%s: %s", s.ID, s.Reason.String())
				}
			}
		})
	}
}

// A container in the network namespace of a recreated container is also recreated, and needs no restart.
func TestRecreatedDependentIsNotRestarted(t *testing.T) {
	p := load(t, shared, "side")
	o := upToDate(t, p)
	container(t, o, "db").Labels[composeproject.LabelConfigHash] = "x"
	plan := mustBuild(t, Input{Spec: spec(serviceTask("test", "side", onService("side", "service_started"))), Project: p, Snapshot: o})
	if got := step(t, plan, "container/side"); got.Verb != Recreate {
		t.Errorf("%s, %s", got.Verb, got.Reason.String())
	}
	for _, s := range plan.Steps {
		if s.Verb == Stop {
			t.Errorf("%s: %s", s.ID, s.Reason.String())
		}
	}
}

// A container in the network namespace of a restarted container is not recreated, and would lose the network.
func TestSharerOfARestartedNetworkIsRestarted(t *testing.T) {
	p := load(t, shared, "side")
	o := upToDate(t, p)
	container(t, o, "db").State = "exited"
	plan := mustBuild(t, Input{Spec: spec(serviceTask("test", "side", onService("side", "service_started"))), Project: p, Snapshot: o})
	if got := step(t, plan, "stop/side"); got.Verb != Stop {
		t.Errorf("%s, %s", got.Verb, got.Reason.String())
	}
	comesBefore(t, plan, "stop/side", "start/db", "start/side")
}
