//go:build unix

package main

import (
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/moby/moby/client"

	"tasks/planner/observed"
)

// transientCompose is a project whose services the tests start in all ways.
const transientCompose = `
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

const transientTasks = `
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

// resourceNames tells what the project has just now: services' containers, one-offs and networks, by name.
func (a *testApp) resourceNames() string {
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
func (a *testApp) expectResources(rest string) {
	a.t.Helper()
	expectEqual(a.t, "what is there", a.resourceNames(), rest)
}

// interrupt ends a run that is under way as Ctrl-C does.
func (p *process) interrupt() {
	p.t.Helper()
	p.signal(syscall.SIGINT)
	p.wait()
}

func TestTransientLeavesNothing(t *testing.T) {
	t.Parallel()
	a := newApp(t, transientCompose, transientTasks)
	expectEqual(t, "output", a.ok("run", "test"), "tested\n")
	a.expectResources("")
	if _, err := a.engine.VolumeInspect(t.Context(), a.project+"_data", client.VolumeInspectOptions{}); err != nil {
		t.Errorf("the named volume did not stay: %v", err)
	}
}

func TestTransientUsesRunning(t *testing.T) {
	t.Parallel()
	a := newApp(t, transientCompose, transientTasks)
	a.ok("run", "quick")
	before := a.service("db").ID
	a.ok("run", "test")
	a.expectResources("db-1 running, network default")
	expectEqual(t, "the container", a.service("db").ID, before)
}

func TestTransientRestoresStopped(t *testing.T) {
	t.Parallel()
	a := newApp(t, transientCompose, transientTasks)
	a.ok("run", "quick")
	if _, err := a.engine.ContainerStop(t.Context(), a.service("db").ID, client.ContainerStopOptions{}); err != nil {
		t.Fatal(err)
	}
	first := a.start("run", "long")
	first.waitOutput("begun")
	second := a.start("run", "reusing")
	second.waitOutput("begun")
	first.interrupt()
	expectEqual(t, "the state while another run uses it", string(a.service("db").State.Status), "running")
	second.interrupt()
	a.expectResources("db-1 exited, network default")
}

// TestLastOfTwoRemoves: whoever of two ends last, or is killed, and whatever the policy of the other, one in use stays.
func TestLastOfTwoRemoves(t *testing.T) {
	t.Parallel()
	for _, second := range []string{"long", "host", "reusing"} {
		t.Run(second, func(t *testing.T) {
			t.Parallel()
			a := newApp(t, transientCompose, transientTasks)
			p := a.start("run", "long")
			p.waitOutput("begun")
			q := a.start("run", second)
			q.waitOutput("begun")
			before := a.service("db").ID
			p.interrupt()
			expectEqual(t, "the database of the other", a.service("db").ID, before)
			expectEqual(t, "its state", string(a.service("db").State.Status), "running")
			q.interrupt()
			a.expectResources("")
		})
	}
}

func TestTransientOfOneKeptByAnother(t *testing.T) {
	t.Parallel()
	a := newApp(t, transientCompose, transientTasks)
	a.ok("run", "both")
	a.expectResources("db-1 running, network default")
	expectEqual(t, "policy of what a reusing task needs too", a.service("db").Config.Labels[observed.LabelPolicy], "")
}

// TestInterruptedTransient: before the command has begun.
func TestInterruptedTransient(t *testing.T) {
	t.Parallel()
	a := newApp(t, transientCompose+"  slow: {}\n", strings.Replace(transientTasks, `task "both"`, `
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
	p.interrupt()
	a.expectResources("")
}

// TestRefusedRunLeavesNothing: the run that made it has ended while this one was asking, and was not the last.
func TestRefusedRunLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{"no": "n\n", "Ctrl-C": ctrlC} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newApp(t, transientCompose, transientTasks+`
task "asks" {
  service = "web"
  command = ["true"]
  confirm = "Really?"
}
`)
			// One looks before there is anything, the other one after.
			early := a.atTerminal(noRedirect, "run", "asks")
			early.waitOutput("Really?")
			p := a.start("run", "long")
			p.waitOutput("begun")
			late := a.atTerminal(noRedirect, "run", "asks")
			late.waitOutput("Really?")
			p.interrupt()
			expectEqual(t, "the state while two others may use it", string(a.service("db").State.Status), "running")
			late.typeKeys(answer)
			late.wait()
			expectEqual(t, "the state while another may use it", string(a.service("db").State.Status), "running")
			early.typeKeys(answer)
			early.wait()
			a.expectResources("")
		})
	}
}

// TestUpToDateRunReleasesLeases: what it needs nothing of goes with the last run that does.
func TestUpToDateRunReleasesLeases(t *testing.T) {
	t.Parallel()
	a := newApp(t, transientCompose, transientTasks+`
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
	p.waitOutput("begun")
	q := a.start("run", "--if-changed", "checked", ":::", "pause")
	q.waitOutput("pausing")
	p.interrupt()
	eventually(t, "the removal of all", func() bool { return a.resourceNames() == "" })
	q.interrupt()
}

// TestRunWithUnusedTransient: the run that made it has ended while this one was asking about something else.
func TestRunWithUnusedTransient(t *testing.T) {
	t.Parallel()
	a := newApp(t, transientCompose, transientTasks+`
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
	p.waitOutput("begun")
	q := a.atTerminal(noRedirect, "run", "--if-changed", "checked", ":::", "pause")
	q.waitOutput("Really?")
	p.interrupt()
	expectEqual(t, "the state while another may use it", string(a.service("db").State.Status), "running")
	q.typeKeys("y\n")
	q.waitOutput("pausing")
	eventually(t, "the removal of all", func() bool { return a.resourceNames() == "" })
	q.typeKeys(ctrlC)
	q.wait()
}
