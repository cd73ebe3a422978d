//go:build unix

package sharing_test

import (
	"strings"
	"syscall"
	"testing"

	"tasks/internal/testing/apptest"
)

// TestDownAsksForResourcesInUse: a command on the host, or in a service's container, has no container that tells of it.
func TestDownAsksForResourcesInUse(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, `
services:
  db:
    image: "@image"
    command: ["signals"]
`, `
task "host" {
  script     = "echo begun; sleep 600"
  depends_on = [service.db]
}
task "inside" {
  service = "db"
  mode    = "exec"
  command = ["sh", "-c", "echo begun; sleep 600"]
}
`)
	for _, task := range []string{"host", "inside"} {
		run := a.Start("run", task)
		run.WaitOutput("begun")
		r := a.Tasks("down")
		apptest.ExpectEqual(t, task+": exit code", r.Code, 125)
		if !strings.Contains(r.Stderr, "a run under way uses service db, network "+a.Project+"_default") {
			t.Errorf("%s: down says\n%s", task, r.Stderr)
		}
		apptest.ExpectEqual(t, task+": the service runs", a.Service("db").State.Running, true)
		run.Signal(syscall.SIGTERM)
		run.Wait()
	}
	a.Ok("down") // nobody uses it any more
	a.ExpectNothingLeft()
}
