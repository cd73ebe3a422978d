//go:build unix

package terminal_test

import (
	"strconv"
	"strings"
	"syscall"
	"testing"

	"tasks/internal/testing/apptest"
)

// What a host command has started ends with the next run, where its own could not see to it.
func TestHostCommandsOfCrashedRunEnd(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
task "stays" {
  script = "trap '' TERM HUP; sleep 300 & echo child $!.; wait"
}
task "next" {
  script = "true"
}
`)
	living := a.Start("run", "stays")
	living.WaitOutput(".\n")
	p := a.Start("run", "stays")
	p.WaitOutput(".\n")
	a.WaitJournalEntries(2)
	p.Signal(syscall.SIGKILL)
	killed := p.Wait()
	r := a.Start("run", "next").Wait()
	if r.Code != 0 || !strings.Contains(r.Stderr, "killed: 1\n") {
		t.Errorf("code %d\n%s", r.Code, r.Stderr)
	}
	child := func(stdout string) int {
		pid, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(stdout, "child "), ".\n"))
		if err != nil {
			t.Fatal(err)
		}
		return pid
	}
	apptest.Eventually(t, "the end of the dead run's command", func() bool { return isProcessGone(child(killed.Stdout)) })
	if isProcessGone(child(living.Stdout.String())) {
		t.Error("the living run's command has ended, too")
	}
	living.Signal(syscall.SIGKILL)
	living.Wait()
	a.Start("ps").Wait()
	apptest.Eventually(t, "its end after ps", func() bool { return isProcessGone(child(living.Stdout.String())) })
}
