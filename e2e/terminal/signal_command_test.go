//go:build unix

package terminal_test

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/internal/testing/apptest"
)

// A signal is delivered once. The program `signals` counts them and ends at the second SIGINT, or at a SIGTERM.
func TestSignalReachesTheCommandOnce(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, apptest.BoxCompose, apptest.WordsTask)
	for name, sig := range map[string]syscall.Signal{"SIGINT": syscall.SIGINT, "SIGHUP": syscall.SIGHUP, "SIGQUIT": syscall.SIGQUIT} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := a.Start("run", "x", "signals")
			p.WaitOutput("ready\n")
			p.Signal(sig)
			p.WaitOutput(name + " 1\n")
			p.Signal(syscall.SIGUSR1) // no end is asked for: what comes after it was sent after it
			p.WaitOutput("SIGUSR1 1\n")
			p.Signal(syscall.SIGUSR2)
			p.WaitOutput("SIGUSR2 1\n")
			p.Signal(sig) // the second one kills
			r := p.Wait()
			if want := "ready\n" + name + " 1\nSIGUSR1 1\nSIGUSR2 1\n"; r.Stdout != want || r.Code != 137 {
				t.Errorf("code %d, output %q; want 137 and %q\n%s", r.Code, r.Stdout, want, r.Stderr)
			}
		})
	}
}

func TestCommandEndsInItsOwnWay(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, apptest.BoxCompose, apptest.WordsTask)
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
			p := a.Start("run", "x", "sh", "-c", test.command)
			p.WaitOutput("ready\n")
			p.Signal(syscall.SIGTERM)
			r := p.Wait()
			if r.Code != test.code || strings.Count(r.Stdout, "SIGTERM 1\n") != 1 || strings.Contains(r.Stdout, "SIGTERM 2") {
				t.Errorf("code %d, output %q; want %d\n%s", r.Code, r.Stdout, test.code, r.Stderr)
			}
			if strings.Contains(test.command, "tidied") && !strings.HasSuffix(r.Stdout, "tidied\n") {
				t.Errorf("last words are lost: %q", r.Stdout)
			}
		})
	}
}

func TestIgnoredSignalKillsAfterTheGracePeriod(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, `
services:
  web: {@offline, stop_grace_period: 1s}
`, `
task "x" {
  service = "web"
  command = ["ignore", "INT", "TERM", "HUP"]
}
`)
	p := a.Start("run", "x")
	p.WaitOutput("ready\n")
	began := time.Now()
	p.Signal(syscall.SIGTERM)
	r := p.Wait()
	if took := time.Since(began); r.Code != 137 || took < time.Second || took > 8*time.Second {
		t.Errorf("code %d after %s; want 137 after 1s, and not after the 10s that hold without a grace period\n%s", r.Code, took, r.Stderr)
	}
}

func TestSignalReachesAHostCommandOnce(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
task "x" {
  script = "trap 'echo got it' HUP; trap 'echo end; exit 9' TERM; echo ready; while :; do sleep 0.05; done"
  shell  = ["sh", "-c"]
}
`)
	p := a.Start("run", "x")
	p.WaitOutput("ready\n")
	p.Signal(syscall.SIGHUP)
	p.WaitOutput("got it")
	p.Signal(syscall.SIGTERM) // the second one kills
	if r := p.Wait(); r.Code != 137 || r.Stdout != "ready\ngot it\n" {
		t.Errorf("code %d, output %q\n%s", r.Code, r.Stdout, r.Stderr)
	}
	p = a.Start("run", "x")
	p.WaitOutput("ready\n")
	p.Signal(syscall.SIGTERM)
	if r := p.Wait(); r.Code != 9 || r.Stdout != "ready\nend\n" {
		t.Errorf("code %d, output %q\n%s", r.Code, r.Stdout, r.Stderr)
	}
}

func TestGrandchildrenOfHostCommandEnd(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
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
			p := a.Start("run", task)
			p.WaitOutput(".\n")
			for range test.signals {
				p.Signal(syscall.SIGTERM)
				if test.signals > 1 {
					p.WaitOutput("Ctrl-C again to kill")
				}
			}
			r := p.Wait()
			if r.Code != test.code {
				t.Errorf("code %d; want %d\n%s", r.Code, test.code, r.Stderr)
			}
			pid, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(r.Stdout, "child "), ".\n"))
			if err != nil {
				t.Fatal(err)
			}
			apptest.Eventually(t, "the end of the grandchild", func() bool { return isProcessGone(pid) })
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
