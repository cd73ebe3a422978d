package projects_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tasks/internal/testing/composetest"
)

// The service uses the volume too: for a volume of jobs alone, Compose v5.6 takes the engine's volume of that name.
const withJobs = `
services:
  db: {image: @image, command: ["signals"], stop_grace_period: 0s, volumes: ["log:/log"]}
jobs:
  migrate:
    image: @image
    command: ["sh", "-c", "echo migrated >>/log/all"]
    depends_on: [db]
    env_file: [job.env]
    volumes: ["log:/log"]
    triggers: {manual: true}
  seed:
    image: @image
    command: ["sh", "-c", "echo seeded $$WORD >>/log/all"]
    environment: {WORD: "${SHELL_WORD:-word}"}
    labels: {mine: x}
    user: "0"
    cap_add: [NET_ADMIN]
    ports: ["80"]
    networks: {default: {aliases: [sower]}}
    depends_on: {migrate: {condition: service_completed_successfully}}
    volumes: ["log:/log"]
    profiles: [tools]
    triggers: {manual: true, schedule: ["0 3 * * *"]}
  nightly:
    image: @image
    triggers: {manual: false, schedule: ["@daily"]}
volumes:
  log: {}
`

// jobsOf runs a job with a tool. The result are the fields of the containers of both jobs.
func jobsOf(t *testing.T, k tool) (seed, migrate fields) {
	p := newProject(t, withJobs)
	p.Write("job.env", "FROM_FILE=1\n")
	p.OK(k, map[tool]string{tasks: "once", v5: "run"}[k], "seed")
	for _, c := range p.Containers() {
		switch service := c.Labels["com.docker.compose.service"]; {
		case service == "seed":
			seed = p.Inspect(c.ID)
		case service == "migrate":
			migrate = p.Inspect(c.ID)
		}
	}
	p.OK(tasks, "down", "--volumes", "--yes")
	return seed, migrate
}

// A job has the same containers as with Compose: its one-off, and the container of a job that it needs.
func TestJobs(t *testing.T) {
	t.Parallel()
	v5.Program(t)
	ourSeed, ourMigrate := jobsOf(t, tasks)
	theirSeed, theirMigrate := jobsOf(t, v5)
	for name, pair := range map[string][2]fields{"seed": {theirSeed, ourSeed}, "migrate": {theirMigrate, ourMigrate}} {
		for _, f := range pair {
			delete(f, "Config.Labels."+composetest.LabelStarter)
			delete(f, "Config.Labels.com.docker.compose.version")
			if name == "seed" { // the hash of a one-off of Compose covers its random name
				delete(f, "Config.Labels.com.docker.compose.config-hash")
			}
		}
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" || len(pair[0]) < 20 {
			t.Errorf("%s: -Compose v5 +tasks:\n%s", name, diff)
		}
	}
}

// Both tools reuse the containers of the other, refuse the same job, and run the services beside jobs.
func TestJobsBothWays(t *testing.T) {
	t.Parallel()
	v5.Program(t)
	p := newProject(t, withJobs)
	p.Write("job.env", "FROM_FILE=1\n")
	p.Write("Tasks.hcl", `
task "once" {
  command    = ["echo", "seed gave <${job.seed.stdout}>"]
  depends_on = [job.migrate, job.seed]
}
`)
	p.OK(v5, "run", "--rm", "seed")
	before := p.Identities()
	p.OK(tasks, "once", "--rm", "seed")
	composetest.ExpectSame(t, "tasks", before, p.Identities())
	p.OK(v5, "run", "--rm", "seed")
	composetest.ExpectSame(t, "Compose v5 again", before, p.Identities())
	if got := p.OK(tasks, "run", "once"); got != "seed gave <>\n" {
		t.Errorf("the task printed %q", got)
	}
	for k, words := range map[tool][]string{tasks: {"once", "nightly"}, v5: {"run", "nightly"}} {
		if r := p.Run(k, words...); r.Code == 0 {
			t.Errorf("%s runs a job with manual: false", k)
		} else if k == tasks && r.Code != 2 {
			t.Errorf("tasks ended with %d: %s", r.Code, r.Stderr)
		}
	}
	all := p.OK(tasks, "once", "--rm", "db", "cat", "/log/all")
	const each = "migrated\nseeded word\n"
	if want := strings.Repeat(each, 4); all != want {
		t.Errorf("the jobs wrote\n%s, want\n%s", all, want)
	}
}
