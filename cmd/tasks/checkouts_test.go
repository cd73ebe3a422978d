//go:build unix

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/moby/moby/client"
)

// checkout is another directory with the same project, for the same user.
func (a *testApp) checkout() *testApp {
	a.t.Helper()
	b := *a
	b.dir = a.t.TempDir()
	for _, name := range []string{"compose.yaml", "Tasks.hcl"} {
		content, err := os.ReadFile(filepath.Join(a.dir, name))
		if err != nil {
			a.t.Fatal(err)
		}
		b.write(name, string(content))
	}
	return &b
}

// checkoutOfOtherUser is one of another user, as far as state in the user's directory goes.
func (a *testApp) checkoutOfOtherUser() *testApp {
	a.t.Helper()
	b := a.checkout()
	b.env = append(slices.Clone(a.env), "XDG_CACHE_HOME="+a.t.TempDir())
	return b
}

// TestLastOfTwoCheckoutsRemoves: as in one.
func TestLastOfTwoCheckoutsRemoves(t *testing.T) {
	t.Parallel()
	for _, second := range []string{"long", "direct", "reusing"} {
		t.Run(second, func(t *testing.T) {
			t.Parallel()
			a := newApp(t, transientCompose, transientTasks+`
task "direct" {
  command           = ["sh", "-c", "echo begun; sleep 600"]
  depends_on        = [service.db]
  dependency_policy = "transient"
}
`)
			b := a.checkout()
			p := a.start("run", "long")
			p.waitOutput("begun")
			q := b.start("run", second)
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

func TestLastOfTwoCheckoutsRestoresStopped(t *testing.T) {
	t.Parallel()
	a := newApp(t, transientCompose, transientTasks)
	b := a.checkout()
	a.ok("run", "quick")
	if _, err := a.engine.ContainerStop(t.Context(), a.service("db").ID, client.ContainerStopOptions{}); err != nil {
		t.Fatal(err)
	}
	first := a.start("run", "long")
	first.waitOutput("begun")
	second := b.start("run", "reusing")
	second.waitOutput("begun")
	first.interrupt()
	expectEqual(t, "the state while another run uses it", string(a.service("db").State.Status), "running")
	second.interrupt()
	a.expectResources("db-1 exited, network default")
}

// TestInterruptKeepsResourcesOfOtherCheckout: what a run made and takes back is what the host command of another uses by now.
func TestInterruptKeepsResourcesOfOtherCheckout(t *testing.T) {
	t.Parallel()
	a := newApp(t, transientCompose, `
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
	p := a.start("run", "waits")
	eventually(t, "the service", func() bool { return len(a.services("db")) == 1 && a.services("db")[0].State.Running })
	q := a.checkout().start("run", "uses")
	q.waitOutput("begun")
	before := a.service("db").ID
	p.interrupt()
	expectEqual(t, "the database of the other", a.service("db").ID, before)
	expectEqual(t, "its state", string(a.service("db").State.Status), "running")
	q.interrupt()
}

// TestUnwritableCheckout: who keeps state elsewhere is told so, once.
func TestUnwritableCheckout(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", `
task "a" {
  command = ["true"]
}
`)
	// A link to a place in which nobody can make files, also not root.
	if err := os.Symlink("/proc/self", filepath.Join(a.dir, ".tasks")); err != nil {
		t.Fatal(err)
	}
	r := a.start("run", "a").wait()
	if told := strings.Count(r.stderr, "of which runs of other users do not know"); r.code != 0 || told != 1 {
		t.Errorf("code %d, told %d times\n%s", r.code, told, r.stderr)
	}
}

// TestManyCheckoutsAtOnce: none notices another.
func TestManyCheckoutsAtOnce(t *testing.T) {
	t.Parallel()
	a := newApp(t, transientCompose, transientTasks)
	var all []*process
	for range 5 {
		all = append(all, a.checkout().start("run", "test"))
	}
	for _, p := range all {
		if r := p.wait(); r.code != 0 || r.stdout != "tested\n" {
			t.Errorf("code %d, stdout %q\n%s", r.code, r.stdout, r.stderr)
		}
	}
	a.expectResources("")
}
