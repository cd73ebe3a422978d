package interop

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
	p.write("job.env", "FROM_FILE=1\n")
	p.ok(k, map[tool]string{tasks: "once", v5: "run"}[k], "seed")
	for _, c := range p.containers() {
		switch service := c.Labels["com.docker.compose.service"]; {
		case service == "seed":
			seed = p.inspect(c.ID)
		case service == "migrate":
			migrate = p.inspect(c.ID)
		}
	}
	p.ok(tasks, "down", "--volumes", "--yes")
	return seed, migrate
}

// A job has the same containers as with Compose: its one-off, and the container of a job that it needs.
func TestJobs(t *testing.T) {
	t.Parallel()
	v5.program(t)
	ourSeed, ourMigrate := jobsOf(t, tasks)
	theirSeed, theirMigrate := jobsOf(t, v5)
	for name, pair := range map[string][2]fields{"seed": {theirSeed, ourSeed}, "migrate": {theirMigrate, ourMigrate}} {
		for _, f := range pair {
			delete(f, "Config.Labels."+starter)
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
	v5.program(t)
	p := newProject(t, withJobs)
	p.write("job.env", "FROM_FILE=1\n")
	p.write("Tasks.hcl", `
task "once" {
  command    = ["echo", "seed gave <${job.seed.stdout}>"]
  depends_on = [job.migrate, job.seed]
}
`)
	p.ok(v5, "run", "--rm", "seed")
	before := p.identities()
	p.ok(tasks, "once", "--rm", "seed")
	expectSame(t, "tasks", before, p.identities())
	p.ok(v5, "run", "--rm", "seed")
	expectSame(t, "Compose v5 again", before, p.identities())
	if got := p.ok(tasks, "run", "once"); got != "seed gave <>\n" {
		t.Errorf("the task printed %q", got)
	}
	for k, words := range map[tool][]string{tasks: {"once", "nightly"}, v5: {"run", "nightly"}} {
		if r := p.run(k, words...); r.code == 0 {
			t.Errorf("%s runs a job with manual: false", k)
		} else if k == tasks && r.code != 2 {
			t.Errorf("tasks ended with %d: %s", r.code, r.stderr)
		}
	}
	all := p.ok(tasks, "once", "--rm", "db", "cat", "/log/all")
	const each = "migrated\nseeded word\n"
	if want := strings.Repeat(each, 4); all != want {
		t.Errorf("the jobs wrote\n%s, want\n%s", all, want)
	}
}
