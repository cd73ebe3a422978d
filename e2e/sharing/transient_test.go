//go:build unix

package sharing_test

import (
	"strings"
	"testing"

	"github.com/moby/moby/client"

	"tasks/internal/testing/apptest"
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

func TestTransientLeavesNothing(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, transientCompose, transientTasks)
	apptest.ExpectEqual(t, "output", a.Ok("run", "test"), "tested\n")
	a.ExpectResources("")
	if _, err := a.Engine.VolumeInspect(t.Context(), a.Project+"_data", client.VolumeInspectOptions{}); err != nil {
		t.Errorf("the named volume did not stay: %v", err)
	}
}

func TestTransientUsesRunning(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, transientCompose, transientTasks)
	a.Ok("run", "quick")
	before := a.Service("db").ID
	a.Ok("run", "test")
	a.ExpectResources("db-1 running, network default")
	apptest.ExpectEqual(t, "the container", a.Service("db").ID, before)
}

func TestTransientRestoresStopped(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, transientCompose, transientTasks)
	a.Ok("run", "quick")
	if _, err := a.Engine.ContainerStop(t.Context(), a.Service("db").ID, client.ContainerStopOptions{}); err != nil {
		t.Fatal(err)
	}
	first := a.Start("run", "long")
	first.WaitOutput("begun")
	second := a.Start("run", "reusing")
	second.WaitOutput("begun")
	first.Interrupt()
	apptest.ExpectEqual(t, "the state while another run uses it", string(a.Service("db").State.Status), "running")
	second.Interrupt()
	a.ExpectResources("db-1 exited, network default")
}

// TestLastOfTwoRemoves: whoever of two ends last, or is killed, and whatever the policy of the other, one in use stays.
func TestLastOfTwoRemoves(t *testing.T) {
	t.Parallel()
	for _, second := range []string{"long", "host", "reusing"} {
		t.Run(second, func(t *testing.T) {
			t.Parallel()
			a := apptest.NewApp(t, transientCompose, transientTasks)
			p := a.Start("run", "long")
			p.WaitOutput("begun")
			q := a.Start("run", second)
			q.WaitOutput("begun")
			before := a.Service("db").ID
			p.Interrupt()
			apptest.ExpectEqual(t, "the database of the other", a.Service("db").ID, before)
			apptest.ExpectEqual(t, "its state", string(a.Service("db").State.Status), "running")
			q.Interrupt()
			a.ExpectResources("")
		})
	}
}

func TestTransientOfOneKeptByAnother(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, transientCompose, transientTasks)
	a.Ok("run", "both")
	a.ExpectResources("db-1 running, network default")
	apptest.ExpectEqual(t, "policy of what a reusing task needs too", a.Service("db").Config.Labels[observed.LabelPolicy], "")
}

// TestInterruptedTransient: before the command has begun.
func TestInterruptedTransient(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, transientCompose+"  slow: {}\n", strings.Replace(transientTasks, `task "both"`, `
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
	p := a.Start("run", "waits")
	apptest.Eventually(t, "the service", func() bool { return len(a.Services("web")) == 1 && a.Services("web")[0].State.Running }, func() string { return p.Stderr.String() })
	p.Interrupt()
	a.ExpectResources("")
}

// TestRefusedRunLeavesNothing: the run that made it has ended while this one was asking, and was not the last.
func TestRefusedRunLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{"no": "n\n", "Ctrl-C": apptest.CtrlC} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := apptest.NewApp(t, transientCompose, transientTasks+`
task "asks" {
  service = "web"
  command = ["true"]
  confirm = "Really?"
}
`)
			// One looks before there is anything, the other one after.
			early := a.AtTerminal(apptest.NoRedirect, "run", "asks")
			early.WaitOutput("Really?")
			p := a.Start("run", "long")
			p.WaitOutput("begun")
			late := a.AtTerminal(apptest.NoRedirect, "run", "asks")
			late.WaitOutput("Really?")
			p.Interrupt()
			apptest.ExpectEqual(t, "the state while two others may use it", string(a.Service("db").State.Status), "running")
			late.TypeKeys(answer)
			late.Wait()
			apptest.ExpectEqual(t, "the state while another may use it", string(a.Service("db").State.Status), "running")
			early.TypeKeys(answer)
			early.Wait()
			a.ExpectResources("")
		})
	}
}

// TestUpToDateRunReleasesLeases: what it needs nothing of goes with the last run that does.
func TestUpToDateRunReleasesLeases(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, transientCompose, transientTasks+`
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
	a.Ok("run", "checked")
	p := a.Start("run", "long")
	p.WaitOutput("begun")
	q := a.Start("run", "--if-changed", "checked", ":::", "pause")
	q.WaitOutput("pausing")
	p.Interrupt()
	apptest.Eventually(t, "the removal of all", func() bool { return a.ResourceNames() == "" })
	q.Interrupt()
}

// TestRunWithUnusedTransient: the run that made it has ended while this one was asking about something else.
func TestRunWithUnusedTransient(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, transientCompose, transientTasks+`
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
	a.Ok("run", "checked")
	p := a.Start("run", "long")
	p.WaitOutput("begun")
	q := a.AtTerminal(apptest.NoRedirect, "run", "--if-changed", "checked", ":::", "pause")
	q.WaitOutput("Really?")
	p.Interrupt()
	apptest.ExpectEqual(t, "the state while another may use it", string(a.Service("db").State.Status), "running")
	q.TypeKeys("y\n")
	q.WaitOutput("pausing")
	apptest.Eventually(t, "the removal of all", func() bool { return a.ResourceNames() == "" })
	q.TypeKeys(apptest.CtrlC)
	q.Wait()
}
