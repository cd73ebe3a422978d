//go:build unix

package main

import (
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// waitJournalEntries waits for the notes of commands on the host: one may speak before its note is written.
func (a *testApp) waitJournalEntries(commands int) {
	a.t.Helper()
	eventually(a.t, "the notes of commands", func() bool {
		notes, err := filepath.Glob(filepath.Join(a.dir, ".tasks", "data-commands*"))
		return err == nil && len(notes) == commands
	})
}

// What a host command has started ends with the next run, where its own could not see to it.
func TestHostCommandsOfCrashedRunEnd(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", `
task "stays" {
  script = "trap '' TERM HUP; sleep 300 & echo child $!.; wait"
}
task "next" {
  script = "true"
}
`)
	living := a.start("run", "stays")
	living.waitOutput(".\n")
	p := a.start("run", "stays")
	p.waitOutput(".\n")
	a.waitJournalEntries(2)
	p.signal(syscall.SIGKILL)
	killed := p.wait()
	r := a.start("run", "next").wait()
	if r.code != 0 || !strings.Contains(r.stderr, "killed: 1\n") {
		t.Errorf("code %d\n%s", r.code, r.stderr)
	}
	child := func(stdout string) int {
		pid, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(stdout, "child "), ".\n"))
		if err != nil {
			t.Fatal(err)
		}
		return pid
	}
	eventually(t, "the end of the dead run's command", func() bool { return isProcessGone(child(killed.stdout)) })
	if isProcessGone(child(living.stdout.String())) {
		t.Error("the living run's command has ended, too")
	}
	living.signal(syscall.SIGKILL)
	living.wait()
	a.start("ps").wait()
	eventually(t, "its end after ps", func() bool { return isProcessGone(child(living.stdout.String())) })
}
