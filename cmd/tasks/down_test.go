package main

import (
	"strings"
	"syscall"
	"testing"
)

// TestDownAsksForResourcesInUse: a command on the host, or in a service's container, has no container that tells of it.
func TestDownAsksForResourcesInUse(t *testing.T) {
	t.Parallel()
	a := newApp(t, `
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
		run := a.start("run", task)
		run.waitOutput("begun")
		r := a.tasks("down")
		expectEqual(t, task+": exit code", r.code, 125)
		if !strings.Contains(r.stderr, "a run under way uses service db, network "+a.project+"_default") {
			t.Errorf("%s: down says\n%s", task, r.stderr)
		}
		expectEqual(t, task+": the service runs", a.service("db").State.Running, true)
		run.signal(syscall.SIGTERM)
		run.wait()
	}
	a.ok("down") // nobody uses it any more
	a.expectNothingLeft()
}
