//go:build unix

package services_test

import (
	"strings"
	"syscall"
	"testing"

	"tasks/internal/testing/apptest"
)

// TestDoctor: a healthy project, leftovers of a killed run, and a service that the engine cannot run. The command changes
// nothing.
func TestDoctor(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, `
services:
  web:
    image: "@image"
    command: [sleep, infinity]
  db:
    image: "@image"
    profiles: [other]
`, `
task "long" {
  service = "web"
  command = ["sh", "-c", "echo begun; sleep 600"]
}
`)
	expect := func(code int, lines ...string) {
		t.Helper()
		r := a.Start("doctor").Wait() // also beside a run
		apptest.ExpectEqual(t, "code", r.Code, code)
		for _, line := range lines {
			if !strings.Contains(r.Stdout, line) {
				t.Errorf("stdout lacks %q:\n%s%s", line, r.Stdout, r.Stderr)
			}
		}
	}
	expect(0, "✓ engine       Docker Engine ", "services: 1, and the engine can run them", "no killed run has left anything")
	run := a.Start("run", "long")
	run.WaitOutput("begun")
	expect(0, "no killed run has left anything")
	run.Signal(syscall.SIGKILL)
	run.Wait()
	expect(0, "! leftovers    killed runs have left container ")
	apptest.ExpectEqual(t, "one-offs", a.OneOffTasks(), "long")
	a.Ok("ps")
	expect(0, "no killed run has left anything")

	a.Write("compose.yaml", "services:\n  web:\n    image: x\n    network_mode: service:none\n")
	expect(1, "✗ project")
}
