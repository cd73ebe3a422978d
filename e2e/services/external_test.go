//go:build unix

package services_test

import (
	"strings"
	"testing"

	"github.com/moby/moby/client"

	"tasks/internal/testing/apptest"
)

const externalCompose = `
services:
  app: {image: @image, depends_on: {db: {condition: service_healthy}}}
  db:
    image: @image
    command: [serve, -tcp, ":5432"]
    healthcheck: {test: [CMD, probe, tcp, "localhost:5432"], interval: 1s}
    stop_grace_period: 0s
`

const externalTasks = `
task "test" {
  service           = "app"
  command           = ["probe", "tcp", "db:5432"]
  depends_on        = [task.also]
  dependency_policy = "external"
}

task "also" {
  service = "app"
  command = ["echo", "also"]
}

task "alone" {
  image             = "@image"
  command           = ["echo", "alone"]
  dependency_policy = "external"
}

task "up" {
  depends_on = [service.db]
}
`

// TestExternal: nothing but one-offs is made, and what does not run is told, with what to do.
func TestExternal(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, externalCompose, externalTasks)
	refused := func(want string, args ...string) {
		t.Helper()
		r := a.Tasks(args...)
		if r.Code != 125 || !strings.Contains(r.Stderr, want) {
			t.Errorf("tasks %q: code %d\n%s\nwant %s", args, r.Code, r.Stderr, want)
		}
	}
	refused("service db does not run (it has no container), and dependency_policy = \"external\" (Tasks.hcl:6:23) has nothing started: start it with `docker compose up -d db`, or choose another policy", "run", "test")
	refused("network "+a.Project+"_default does not exist, and dependency_policy = \"external\" (Tasks.hcl:17:23) never creates it", "run", "alone")
	if all := a.Containers(); len(all) > 0 {
		t.Errorf("%d containers were made", len(all))
	}
	if plan := a.Ok("plan", "test"); !strings.Contains(plan, "but it does not exist: the run will fail") {
		t.Errorf("plan\n%s", plan)
	}
	a.Ok("run", "--quiet", "up")
	before := a.Service("db")
	a.Ok("run", "test")
	a.Ok("run", "alone")
	if after := a.Service("db"); after.ID != before.ID || after.State.StartedAt != before.State.StartedAt {
		t.Error("the service was touched")
	}
	if _, err := a.Engine.ContainerKill(t.Context(), before.ID, client.ContainerKillOptions{}); err != nil {
		t.Fatal(err)
	}
	apptest.Eventually(t, "the end of the service", func() bool { return !a.Service("db").State.Running })
	refused("(its container "+a.Project+"-db-1 is exited)", "run", "test")
	if after := a.Service("db"); after.State.Running {
		t.Error("the service was started")
	}
}
