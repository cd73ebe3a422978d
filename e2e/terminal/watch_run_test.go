//go:build unix

package terminal_test

import (
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/internal/testing/apptest"
)

const watchedCompose = `
services:
  web:
    @offline
    depends_on: {db: {condition: service_healthy}}
    volumes: ["./src:/src"]
  db:
    @offline
    command: [sleep, infinity]
    healthcheck: {test: [CMD, "true"]}
    environment: {GENERATION: "first"}
`

func TestWatchRerunsInAFreshContainer(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, watchedCompose, `
task "x" {
  service = "web"
  command = ["sh", "-c", "cat /src/a.txt; hostname"]
}
`)
	a.Write("src/a.txt", "one\n")
	p := a.StartWatch("x")
	before := a.Service("db").ID
	a.Write("src/a.txt", "two\n")
	p.WaitOutputTimes(apptest.WatchIdleText, 2)
	r := p.EndWatch()
	ids := regexp.MustCompile(`^one\n([0-9a-f]{12})\ntwo\n([0-9a-f]{12})\n$`).FindStringSubmatch(r.Stdout)
	if ids == nil || ids[1] == ids[2] {
		t.Errorf("stdout %q; want the output of two containers, and nothing else", r.Stdout)
	}
	if strings.Count(r.Stderr, "changed: src/a.txt") != 1 {
		t.Errorf("stderr lacks what changed:\n%s", r.Stderr)
	}
	if db := a.Service("db"); db.ID != before || !db.State.Running {
		t.Errorf("the dependency was %s, and is %s (%s)", before, db.ID, db.State.Status)
	}
}

func TestWatchStopsALongCommand(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, watchedCompose, `
task "x" {
  service = "web"
  command = ["sh", "-c", "cat /src/a.txt; signals"]
}
`)
	a.Write("src/a.txt", "one\n")
	p := a.Start("watch", "x")
	p.WaitStdout("one\nready\n")
	a.Write("src/a.txt", "two\n")
	p.WaitStdout("one\nready\nSIGTERM 1\ntwo\nready\n")
	if running := a.OneOffs(); len(running) != 1 {
		t.Errorf("%d one-offs; want the one that runs", len(running))
	}
	if r := p.EndWatch(); r.Stdout != "one\nready\nSIGTERM 1\ntwo\nready\nSIGTERM 1\n" {
		t.Errorf("stdout %q", r.Stdout)
	}
}

func TestWatchKillsCommandThatIgnoresSignals(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, strings.Replace(watchedCompose, "volumes:", "stop_grace_period: 1s\n    volumes:", 1), `
task "x" {
  service = "web"
  command = ["sh", "-c", "cat /src/a.txt; ignore TERM INT"]
}
`)
	a.Write("src/a.txt", "one\n")
	p := a.Start("watch", "x")
	p.WaitStdout("one\nready\n")
	began := time.Now()
	a.Write("src/a.txt", "two\n")
	p.WaitStdout("one\nready\ntwo\nready\n")
	if took := time.Since(began); took < time.Second {
		t.Errorf("killed after %s, within its grace period", took)
	}
	p.EndWatch()
}

func TestSecondInterruptOfAWatchKills(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, watchedCompose, `
task "x" {
  service = "web"
  command = ["ignore", "TERM", "INT"]
}
`)
	a.Write("src/a.txt", "")
	p := a.Start("watch", "x")
	p.WaitStdout("ready\n")
	began := time.Now()
	p.Signal(syscall.SIGINT)
	p.WaitOutput("Interrupted: ")
	p.Signal(syscall.SIGINT)
	r := p.Wait()
	if took := time.Since(began); r.Code != 0 || took > 8*time.Second {
		t.Errorf("code %d after %s; want 0 before the grace period of 10s\n%s", r.Code, took, r.Stderr)
	}
	if db := a.Service("db"); !db.State.Running {
		t.Errorf("the dependency is %s", db.State.Status)
	}
}

func TestWatchForwardsSignal(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, watchedCompose, `
task "x" {
  service = "web"
  command = ["signals"]
}
`)
	a.Write("src/a.txt", "")
	p := a.Start("watch", "x")
	p.WaitStdout("ready\n")
	p.Signal(syscall.SIGUSR1)
	p.WaitStdout("ready\nSIGUSR1 1\n")
	if r := p.EndWatch(); r.Stdout != "ready\nSIGUSR1 1\nSIGTERM 1\n" {
		t.Errorf("stdout %q", r.Stdout)
	}
}

func TestWatchContinuesAfterFailure(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
task "x" {
  script = "cat src/a.txt; exit 3"
  watch { paths = ["src/**"] }
}
`)
	a.Write("src/a.txt", "one\n")
	p := a.StartWatch("x")
	p.WaitOutput("exit code 3")
	a.Write("src/a.txt", "two\n")
	p.WaitOutputTimes(apptest.WatchIdleText, 2)
	if r := p.EndWatch(); r.Stdout != "one\ntwo\n" {
		t.Errorf("stdout %q", r.Stdout)
	}
}

func TestWatchInterruptedBeforeTheCommandStarts(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, slowStartCompose, slowStartTasks+`
task "w" {
  service = "web"
  command = ["echo", "ran"]
  watch { paths = ["src/**"] }
}
`)
	p := a.Start("watch", "w")
	p.WaitOutput("service slow  started")
	if r := p.EndWatch(); r.Stdout != "" {
		t.Errorf("stdout %q", r.Stdout)
	}
}
