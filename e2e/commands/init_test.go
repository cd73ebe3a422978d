//go:build unix

package commands_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tasks/internal/testing/apptest"
)

const starterCompose = `
services:
  web: {@offline, command: [sleep, infinity], stop_signal: SIGKILL, depends_on: {db: {condition: service_healthy}}}
  db:
    @offline
    command: [sleep, infinity]
    stop_signal: SIGKILL
    healthcheck: {test: ["CMD", "true"], interval: 30s}
`

const starterMakefile = `
DC = docker compose

migrate: check
	$(DC) run --rm -e STEP=2 web sh -c 'echo migrated $$STEP'

check:
	@cd / && echo checked
`

// TestStarterFileRuns: the first task of a starter file runs without an edit, and so do the tasks of a Makefile.
func TestStarterFileRuns(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, starterCompose, "")
	if err := os.Remove(filepath.Join(a.Dir, "Tasks.hcl")); err != nil {
		t.Fatal(err)
	}
	a.Write("Makefile", starterMakefile)
	out := a.Ok("init", "--from", "Makefile")
	if !strings.Contains(out, "`tasks run start` runs the first") {
		t.Errorf("output:\n%s", out)
	}
	if r := a.Tasks("run", "start"); r.Code != 0 {
		t.Fatalf("%+v; want the services up", r)
	}
	if ps := a.Ok("ps"); !strings.Contains(ps, "web") || !strings.Contains(ps, "db") {
		t.Errorf("containers:\n%s", ps)
	}
	r := a.Tasks("run", "migrate")
	if r.Code != 0 || r.Stdout != "migrated 2\n" || !strings.Contains(r.Stderr, "check | checked") {
		t.Errorf("%+v; want the migration in the service, after the check", r)
	}
	if left := a.OneOffs(); len(left) > 0 {
		t.Errorf("%d one-offs are left", len(left))
	}
}
