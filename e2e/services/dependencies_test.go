//go:build unix

package services_test

import (
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"

	"tasks/internal/testing/apptest"
)

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
	a := apptest.NewApp(t, chain, `
		task "check" {
			service = "web"
			volumes = ["seed:/seed"]
			script  = "probe tcp db:5432; cat /seed/mark"
		}
	`)
	begin := time.Now()
	apptest.ExpectEqual(t, "what the task sees", a.Ok("run", "check"), "ok\nseeded\n")
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("it took %s: the healthcheck's interval was waited for", took)
	}
	apptest.ExpectEqual(t, "services", a.States(), map[string]string{"db": "running", "base": "running", "cache": "running", "seed": "exited"})
	base, db := a.Service("base"), a.Service("db")
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
	a := apptest.NewApp(t, chain, `
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
	r := a.Tasks("run", "alone")
	if r.Code != 0 || r.Stdout != "alone\n" || !strings.Contains(r.Stderr, "first | first") {
		t.Errorf("%+v", r)
	}
	apptest.ExpectEqual(t, "dashed", a.Ok("run", "dashed"), "dashed\n")
	apptest.ExpectEqual(t, "services", a.States(), map[string]string{})
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
	a := apptest.NewApp(t, chain, tasks)
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
		apptest.ExpectEqual(t, test.task, a.Ok("run", test.task), "ran\n")
		apptest.ExpectEqual(t, "services after "+test.task, a.States(), test.want)
	}
}

// The long-lived service runs beside the one-off, which finds it by its name.
func TestTaskMayDependOnItsOwnService(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, `
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
	apptest.ExpectEqual(t, "answer", a.Ok("run", "beside"), "ok\n")
	apptest.ExpectEqual(t, "services", a.States(), map[string]string{"web": "running"})
}

func TestTasksRunAfterTheTasksTheyDependOn(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
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
	apptest.ExpectEqual(t, "log", a.Ok("run", "second"), "host\nfirst\nsecond\n")
	r := a.Tasks("run", "never")
	if r.Code != 9 || r.Stdout != "" || !strings.Contains(r.Stderr, "task failing  failed: exit code 9") {
		t.Errorf("%+v", r)
	}
	apptest.ExpectEqual(t, "a group", a.Ok("run", "all"), "second | host\nsecond | first\nsecond | second\nsecond | host\nsecond | first\nsecond | second\n")
}
