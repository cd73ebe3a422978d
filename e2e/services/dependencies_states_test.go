//go:build unix

package services_test

import (
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"tasks/internal/testing/apptest"
)

// Whatever state a dependency was left in, the run brings it to where it must be.
func TestHealthyDependencyInOtherStates(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, dbCompose("service_healthy", `
    command: [serve, -tcp, ":5432", -after, 300ms]
    healthcheck: {test: [CMD, probe, tcp, "localhost:5432"], interval: 30s}
`), probeDB)
	a.Ok("run", "x")
	id := a.Service("db").ID
	for _, state := range []struct {
		name    string
		change  func() error
		restart bool
	}{
		{"killed", func() error {
			_, err := a.Engine.ContainerKill(t.Context(), id, client.ContainerKillOptions{Signal: "KILL"})
			// The engine answers a moment before its list has the new state.
			apptest.Eventually(t, "a list without it", func() bool { return !a.ListedAsRunning(id) })
			return err
		}, true},
		{"paused", func() error {
			_, err := a.Engine.ContainerPause(t.Context(), id, client.ContainerPauseOptions{})
			return err
		}, false},
		{"running", func() error { return nil }, false},
	} {
		before := a.Service("db").State.StartedAt
		if err := state.change(); err != nil {
			t.Fatal(err)
		}
		apptest.ExpectEqual(t, "answer after it was "+state.name, a.Ok("run", "x"), "ok\n")
		db := a.Service("db")
		if db.ID != id || (db.State.StartedAt != before) != state.restart {
			t.Errorf("%s: container %s started at %s, before %s at %s", state.name, db.ID[:12], db.State.StartedAt, id[:12], before)
		}
	}
}

// The engine calls the service unhealthy until its next probe. The run tries the probe at once.
func TestUnhealthyDependencyThatHasRecovered(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, dbCompose("service_healthy", `
    command: [sleep, infinity]
    healthcheck: {test: [CMD, test, -e, /ok], interval: 4s, retries: 1}
`), apptest.EchoRan)
	if r := a.Tasks("run", "x"); r.Code != 125 || !strings.Contains(r.Stderr, "service db is unhealthy") {
		t.Errorf("%+v", r)
	}
	a.Exec(a.Service("db"), "touch", "/ok")
	a.Ok("run", "x")
}

// A service that had to complete and has failed is run again, until it succeeds; then no more.
func TestFailedCompletionIsRetried(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, dbCompose("service_completed_successfully", `
    command: [sh, -c, "echo run >>/calls/log; flaky /calls/count 1"]
    volumes: [".:/calls"]
`), `
task "x" {
  service = "web"
  volumes = [".:/calls"]
  command = ["cat", "/calls/log"]
}
`)
	if r := a.Tasks("run", "x"); r.Code != 125 || !strings.Contains(r.Stderr, "service db did not complete successfully: exit code 1") {
		t.Errorf("%+v", r)
	}
	failed := a.Service("db")
	apptest.ExpectEqual(t, "runs, after one that failed", a.Ok("run", "x"), "run\nrun\n")
	apptest.ExpectEqual(t, "container", a.Service("db").ID, failed.ID)
	apptest.ExpectEqual(t, "runs, after one that succeeded", a.Ok("run", "x"), "run\nrun\n")
}

// What is not required is warned of, whatever is wrong with it.
func TestOptionalDependencies(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ condition, db, warning string }{
		// Nothing listens at port 1: the engine gets no answer from this registry.
		"absent image":  {"service_started", "    image: 127.0.0.1:1/nothing:9\n", "127.0.0.1:1/nothing:9"},
		"no such file":  {"service_started", "    command: [/nope]\n", `"/nope" is not in the image`},
		"unhealthy":     {"service_healthy", "    command: [sleep, infinity]\n    healthcheck: {test: [CMD, sh, -c, 'echo not yet; exit 9'], interval: 200ms, retries: 1}\n", "service db is unhealthy"},
		"dies":          {"service_healthy", "    command: [exit, '3']\n    healthcheck: {test: [CMD, 'true']}\n", "exited with code 3 before it was healthy"},
		"no completion": {"service_completed_successfully", "    command: [exit, '4']\n", "did not complete successfully: exit code 4"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compose := dbCompose(test.condition+", required: false", test.db)
			if strings.Contains(test.db, "image:") {
				compose = strings.Replace(compose, "db:\n    image: @image\n", "db:\n", 1)
			}
			a := apptest.NewApp(t, compose, apptest.EchoRan)
			r := a.Tasks("run", "x")
			if r.Code != 0 || r.Stdout != "ran\n" || !strings.Contains(r.Stderr, test.warning) || !strings.Contains(r.Stderr, "(not required: going on)") {
				t.Errorf("%+v", r)
			}
		})
	}
}

