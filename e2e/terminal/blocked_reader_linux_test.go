//go:build linux

package terminal_test

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"tasks/internal/testing/apptest"
	"tasks/internal/toolbox"
)

const endlessTasks = `
task "container" {
  service = "box"
  command = ["sh", "-c", "while true; do echo 0123456789012345678901234567890123456789; done"]
}
task "host" {
  command = ["sh", "-c", "while true; do echo 0123456789012345678901234567890123456789; done"]
}
`

// launchUnread starts the program with a stdout that nobody reads, and waits until the pipe is full: its content grows no
// more. The size of a pipe depends on the system.
func launchUnread(t *testing.T, a *apptest.App, args ...string) *apptest.Process {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	cmd := a.Command(args...)
	p := &apptest.Process{T: t, Cmd: cmd, Stdout: &toolbox.Buffer{}, Stderr: &toolbox.Buffer{}}
	cmd.Stdout, cmd.Stderr = w, p.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	size, grownAt := 0, time.Now()
	apptest.Eventually(t, "a full pipe", func() bool {
		if now := unreadBytes(t, r); now != size {
			size, grownAt = now, time.Now()
		}
		return size > 0 && time.Since(grownAt) > time.Second
	})
	return p
}

// Two signals end a run whose output nobody reads, and what is on the engine goes.
func TestSecondSignalEndsARunWithoutAReader(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, apptest.BoxCompose, endlessTasks)
	for name, args := range map[string][]string{
		"stream": {"run", "container"}, "prefix": {"run", "--output-style", "prefix", "container"}, "host": {"run", "--output-style", "prefix", "host"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := launchUnread(t, a, args...)
			p.Signal(syscall.SIGINT)
			p.WaitOutput("Interrupted: stopping, then cleaning up… waiting for")
			p.Signal(syscall.SIGINT)
			began := time.Now()
			r := p.WaitFor(20 * time.Second)
			if took := time.Since(began); took > 6*time.Second || r.Code != 130 && r.Code != 137 {
				t.Errorf("code %d after %s\n%s", r.Code, took, r.Stderr)
			}
			if name != "host" && !strings.Contains(r.Stderr, "waiting for the reader of stdout, task container") {
				t.Errorf("the reader is not named:\n%s", r.Stderr)
			}
		})
	}
}

// unreadBytes returns the size of the content of a pipe.
func unreadBytes(t *testing.T, r *os.File) int {
	t.Helper()
	n, err := unix.IoctlGetInt(int(r.Fd()), unix.TIOCINQ)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
