package main

import (
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
)

// states are the services that have a container, with its state.
func (a *testApp) states() map[string]string {
	states := map[string]string{}
	for _, c := range a.containers() {
		states[c.Config.Labels["com.docker.compose.service"]] = string(c.State.Status)
	}
	return states
}

const chain = `
services:
  web:
    image: @image
    command: ["sleep", "infinity"]
    depends_on:
      db: { condition: service_healthy }
      seed: { condition: service_completed_successfully }
      cache: { condition: service_started }
  db:
    image: @image
    command: ["serve", "-tcp", ":5432", "-after", "300ms"]
    healthcheck: { test: ["CMD", "probe", "tcp", "127.0.0.1:5432"], interval: 30s }
    depends_on: [base]
  seed:
    image: @image
    command: ["sh", "-c", "sleep 0.2; echo seeded >/seed/mark"]
    volumes: ["seed:/seed"]
  cache:
    image: @image
    command: ["sleep", "infinity"]
  base:
    image: @image
    command: ["sleep", "infinity"]
  unrelated:
    image: no/such:image
volumes:
  seed: {}
`

// The interval of 30 s must not be waited for.
func TestDependencyServicesAreReadyBeforeTheTask(t *testing.T) {
	t.Parallel()
	a := newApp(t, chain, `
		task "check" {
			service = "web"
			volumes = ["seed:/seed"]
			script  = "probe tcp db:5432; cat /seed/mark"
		}
	`)
	begin := time.Now()
	expectEqual(t, "what the task sees", a.ok("run", "check"), "ok\nseeded\n")
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("it took %s: the healthcheck's interval was waited for", took)
	}
	expectEqual(t, "services", a.states(), map[string]string{"db": "running", "base": "running", "cache": "running", "seed": "exited"})
	base, db := a.service("base"), a.service("db")
	if started(t, base).After(started(t, db)) {
		t.Error("db was started before base, which it depends on")
	}
}

func started(t *testing.T, c container.InspectResponse) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, c.State.StartedAt)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestNoDeps(t *testing.T) {
	t.Parallel()
	a := newApp(t, chain, `
		task "alone" {
			service    = "web"
			no_deps    = true
			depends_on = [task.first, service.cache]
			command    = ["echo", "alone"]
		}
		task "dashed" {
			service = "web"
			no-deps = true
			command = ["echo", "dashed"]
		}
		task "first" { command = ["echo", "first"] }
	`)
	r := a.tasks("run", "alone")
	if r.code != 0 || r.stdout != "alone\n" || !strings.Contains(r.stderr, "first | first") {
		t.Errorf("%+v", r)
	}
	expectEqual(t, "dashed", a.ok("run", "dashed"), "dashed\n")
	expectEqual(t, "services", a.states(), map[string]string{})
}

func TestTaskDependsOnServices(t *testing.T) {
	t.Parallel()
	tasks := ""
	for _, dep := range []string{"service.db", "service.db.healthy", "service.db.started", "service.seed.completed", "service.cache", "service.web.started"} {
		tasks += `task "` + strings.ReplaceAll(dep, ".", "_") + `" {
			depends_on = [` + dep + `]
			command    = ["echo", "ran"]
		}
		`
	}
	a := newApp(t, chain, tasks)
	for _, test := range []struct {
		task string
		want map[string]string
	}{
		{"service_cache", map[string]string{"cache": "running"}},
		{"service_seed_completed", map[string]string{"cache": "running", "seed": "exited"}},
		{"service_db_started", map[string]string{"cache": "running", "seed": "exited", "base": "running", "db": "running"}},
		{"service_db", map[string]string{"cache": "running", "seed": "exited", "base": "running", "db": "running"}},
		{"service_db_healthy", map[string]string{"cache": "running", "seed": "exited", "base": "running", "db": "running"}},
		{"service_web_started", map[string]string{"cache": "running", "seed": "exited", "base": "running", "db": "running", "web": "running"}},
	} {
		expectEqual(t, test.task, a.ok("run", test.task), "ran\n")
		expectEqual(t, "services after "+test.task, a.states(), test.want)
	}
}

// The long-lived service runs beside the one-off, which finds it by its name.
func TestTaskMayDependOnItsOwnService(t *testing.T) {
	t.Parallel()
	a := newApp(t, `
services:
  web:
    image: @image
    command: ["serve", "-tcp", ":80"]
    healthcheck: { test: ["CMD", "probe", "tcp", "127.0.0.1:80"], interval: 30s }
`, `
		task "beside" {
			service    = "web"
			depends_on = [service.web]
			command    = ["probe", "tcp", "web:80"]
		}
	`)
	expectEqual(t, "answer", a.ok("run", "beside"), "ok\n")
	expectEqual(t, "services", a.states(), map[string]string{"web": "running"})
}

func TestTasksRunAfterTheTasksTheyDependOn(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", `
		task "host" { script = "echo host >>log" }
		task "first" {
			image      = "@image"
			depends_on = [task.host]
			volumes    = [".:/app"]
			workdir    = "/app"
			script     = "echo first >>log"
		}
		task "second" {
			image      = "@image"
			depends_on = [task.first, task.host]
			volumes    = [".:/app"]
			workdir    = "/app"
			script     = "echo second >>log; cat log"
		}
		task "failing" {
			image   = "@image"
			command = ["exit", 9]
		}
		task "never" {
			image      = "@image"
			depends_on = [task.failing]
			command    = ["echo", "ran"]
		}
		task "all" { depends_on = [task.first, task.second] }
	`)
	expectEqual(t, "log", a.ok("run", "second"), "host\nfirst\nsecond\n")
	r := a.tasks("run", "never")
	if r.code != 9 || r.stdout != "" || !strings.Contains(r.stderr, "task failing  failed: exit code 9") {
		t.Errorf("%+v", r)
	}
	expectEqual(t, "a group", a.ok("run", "all"), "second | host\nsecond | first\nsecond | second\nsecond | host\nsecond | first\nsecond | second\n")
}
