//go:build unix

package services_test

import (
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"

	"tasks/internal/testing/apptest"
	"tasks/internal/toolbox"
)

const probeDB = `
task "x" {
  service = "web"
  command = ["probe", "tcp", "db:5432"]
}
task "unready" {
  image      = "@image"
  command    = ["true"]
  depends_on = [service.db.started]
}
`

// A dependency that is ready 1 s after its start is not waited for until the engine's first probe, after the interval. The
// bound is far from both, because other tests run beside. Tests in virtual time have the exact waits.
func TestReadinessDoesNotWaitForTheInterval(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, dbCompose("service_healthy", `
    command: [serve, -tcp, ":5432", -after, 1s]
    healthcheck: {test: [CMD, probe, tcp, "localhost:5432"], interval: 60s}
`), probeDB)
	if took := a.ColdRunTime("x"); took >= 30*time.Second {
		t.Errorf("the run took %v with an interval of 60 s", took)
	}
}

func TestHealthcheckOfTheImageCounts(t *testing.T) {
	t.Parallel()
	image := toolbox.ImageWith(t, `HEALTHCHECK --interval=30s CMD ["probe","tcp","localhost:5432"]`)
	a := apptest.NewApp(t, strings.Replace(dbCompose("service_healthy", `
    command: [serve, -tcp, ":5432", -after, 500ms]
`), "db:\n    image: @image", "db:\n    image: "+image, 1), probeDB)
	a.Ok("run", "x")
	if db := a.Service("db"); db.Config.Image != image {
		t.Errorf("the dependency's image is %s", db.Config.Image)
	}
}

// The first probe is ours, and hangs. The API cannot kill it, so that no other is begun; the second one is the engine's.
func TestHangingProbe(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, dbCompose("service_healthy", `
    command: [serve, -tcp, ":5432"]
    healthcheck: {test: [CMD, sh, -c, "flaky /tmp/calls 1 || sleep 60"], timeout: 500ms, interval: 3s}
`), probeDB)
	a.Ok("run", "x")
	if health := a.Service("db").State.Health; health.Status != container.Healthy {
		t.Errorf("the engine says %s: it was not waited for", health.Status)
	}
}

func TestStartedDoesNotWait(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, dbCompose("service_started", `
    command: [sleep, infinity]
    healthcheck: {test: [CMD, "false"]}
`), apptest.EchoRan)
	if out := a.Ok("run", "x"); out != "ran\n" {
		t.Errorf("output %q", out)
	}
	if health := a.Service("db").State.Health; health.Status != container.Starting {
		t.Errorf("the dependency is %s", health.Status)
	}
}
