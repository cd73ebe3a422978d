//go:build unix

package services_test

import (
	"strings"
	"testing"

	"tasks/internal/testing/apptest"
)

// TestUp: services start in the order of their dependencies, stay, and are reused.
func TestUp(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, `
services:
  web:
    image: @image
    command: [sleep, infinity]
    depends_on: {seed: {condition: service_completed_successfully}}
  seed:
    image: @image
    command: [echo, seeded]
    depends_on: {db: {condition: service_healthy}}
  db:
    image: @image
    command: [sleep, infinity]
    healthcheck: {test: ["CMD", "true"], interval: 30s}
  broken:
    image: @image
    command: [sh, -c, "echo no configuration; exit 3"]
    profiles: [broken]
`, `
task "show" { command = ["echo", "shown"] }
task "deploy" { steps = [task.show, service.web.started] }
`)
	a.Ok("up")
	web, seed := a.Service("web"), a.Service("seed")
	apptest.ExpectEqual(t, "web runs", web.State.Running, true)
	apptest.ExpectEqual(t, "seed has ended", seed.State.Status, "exited")
	a.Ok("up", "web")
	a.Ok("run", "deploy")
	apptest.ExpectEqual(t, "web is reused", a.Service("web").State.StartedAt, web.State.StartedAt)
	apptest.ExpectEqual(t, "seed is reused", a.Service("seed").State.StartedAt, seed.State.StartedAt)

	r := a.Tasks("up", "broken")
	apptest.ExpectEqual(t, "code of a service that fails", r.Code, 125)
	for _, text := range []string{"exited with code 3", "no configuration"} {
		if !strings.Contains(r.Stderr, text) {
			t.Errorf("stderr lacks %q:\n%s", text, r.Stderr)
		}
	}
	apptest.ExpectEqual(t, "web stays", a.Service("web").State.Running, true)
}
