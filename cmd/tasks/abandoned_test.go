package main

import (
	"flag"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/planner"
)

var kills = flag.Int("kills", 8, "how many runs are killed at random moments")

const leaving = `
services:
  db:
    image: "@image"
    command: ["signals"]
    healthcheck: {test: ["CMD", "true"], interval: 1s}
  web:
    image: "@image"
    depends_on: {db: {condition: service_healthy}}
    volumes: ["/anonymous"]
`

const leavingTasks = `
task "long" {
  service = "web"
  command = ["sh", "-c", "echo begun; sleep 600"]
}
task "named" {
  service        = "web"
  command        = ["sh", "-c", "echo begun; sleep 600"]
  container_name = "@project-debug"
}
task "kept" {
  service = "web"
  command = ["sh", "-c", "echo begun; sleep 600"]
  rm      = false
}
task "short" {
  service        = "web"
  command        = ["echo", "short"]
  container_name = "@project-debug"
}
`

// killed runs a task until its command has begun, and kills tasks then, which can do nothing about it.
func (a *testApp) killed(task string) {
	a.t.Helper()
	p := a.start("run", task)
	p.saw("begun")
	p.signal(syscall.SIGKILL)
	p.wait()
}

// ofTasks are the names of the tasks that the one-offs there are belong to, sorted.
func (a *testApp) ofTasks() string {
	a.t.Helper()
	var names []string
	for _, c := range a.oneOffs() {
		names = append(names, c.Config.Labels[planner.LabelTask])
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// removeOneOffs ends a test that leaves some on purpose.
func (a *testApp) removeOneOffs() {
	a.t.Helper()
	a.ok("down", "--yes")
}

func TestNextRunRemovesWhatADeadOneLeft(t *testing.T) {
	t.Parallel()
	a := newApp(t, leaving, leavingTasks)
	living := a.start("run", "long")
	living.saw("begun")
	a.killed("kept")
	a.killed("named")
	want(t, "one-offs after the kills", a.ofTasks(), "kept long named")
	want(t, "plan", strings.Contains(a.start("plan", "short").wait().stdout, "the run that it belonged to was killed"), true)
	r := a.start("run", "short").wait()
	want(t, "exit code", r.code, 0)
	want(t, "output", r.stdout, "short\n")
	want(t, "one-offs after the next run", a.ofTasks(), "kept long")
	living.signal(syscall.SIGKILL)
	living.wait()
	ps := a.start("ps").wait()
	want(t, "exit code of ps", ps.code, 0)
	want(t, "one-offs after ps", a.ofTasks(), "kept")
	if !strings.Contains(ps.stdout, a.project+"-db-1") || !strings.Contains(ps.stdout, "kept") {
		t.Errorf("ps shows\n%s", ps.stdout)
	}
	a.removeOneOffs()
}

// TestDownAsksForNobodyWhoIsDead: a living run's one-off is asked for, a dead one's is not.
func TestDownAsksForNobodyWhoIsDead(t *testing.T) {
	t.Parallel()
	a := newApp(t, leaving, leavingTasks)
	a.killed("named")
	r := a.start("down").wait()
	want(t, "exit code", r.code, 0)
	a.nothingLeft()
}

// TestKilledAtAnyMoment: two seconds after the death at the latest, the next command finds all that was left.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	a := newApp(t, leaving, leavingTasks)
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	for range *kills {
		p := a.start("run", "long")
		moment := time.Duration(random.Int64N(int64(1500 * time.Millisecond)))
		time.Sleep(moment) // the kill is to come at any moment
		p.signal(syscall.SIGKILL)
		p.wait()
		time.Sleep(2 * time.Second) // what the engine was asked for, it still does
		a.ok("ps")
		if left := a.ofTasks(); left != "" {
			t.Fatalf("killed after %s (seed %d), one-offs of %s are left", moment, seed, left)
		}
	}
	a.removeOneOffs()
}
