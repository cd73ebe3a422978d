//go:build unix

package commands_test

import (
	"strings"
	"testing"

	"tasks/internal/testing/apptest"
)

const migrationCompose = `
services:
  web: {@offline, depends_on: [db]}
  db:
    @offline
    command: [sleep, infinity]
    stop_signal: SIGKILL
    volumes: ["data:/data"]
volumes:
  data: {}
`

const migrationTasks = `
task "migrate" {
  service = "web"
  command = ["echo", "migrating"]
  inputs  = ["migrations/*.sql"]
}

task "test" {
  service    = "web"
  command    = ["echo", "testing"]
  depends_on = [task.migrate]
}
`

// TestUpToDatePerVolume: whether a task is up to date is a matter of the data behind its services, too.
func TestUpToDatePerVolume(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, migrationCompose, migrationTasks)
	a.Write("migrations/1.sql", "create table a")
	ran := func(because string) {
		t.Helper()
		r := a.Tasks("run", "test")
		if r.Code != 0 || !strings.Contains(r.Stderr, "migrate | migrating") || !strings.Contains(r.Stderr, "not up to date: "+because) {
			t.Errorf("%+v; want a migration because %s", r, because)
		}
	}
	skipped := func() {
		t.Helper()
		if plan := a.Ok("plan", "test"); !strings.Contains(plan, "skip") || strings.Contains(plan, "one-off  migrate") {
			t.Errorf("plan:\n%s", plan)
		}
		r := a.Tasks("run", "test")
		if r.Code != 0 || strings.Contains(r.Stderr, "migrating") || !strings.Contains(r.Stderr, "task migrate  skipped: up to date") {
			t.Errorf("%+v; want no migration", r)
		}
	}
	ran("it never succeeded")
	skipped()
	a.Ok("down", "--yes")
	skipped() // the volume is the same
	a.Ok("down", "--volumes", "--yes")
	ran("the volume " + a.Project + "_data is another one")
	skipped()
	a.Write("migrations/2.sql", "create table b")
	if plan := a.Ok("plan", "test"); !strings.Contains(plan, "because input migrations/2.sql is new") {
		t.Errorf("plan:\n%s", plan)
	}
	ran("input migrations/2.sql is new")
	if left := a.OneOffs(); len(left) > 0 {
		t.Errorf("%d one-offs are left", len(left))
	}
}
