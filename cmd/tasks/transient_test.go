package main

import (
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/moby/moby/client"

	"tasks/planner"
)

// passing is a project whose services the tests start in all ways.
const passing = `
services:
  db:
    image: "@image"
    command: ["signals"]
    volumes: ["data:/data", "/anonymous"]
  web:
    image: "@image"
    command: ["signals"]
    depends_on: [db]
volumes:
  data: {}
`

const passingTasks = `
task "test" {
  service           = "web"
  command           = ["echo", "tested"]
  dependency_policy = "transient"
}
task "long" {
  service           = "web"
  command           = ["sh", "-c", "echo begun; sleep 600"]
  dependency_policy = "transient"
}
task "host" {
  command           = ["sh", "-c", "echo begun; sleep 600"]
  depends_on        = [service.web]
  dependency_policy = "transient"
}
task "reusing" {
  service = "web"
  command = ["sh", "-c", "echo begun; sleep 600"]
}
task "quick" {
  service = "web"
  command = ["true"]
}
task "both" {
  depends_on = [task.test, task.quick]
}
`

// there tells what the project has just now: services' containers, one-offs and networks, by name.
func (a *testApp) there() string {
	a.t.Helper()
	var names []string
	for _, c := range a.containers() {
		names = append(names, strings.TrimPrefix(c.Name, "/"+a.project+"-")+" "+string(c.State.Status))
	}
	for _, n := range a.networks() {
		names = append(names, "network "+strings.TrimPrefix(n, a.project+"_"))
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// left fails the test unless just this is there of the project.
func (a *testApp) left(rest string) {
	a.t.Helper()
	want(a.t, "what is there", a.there(), rest)
}

// interrupted ends a run that is under way as Ctrl-C does.
func (p *process) interrupted() {
	p.t.Helper()
	p.signal(syscall.SIGINT)
	p.wait()
}

func TestTransientLeavesNothing(t *testing.T) {
	t.Parallel()
	a := newApp(t, passing, passingTasks)
	want(t, "output", a.ok("run", "test"), "tested\n")
	a.left("")
	if _, err := a.engine.VolumeInspect(t.Context(), a.project+"_data", client.VolumeInspectOptions{}); err != nil {
		t.Errorf("the named volume did not stay: %v", err)
	}
}

func TestTransientUsesWhatRuns(t *testing.T) {
	t.Parallel()
	a := newApp(t, passing, passingTasks)
	a.ok("run", "quick")
	before := a.service("db").ID
	a.ok("run", "test")
	a.left("db-1 running, network default")
	want(t, "the container", a.service("db").ID, before)
}

func TestTransientStopsWhatWasDown(t *testing.T) {
	t.Parallel()
	a := newApp(t, passing, passingTasks)
	a.ok("run", "quick")
	if _, err := a.engine.ContainerStop(t.Context(), a.service("db").ID, client.ContainerStopOptions{}); err != nil {
		t.Fatal(err)
	}
	first := a.start("run", "long")
	first.saw("begun")
	second := a.start("run", "reusing")
	second.saw("begun")
	first.interrupted()
	want(t, "the state while another run uses it", string(a.service("db").State.Status), "running")
	second.interrupted()
	a.left("db-1 exited, network default")
}

// TestLastOfTwoRemoves: whoever of two ends last, or is killed, and whatever the policy of the other, one in use stays.
func TestLastOfTwoRemoves(t *testing.T) {
	t.Parallel()
	for _, second := range []string{"long", "host", "reusing"} {
		t.Run(second, func(t *testing.T) {
			t.Parallel()
			a := newApp(t, passing, passingTasks)
			p := a.start("run", "long")
			p.saw("begun")
			q := a.start("run", second)
			q.saw("begun")
			before := a.service("db").ID
			p.interrupted()
			want(t, "the database of the other", a.service("db").ID, before)
			want(t, "its state", string(a.service("db").State.Status), "running")
			q.interrupted()
			a.left("")
		})
	}
}

func TestTransientOfOneKeptByAnother(t *testing.T) {
	t.Parallel()
	a := newApp(t, passing, passingTasks)
	a.ok("run", "both")
	a.left("db-1 running, network default")
	want(t, "policy of what a reusing task needs too", a.service("db").Config.Labels[planner.LabelPolicy], "")
}

// TestInterruptedTransient: before the command has begun.
func TestInterruptedTransient(t *testing.T) {
	t.Parallel()
	a := newApp(t, passing+"  slow: {}\n", strings.Replace(passingTasks, `task "both"`, `
service "web" {
  ready {
    tcp     = 9999
    timeout = "30s"
  }
}
task "waits" {
  command           = ["true"]
  depends_on        = [service.web.healthy]
  dependency_policy = "transient"
}
task "both"`, 1))
	p := a.start("run", "waits")
	eventually(t, "the service", func() bool { return len(a.services("web")) == 1 && a.services("web")[0].State.Running }, func() string { return p.stderr.String() })
	p.interrupted()
	a.left("")
}

// TestRefusedRunLeavesNothing: the run that made it has ended while this one was asking, and was not the last.
func TestRefusedRunLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{"no": "n\n", "Ctrl-C": ctrlC} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newApp(t, passing, passingTasks+`
task "asks" {
  service = "web"
  command = ["true"]
  confirm = "Really?"
}
`)
			// One looks before there is anything, the other one after.
			early := a.atTerminal(unredirected, "run", "asks")
			early.saw("Really?")
			p := a.start("run", "long")
			p.saw("begun")
			late := a.atTerminal(unredirected, "run", "asks")
			late.saw("Really?")
			p.interrupted()
			want(t, "the state while two others may use it", string(a.service("db").State.Status), "running")
			late.keys(answer)
			late.wait()
			want(t, "the state while another may use it", string(a.service("db").State.Status), "running")
			early.keys(answer)
			early.wait()
			a.left("")
		})
	}
}

// TestUpToDateRunKeepsNothing: what it needs nothing of goes with the last run that does.
func TestUpToDateRunKeepsNothing(t *testing.T) {
	t.Parallel()
	a := newApp(t, passing, passingTasks+`
task "checked" {
  service           = "web"
  command           = ["true"]
  no_deps           = true
  inputs            = ["compose.yaml"]
  dependency_policy = "transient"
}
task "pause" {
  script = "echo pausing; sleep 600"
}
`)
	a.ok("run", "checked")
	p := a.start("run", "long")
	p.saw("begun")
	q := a.start("run", "--if-changed", "checked", ":::", "pause")
	q.saw("pausing")
	p.interrupted()
	eventually(t, "the removal of all", func() bool { return a.there() == "" })
	q.interrupted()
}

// TestRunBesideWhatItHasNoUseFor: the run that made it has ended while this one was asking about something else.
func TestRunBesideWhatItHasNoUseFor(t *testing.T) {
	t.Parallel()
	a := newApp(t, passing, passingTasks+`
task "checked" {
  service           = "web"
  command           = ["true"]
  no_deps           = true
  inputs            = ["compose.yaml"]
  dependency_policy = "transient"
}
task "pause" {
  script  = "echo pausing; sleep 600"
  confirm = "Really?"
}
`)
	a.ok("run", "checked")
	p := a.start("run", "long")
	p.saw("begun")
	q := a.atTerminal(unredirected, "run", "--if-changed", "checked", ":::", "pause")
	q.saw("Really?")
	p.interrupted()
	want(t, "the state while another may use it", string(a.service("db").State.Status), "running")
	q.keys("y\n")
	q.saw("pausing")
	eventually(t, "the removal of all", func() bool { return a.there() == "" })
	q.keys(ctrlC)
	q.wait()
}
