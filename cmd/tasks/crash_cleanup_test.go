package main

import (
	"flag"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/planner/observed"
)

var kills = flag.Int("kills", 8, "how many runs are killed at random moments")

const crashCompose = `
services:
  db:
    image: "@image"
    command: ["signals"]
    healthcheck: {test: ["CMD", "true"], interval: 30s}
  web:
    image: "@image"
    depends_on: {db: {condition: service_healthy}}
    volumes: ["/anonymous"]
`

const crashTasks = `
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

// killDuringRun runs a task until its command has begun, and kills tasks then, which can do nothing about it.
func (a *testApp) killDuringRun(task string) {
	a.t.Helper()
	p := a.start("run", task)
	p.waitOutput("begun")
	p.signal(syscall.SIGKILL)
	p.wait()
}

// oneOffTasks are the names of the tasks that the one-offs there are belong to, sorted.
func (a *testApp) oneOffTasks() string {
	a.t.Helper()
	var names []string
	for _, c := range a.oneOffs() {
		names = append(names, c.Config.Labels[observed.LabelTask])
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// removeOneOffs ends a test that leaves some on purpose.
func (a *testApp) removeOneOffs() {
	a.t.Helper()
	a.ok("down", "--yes")
}

func TestNextRunRemovesGarbage(t *testing.T) {
	t.Parallel()
	a := newApp(t, crashCompose, crashTasks)
	living := a.start("run", "long")
	living.waitOutput("begun")
	a.killDuringRun("kept")
	a.killDuringRun("named")
	expectEqual(t, "one-offs after the kills", a.oneOffTasks(), "kept long named")
	expectEqual(t, "plan", strings.Contains(a.start("plan", "short").wait().stdout, "the run that it belonged to was killed"), true)
	r := a.start("run", "short").wait()
	expectEqual(t, "exit code", r.code, 0)
	expectEqual(t, "output", r.stdout, "short\n")
	expectEqual(t, "one-offs after the next run", a.oneOffTasks(), "kept long")
	living.signal(syscall.SIGKILL)
	living.wait()
	ps := a.start("ps").wait()
	expectEqual(t, "exit code of ps", ps.code, 0)
	expectEqual(t, "one-offs after ps", a.oneOffTasks(), "kept")
	if !strings.Contains(ps.stdout, a.project+"-db-1") || !strings.Contains(ps.stdout, "kept") {
		t.Errorf("ps shows\n%s", ps.stdout)
	}
	a.removeOneOffs()
}

// TestDownDoesNotAskForCrashedRuns: a living run's one-off is asked for, a dead one's is not.
func TestDownDoesNotAskForCrashedRuns(t *testing.T) {
	t.Parallel()
	a := newApp(t, crashCompose, crashTasks)
	a.killDuringRun("named")
	r := a.start("down").wait()
	expectEqual(t, "exit code", r.code, 0)
	a.expectNothingLeft()
}

// TestCrashAtRandomTime: two seconds after the death at the latest, the next command finds all that was left.
func TestCrashAtRandomTime(t *testing.T) {
	t.Parallel()
	a := newApp(t, crashCompose, crashTasks)
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
		if left := a.oneOffTasks(); left != "" {
			t.Fatalf("killed after %s (seed %d), one-offs of %s are left", moment, seed, left)
		}
	}
	a.removeOneOffs()
}
