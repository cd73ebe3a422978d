package main

import (
	"strings"
	"testing"
)

const migrationCompose = `
services:
  web: {image: "@image", depends_on: [db]}
  db:
    image: "@image"
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
	a := newApp(t, migrationCompose, migrationTasks)
	a.write("migrations/1.sql", "create table a")
	ran := func(because string) {
		t.Helper()
		r := a.tasks("run", "test")
		if r.code != 0 || !strings.Contains(r.stderr, "migrate | migrating") || !strings.Contains(r.stderr, "it runs because "+because) {
			t.Errorf("%+v; want a migration because %s", r, because)
		}
	}
	skipped := func() {
		t.Helper()
		if plan := a.ok("plan", "test"); !strings.Contains(plan, "skip") || strings.Contains(plan, "one-off  migrate") {
			t.Errorf("plan:\n%s", plan)
		}
		r := a.tasks("run", "test")
		if r.code != 0 || strings.Contains(r.stderr, "migrating") || !strings.Contains(r.stderr, "task migrate  skipped: up to date") {
			t.Errorf("%+v; want no migration", r)
		}
	}
	ran("it has not succeeded before")
	skipped()
	a.ok("down", "--yes")
	skipped() // the volume is the same
	a.ok("down", "--volumes", "--yes")
	ran("the volume " + a.project + "_data is another one")
	skipped()
	a.write("migrations/2.sql", "create table b")
	if plan := a.ok("plan", "test"); !strings.Contains(plan, "because input migrations/2.sql is new") {
		t.Errorf("plan:\n%s", plan)
	}
	ran("input migrations/2.sql is new")
	if left := a.oneOffs(); len(left) > 0 {
		t.Errorf("%d one-offs are left", len(left))
	}
}
