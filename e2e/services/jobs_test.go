//go:build unix

package services_test

import (
	"strings"
	"testing"

	"tasks/internal/testing/apptest"
)

const jobsCompose = `
services:
  db: { @offline, command: ["signals"], stop_grace_period: 0s }
jobs:
  migrate:
    @offline
    command: ["sh", "-c", "echo migrated; echo run >>/log/all"]
    depends_on: [db]
    volumes: ["log:/log"]
    triggers: { manual: true }
  seed:
    @offline
    command: ["sh", "-c", "echo seeded after $$(wc -l </log/all)"]
    depends_on: { migrate: { condition: service_completed_successfully } }
    volumes: ["log:/log"]
    profiles: [tools]
    triggers: { manual: true }
  broken:
    @offline
    command: ["sh", "-c", "exit 7"]
    triggers: { manual: true }
  after:
    @offline
    command: ["echo", "not reached"]
    depends_on: { broken: { condition: service_completed_successfully } }
    triggers: { manual: true }
volumes:
  log: {}
`

const jobsTasks = `
task "all" {
  command    = ["echo", "${job.migrate.stdout}, ${job.seed.stdout}"]
  depends_on = [job.seed, job.migrate]
}
task "fails" {
  command    = ["echo", "not reached"]
  depends_on = [job.broken]
}
`

// A job runs once for all that need the job, gives its output and its exit code, and leaves no one-off.
func TestJobsOfATask(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, jobsCompose, jobsTasks)
	apptest.ExpectEqual(t, "the first run", a.Ok("run", "all"), "migrated, seeded after 1\n")
	apptest.ExpectEqual(t, "the second run", a.Ok("run", "--isolated", "all"), "migrated, seeded after 1\n")
	apptest.ExpectEqual(t, "a one-off", a.Ok("once", "--rm", "seed"), "seeded after 2\n")
	apptest.ExpectEqual(t, "a one-off again", a.Ok("once", "--rm", "seed"), "seeded after 3\n")
	a.Tasks("run", "fails").ExpectStderr(t, 7, "job.broken")
	a.Tasks("once", "--rm", "after").ExpectStderr(t, 125, "broken", "exit code 7")
	if left := a.OneOffs(); len(left) > 0 {
		t.Errorf("%s is left", strings.TrimPrefix(left[0].Name, "/"))
	}
}
