//go:build unix

package sharing_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/moby/moby/client"

	"tasks/internal/testing/apptest"
)

// TestLastOfTwoCheckoutsRemoves: as in one.
func TestLastOfTwoCheckoutsRemoves(t *testing.T) {
	t.Parallel()
	for _, second := range []string{"long", "direct", "reusing"} {
		t.Run(second, func(t *testing.T) {
			t.Parallel()
			a := apptest.NewApp(t, transientCompose, transientTasks+`
task "direct" {
  command           = ["sh", "-c", "echo begun; sleep 600"]
  depends_on        = [service.db]
  dependency_policy = "transient"
}
`)
			b := a.Checkout()
			p := a.Start("run", "long")
			p.WaitOutput("begun")
			q := b.Start("run", second)
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

func TestLastOfTwoCheckoutsRestoresStopped(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, transientCompose, transientTasks)
	b := a.Checkout()
	a.Ok("run", "quick")
	if _, err := a.Engine.ContainerStop(t.Context(), a.Service("db").ID, client.ContainerStopOptions{}); err != nil {
		t.Fatal(err)
	}
	first := a.Start("run", "long")
	first.WaitOutput("begun")
	second := b.Start("run", "reusing")
	second.WaitOutput("begun")
	first.Interrupt()
	apptest.ExpectEqual(t, "the state while another run uses it", string(a.Service("db").State.Status), "running")
	second.Interrupt()
	a.ExpectResources("db-1 exited, network default")
}

// TestInterruptKeepsResourcesOfOtherCheckout: what a run made and takes back is what the host command of another uses by now.
func TestInterruptKeepsResourcesOfOtherCheckout(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, transientCompose, `
service "db" {
  ready {
    tcp     = 9999
    timeout = "1m"
  }
}
task "waits" {
  command    = ["true"]
  depends_on = [service.db]
}
task "uses" {
  command    = ["sh", "-c", "echo begun; sleep 600"]
  depends_on = [service.db.started]
}
`)
	p := a.Start("run", "waits")
	apptest.Eventually(t, "the service", func() bool { return len(a.Services("db")) == 1 && a.Services("db")[0].State.Running })
	q := a.Checkout().Start("run", "uses")
	q.WaitOutput("begun")
	before := a.Service("db").ID
	p.Interrupt()
	apptest.ExpectEqual(t, "the database of the other", a.Service("db").ID, before)
	apptest.ExpectEqual(t, "its state", string(a.Service("db").State.Status), "running")
	q.Interrupt()
}

// TestUnwritableCheckout: who keeps state elsewhere is told so, once.
func TestUnwritableCheckout(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
task "a" {
  command = ["true"]
}
`)
	// A link to a place in which nobody can make files, also not root.
	if err := os.Symlink("/proc/self", filepath.Join(a.Dir, ".tasks")); err != nil {
		t.Fatal(err)
	}
	r := a.Start("run", "a").Wait()
	if told := strings.Count(r.Stderr, "runs of other users do not see them"); r.Code != 0 || told != 1 {
		t.Errorf("code %d, told %d times\n%s", r.Code, told, r.Stderr)
	}
}

// TestManyCheckoutsAtOnce: none notices another.
func TestManyCheckoutsAtOnce(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, transientCompose, transientTasks)
	var all []*apptest.Process
	for range 5 {
		all = append(all, a.Checkout().Start("run", "test"))
	}
	for _, p := range all {
		if r := p.Wait(); r.Code != 0 || r.Stdout != "tested\n" {
			t.Errorf("code %d, stdout %q\n%s", r.Code, r.Stdout, r.Stderr)
		}
	}
	a.ExpectResources("")
}