// A running service is stopped before what it depends on with restart: true is recreated, and started after it.
func TestRestartWithADependency(t *testing.T) {
	t.Parallel()
	const compose = `
services:
  app: {image: @image, depends_on: {web: {condition: service_healthy}, plain: {condition: service_started}}}
  web:
    image: @image
    command: [serve, -tcp, ":80"]
    healthcheck: {test: [CMD, probe, tcp, "localhost:80"], interval: 30s}
    depends_on: {db: {condition: service_started, restart: true}}
  plain: {image: @image, command: [sleep, infinity], depends_on: [db]}
  db: {image: @image, command: [sleep, infinity], environment: {SETTING: "@setting"}}
`
	a := apptest.NewApp(t, strings.Replace(compose, "@setting", "one", 1), "task \"x\" {\n  service = \"app\"\n  command = [\"probe\", \"tcp\", \"web:80\"]\n}\n")
	a.Ok("run", "x")
	web, plain, db := a.Service("web"), a.Service("plain"), a.Service("db")

	a.Write("compose.yaml", strings.Replace(compose, "@setting", "two", 1)+"name: @project\n")
	plan := a.Ok("plan", "x")
	for _, line := range []string{
		"stop      service  web", "service db is recreated, which it depends on with restart: true",
		"start     service  web", "it was stopped because service db is recreated",
	} {
		if !strings.Contains(plan, line) {
			t.Errorf("the plan lacks %q:\n%s", line, plan)
		}
	}
	a.Ok("run", "x")
	again := a.Service("web")
	if again.ID != web.ID || again.State.StartedAt == web.State.StartedAt || a.Service("db").ID == db.ID {
		t.Errorf("web is %s, started %s; before %s, started %s", again.ID[:12], again.State.StartedAt, web.ID[:12], web.State.StartedAt)
	}
	if finished(t, again).After(started(t, a.Service("db"))) {
		t.Error("web was stopped only after the new db had started")
	}
	apptest.ExpectEqual(t, "start of the service without restart", a.Service("plain").State.StartedAt, plain.State.StartedAt)

	a.Ok("run", "x")
	apptest.ExpectEqual(t, "start, when nothing has changed", a.Service("web").State.StartedAt, again.State.StartedAt)
}

func finished(t *testing.T, c container.InspectResponse) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, c.State.FinishedAt)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// Whoever shares the network of a container that is started again would be left in one that is gone.
func TestRestartOfNetworkSharer(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, `
services:
  app: {image: @image, depends_on: [side]}
  side: {image: @image, network_mode: "service:db", command: [serve, -tcp, ":80"]}
  db: {image: @image, command: [sleep, infinity]}
`, "task \"x\" {\n  service = \"app\"\n  script = \"until probe tcp db:80 >/dev/null 2>&1; do sleep 0.1; done; echo there\"\n}\n")
	apptest.ExpectEqual(t, "answer", a.Ok("run", "x"), "there\n")
	id := a.Service("db").ID
	if _, err := a.Engine.ContainerKill(t.Context(), id, client.ContainerKillOptions{Signal: "KILL"}); err != nil {
		t.Fatal(err)
	}
	apptest.Eventually(t, "a list without it", func() bool { return !a.ListedAsRunning(id) })
	apptest.ExpectEqual(t, "answer after its network was gone", a.Ok("run", "x"), "there\n")
}
