//go:build unix

package main

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A signal is delivered once. The program `signals` counts them and ends at the second SIGINT, or at a SIGTERM.
func TestSignalReachesTheCommandOnce(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", wordsTask)
	for name, sig := range map[string]syscall.Signal{"SIGINT": syscall.SIGINT, "SIGHUP": syscall.SIGHUP, "SIGQUIT": syscall.SIGQUIT} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := a.start("run", "x", "signals")
			p.waitOutput("ready\n")
			p.signal(sig)
			p.waitOutput(name + " 1\n")
			p.signal(syscall.SIGUSR1) // no end is asked for: what comes after it was sent after it
			p.waitOutput("SIGUSR1 1\n")
			p.signal(syscall.SIGUSR2)
			p.waitOutput("SIGUSR2 1\n")
			p.signal(sig) // the second one kills
			r := p.wait()
			if want := "ready\n" + name + " 1\nSIGUSR1 1\nSIGUSR2 1\n"; r.stdout != want || r.code != 137 {
				t.Errorf("code %d, output %q; want 137 and %q\n%s", r.code, r.stdout, want, r.stderr)
			}
		})
	}
}

func TestCommandEndsInItsOwnWay(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", wordsTask)
	for name, test := range map[string]struct {
		command string
		code    int
	}{
		"by the signal":      {"signals", 143},
		"with its own code":  {"signals; exit 5", 5},
		"after some tidying": {"signals; echo tidied; exit 0", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := a.start("run", "x", "sh", "-c", test.command)
			p.waitOutput("ready\n")
			p.signal(syscall.SIGTERM)
			r := p.wait()
			if r.code != test.code || strings.Count(r.stdout, "SIGTERM 1\n") != 1 || strings.Contains(r.stdout, "SIGTERM 2") {
				t.Errorf("code %d, output %q; want %d\n%s", r.code, r.stdout, test.code, r.stderr)
			}
			if strings.Contains(test.command, "tidied") && !strings.HasSuffix(r.stdout, "tidied\n") {
				t.Errorf("last words are lost: %q", r.stdout)
			}
		})
	}
}

func TestIgnoredSignalKillsAfterTheGracePeriod(t *testing.T) {
	t.Parallel()
	a := newApp(t, `
services:
  web: {image: @image, stop_grace_period: 1s}
`, `
task "x" {
  service = "web"
  command = ["ignore", "INT", "TERM", "HUP"]
}
`)
	p := a.start("run", "x")
	p.waitOutput("ready\n")
	began := time.Now()
	p.signal(syscall.SIGTERM)
	r := p.wait()
	if took := time.Since(began); r.code != 137 || took < time.Second || took > 8*time.Second {
		t.Errorf("code %d after %s; want 137 after 1s, and not after the 10s that hold without a grace period\n%s", r.code, took, r.stderr)
	}
}

func TestSignalReachesAHostCommandOnce(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", `
task "x" {
  script = "trap 'echo got it' HUP; trap 'echo end; exit 9' TERM; echo ready; while :; do sleep 0.05; done"
  shell  = ["sh", "-c"]
}
`)
	p := a.start("run", "x")
	p.waitOutput("ready\n")
	p.signal(syscall.SIGHUP)
	p.waitOutput("got it")
	p.signal(syscall.SIGTERM) // the second one kills
	if r := p.wait(); r.code != 137 || r.stdout != "ready\ngot it\n" {
		t.Errorf("code %d, output %q\n%s", r.code, r.stdout, r.stderr)
	}
	p = a.start("run", "x")
	p.waitOutput("ready\n")
	p.signal(syscall.SIGTERM)
	if r := p.wait(); r.code != 9 || r.stdout != "ready\nend\n" {
		t.Errorf("code %d, output %q\n%s", r.code, r.stdout, r.stderr)
	}
}

func TestGrandchildrenOfHostCommandEnd(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", `
task "leaves" {
  script = "sleep 300 & echo child $!."
}
task "stays" {
  script = "sleep 300 & echo child $!.; wait"
}
task "deaf" {
  script = "trap '' TERM; sleep 300 & echo child $!.; wait"
}
task "deafChild" {
  script = "(trap '' TERM; exec sleep 300) & echo child $!.; wait"
}
task "late" {
  script  = "(trap '' TERM; exec sleep 300) & echo child $!.; wait"
  timeout = "2s"
}
task "lateAndDeaf" {
  script            = "trap '' TERM; sleep 300 & echo child $!.; wait"
  timeout           = "2s"
  stop_grace_period = "1s"
}
`)
	for task, test := range map[string]struct{ signals, code int }{
		"leaves": {0, 0}, "stays": {1, 143}, "deaf": {2, 137}, "deafChild": {1, 143}, "late": {0, 124}, "lateAndDeaf": {0, 124},
	} {
		t.Run(task, func(t *testing.T) {
			t.Parallel()
			p := a.start("run", task)
			p.waitOutput(".\n")
			for range test.signals {
				p.signal(syscall.SIGTERM)
				if test.signals > 1 {
					p.waitOutput("press again to kill")
				}
			}
			r := p.wait()
			if r.code != test.code {
				t.Errorf("code %d; want %d\n%s", r.code, test.code, r.stderr)
			}
			pid, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(r.stdout, "child "), ".\n"))
			if err != nil {
				t.Fatal(err)
			}
			eventually(t, "the end of the grandchild", func() bool { return isProcessGone(pid) })
		})
	}
}

// gone says that a process has ended. In a container without an init, nobody takes in what is left of an orphan.
func isProcessGone(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return syscall.Kill(pid, 0) == syscall.ESRCH
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return strings.HasPrefix(state, "Z")
}
