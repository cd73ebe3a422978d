//go:build unix

package concurrent_test

import (
	"regexp"
	"strings"
	"testing"

	"tasks/internal/testing/apptest"
)

// TestOnceIsolated: a one-off of `once` stays, but nothing of a private project does.
func TestOnceIsolated(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, `
services:
  app: {image: @image, command: [echo, run], depends_on: [db]}
  db: {image: @image, command: [sleep, infinity], stop_grace_period: 0s, volumes: [data:/data]}
volumes:
  data: {}
`, "")
	if out := a.Ok("--isolated", "once", "app", "echo", "alone"); out != "alone\n" {
		t.Errorf("it wrote %q", out)
	}
	if left := a.ContainersWithLabels("tasks.of=" + a.Project); len(left) > 0 {
		t.Errorf("%d containers of the private project are left", len(left))
	}
	if own := a.Containers(); len(own) > 0 {
		t.Errorf("the project itself has %d containers", len(own))
	}
	if r := a.Tasks("once", "--isolated", "-d", "app"); r.Code != 2 || !strings.Contains(r.Stderr, "--isolated and --detach exclude each other") {
		t.Errorf("code %d: %s", r.Code, r.Stderr)
	}
}

// The line about the time of a run has the time of the cleanup, one of the three longest parts. So the run has few parts.
func TestCleanupTimeOfPrivateProject(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, `
services:
  app: {image: @image, volumes: [data:/data]}
volumes:
  data: {}
`, `
task "test" {
  service           = "app"
  command           = ["sleep", "1"]
  dependency_policy = "ephemeral"
}
`)
	r := a.Tasks("run", "test")
	if r.Code != 0 || !regexp.MustCompile(`(?m)^[0-9.]+ s: .*[0-9.]+ s cleanup`).MatchString(r.Stderr) {
		t.Errorf("code %d\n%s", r.Code, r.Stderr)
	}
}
