//go:build unix

package sharing_test

import (
	"syscall"
	"testing"

	"tasks/internal/testing/apptest"
)

const lockCompose = `
services:
  web:
    @offline
    command: ["sleep", "100000"]
    volumes: [".:/src"]
`

// lockTasks tick into a file as long as they run; "next" tells whether one still does beside it.
const lockTasks = `
task "host" {
  lock   = "l"
  script = "trap '' TERM HUP; echo begun; while true; do echo x >> ticks; sleep 0.05; done"
}
task "container" {
  lock    = "l"
  service = "web"
  no_deps = true
  command = ["sh", "-c", "echo begun; while true; do echo x >> /src/ticks; sleep 0.05; done"]
}
task "kept" {
  extends = [task.container]
  rm      = false
}
task "private" {
  extends           = [task.container]
  dependency_policy = "ephemeral"
}
task "exec" {
  lock    = "l"
  service = "web"
  mode    = "exec"
  command = ["sh", "-c", "echo begun; while true; do echo x >> /src/ticks; sleep 0.05; done"]
}
task "next" {
  lock   = "l"
  script = "before=$(wc -l < ticks); sleep 0.5; test $before -eq $(wc -l < ticks) && echo alone || echo beside"
}
`

// TestLockOfCrashedRun: who waited for its lock does not run beside what it has left running.
func TestLockOfCrashedRun(t *testing.T) {
	t.Parallel()
	for _, task := range []string{"host", "container", "kept", "private", "exec"} {
		t.Run(task, func(t *testing.T) {
			t.Parallel()
			a := apptest.NewApp(t, lockCompose, lockTasks)
			p := a.Start("run", task)
			p.WaitOutput("begun")
			if task == "host" {
				a.WaitJournalEntries(1)
			}
			next := a.Start("run", "next")
			next.WaitOutput("waiting for the lock")
			p.Signal(syscall.SIGKILL)
			p.Wait()
			r := next.Wait()
			if r.Code != 0 || r.Stdout != "alone\n" {
				t.Errorf("code %d, stdout %q\n%s", r.Code, r.Stdout, r.Stderr)
			}
			a.Start("ps").Wait() // what else the killed run has left
			if task == "kept" {
				apptest.ExpectEqual(t, "the container that is kept", string(a.OneOffs()[0].State.Status), "exited")
				a.RemoveOneOffs()
			}
		})
	}
}
