//go:build unix

package main

import (
	"fmt"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

const watchedCompose = `
services:
  web:
    image: @image
    depends_on: {db: {condition: service_healthy}}
    volumes: ["./src:/src"]
  db:
    image: @image
    command: [sleep, infinity]
    healthcheck: {test: [CMD, "true"]}
    environment: {GENERATION: "first"}
`

const watchIdleText = "waiting for changes"

// startWatch starts a watch and waits for the end of the first run.
func (a *testApp) startWatch(task string) *process {
	a.t.Helper()
	p := a.start("watch", task)
	p.waitOutputTimes(watchIdleText, 1)
	return p
}

// waitOutputTimes waits until the lines have been printed n times, on stdout or on stderr.
func (p *process) waitOutputTimes(lines string, n int) {
	p.t.Helper()
	all := func() string { return p.stdout.String() + p.stderr.String() }
	eventually(p.t, lines, func() bool { return strings.Count(all(), lines) >= n }, all)
}

// waitStdout waits until the command has printed exactly this so far.
func (p *process) waitStdout(stdout string) {
	p.t.Helper()
	eventually(p.t, fmt.Sprintf("stdout %q", stdout), func() bool { return p.stdout.String() == stdout },
		func() string { return p.stdout.String() + p.stderr.String() })
}

// endWatch ends a watch by Ctrl-C, as nothing but well, and returns what it printed.
func (p *process) endWatch() result {
	p.t.Helper()
	p.signal(syscall.SIGINT)
	r := p.wait()
	if r.code != 0 {
		p.t.Errorf("code %d; want 0, for a watch that ends\n%s", r.code, r.stderr)
	}
	return r
}

func TestWatchRerunsInAFreshContainer(t *testing.T) {
	t.Parallel()
	a := newApp(t, watchedCompose, `
task "x" {
  service = "web"
  command = ["sh", "-c", "cat /src/a.txt; hostname"]
}
`)
	a.write("src/a.txt", "one\n")
	p := a.startWatch("x")
	before := a.service("db").ID
	a.write("src/a.txt", "two\n")
	p.waitOutputTimes(watchIdleText, 2)
	r := p.endWatch()
	ids := regexp.MustCompile(`^one\n([0-9a-f]{12})\ntwo\n([0-9a-f]{12})\n$`).FindStringSubmatch(r.stdout)
	if ids == nil || ids[1] == ids[2] {
		t.Errorf("stdout %q; want the output of two containers, and nothing else", r.stdout)
	}
	if strings.Count(r.stderr, "changed: src/a.txt") != 1 {
		t.Errorf("stderr lacks what changed:\n%s", r.stderr)
	}
	if db := a.service("db"); db.ID != before || !db.State.Running {
		t.Errorf("the dependency was %s, and is %s (%s)", before, db.ID, db.State.Status)
	}
}

func TestWatchStopsALongCommand(t *testing.T) {
	t.Parallel()
	a := newApp(t, watchedCompose, `
task "x" {
  service = "web"
  command = ["sh", "-c", "cat /src/a.txt; signals"]
}
`)
	a.write("src/a.txt", "one\n")
	p := a.start("watch", "x")
	p.waitStdout("one\nready\n")
	a.write("src/a.txt", "two\n")
	p.waitStdout("one\nready\nSIGTERM 1\ntwo\nready\n")
	if running := a.oneOffs(); len(running) != 1 {
		t.Errorf("%d one-offs; want the one that runs", len(running))
	}
	if r := p.endWatch(); r.stdout != "one\nready\nSIGTERM 1\ntwo\nready\nSIGTERM 1\n" {
		t.Errorf("stdout %q", r.stdout)
	}
}

func TestWatchKillsCommandThatIgnoresSignals(t *testing.T) {
	t.Parallel()
	a := newApp(t, strings.Replace(watchedCompose, "volumes:", "stop_grace_period: 1s\n    volumes:", 1), `
task "x" {
  service = "web"
  command = ["sh", "-c", "cat /src/a.txt; ignore TERM INT"]
}
`)
	a.write("src/a.txt", "one\n")
	p := a.start("watch", "x")
	p.waitStdout("one\nready\n")
	began := time.Now()
	a.write("src/a.txt", "two\n")
	p.waitStdout("one\nready\ntwo\nready\n")
	if took := time.Since(began); took < time.Second {
		t.Errorf("killed after %s, within its grace period", took)
	}
	p.endWatch()
}

func TestSecondInterruptOfAWatchKills(t *testing.T) {
	t.Parallel()
	a := newApp(t, watchedCompose, `
task "x" {
  service = "web"
  command = ["ignore", "TERM", "INT"]
}
`)
	a.write("src/a.txt", "")
	p := a.start("watch", "x")
	p.waitStdout("ready\n")
	began := time.Now()
	ended := make(chan struct{})
	go func() {
		for range 50 { // a signal that comes while the first one is still taken in is no second one
			_ = p.cmd.Process.Signal(syscall.SIGINT)
			select {
			case <-ended:
				return
			case <-time.After(100 * time.Millisecond):
			}
		}
	}()
	r := p.wait()
	close(ended)
	if took := time.Since(began); r.code != 0 || took > 8*time.Second {
		t.Errorf("code %d after %s; want 0 before the grace period of 10s\n%s", r.code, took, r.stderr)
	}
	if db := a.service("db"); !db.State.Running {
		t.Errorf("the dependency is %s", db.State.Status)
	}
}

func TestWatchForwardsSignal(t *testing.T) {
	t.Parallel()
	a := newApp(t, watchedCompose, `
task "x" {
  service = "web"
  command = ["signals"]
}
`)
	a.write("src/a.txt", "")
	p := a.start("watch", "x")
	p.waitStdout("ready\n")
	p.signal(syscall.SIGUSR1)
	p.waitStdout("ready\nSIGUSR1 1\n")
	if r := p.endWatch(); r.stdout != "ready\nSIGUSR1 1\nSIGTERM 1\n" {
		t.Errorf("stdout %q", r.stdout)
	}
}

func TestWatchContinuesAfterFailure(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", `
task "x" {
  script = "cat src/a.txt; exit 3"
  watch { paths = ["src/**"] }
}
`)
	a.write("src/a.txt", "one\n")
	p := a.startWatch("x")
	p.waitOutput("exit code 3")
	a.write("src/a.txt", "two\n")
	p.waitOutputTimes(watchIdleText, 2)
	if r := p.endWatch(); r.stdout != "one\ntwo\n" {
		t.Errorf("stdout %q", r.stdout)
	}
}

func TestWatchInterruptedBeforeTheCommandStarts(t *testing.T) {
	t.Parallel()
	a := newApp(t, slowStartCompose, slowStartTasks+`
task "w" {
  service = "web"
  command = ["echo", "ran"]
  watch { paths = ["src/**"] }
}
`)
	p := a.start("watch", "w")
	p.waitOutput("service slow  started")
	if r := p.endWatch(); r.stdout != "" {
		t.Errorf("stdout %q", r.stdout)
	}
}
