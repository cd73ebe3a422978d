//go:build unix

package services_test

import (
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"tasks/internal/testing/apptest"
	"tasks/internal/toolbox"
)

const reusedCompose = `
services:
  web:
    @offline
    depends_on: [db]
  db:
    image: @ref
    command: ["sleep", "infinity"]
    environment: { SETTING: "@setting" }
    volumes: ["named:/named", "/anonymous"]
volumes:
  named: {}
`

const reusedTasks = `
task "hi" {
	service = "web"
	command = ["echo", "hi"]
}
`

// newReusedApp is a project whose service db has an image reference of its own, which can be made to mean another image.
func newReusedApp(t *testing.T) (a *apptest.App, compose func(setting string), ref string) {
	t.Helper()
	a = apptest.NewApp(t, "services: {}", reusedTasks)
	ref = "tasks-test/" + a.Project + ":current"
	a.Tag(a.Image, ref)
	compose = func(setting string) {
		a.Write("compose.yaml", strings.NewReplacer("@ref", ref, "@setting", setting).Replace(reusedCompose)+"name: @project\n")
	}
	compose("one")
	return a, compose, ref
}

func TestDependencyIsReused(t *testing.T) {
	t.Parallel()
	a, _, _ := newReusedApp(t)
	a.Ok("run", "hi")
	first := a.Service("db")
	r := a.Tasks("run", "hi")
	second := a.Service("db")
	apptest.ExpectEqual(t, "container and start", second.ID+second.State.StartedAt, first.ID+first.State.StartedAt)
	if r.Code != 0 || !strings.Contains(r.Stderr, "service db  reused: it runs already") {
		t.Errorf("%+v", r)
	}
}

func TestDependencyIsRecreatedForItsConfiguration(t *testing.T) {
	t.Parallel()
	a, compose, _ := newReusedApp(t)
	a.Ok("run", "hi")
	first := a.Service("db")
	a.Exec(first, "touch", "/anonymous/mark")
	compose("two")
	if plan := a.Ok("plan", "hi"); !strings.Contains(plan, "recreate  service  db") {
		t.Errorf("plan:\n%s", plan)
	}
	a.Ok("run", "hi")
	second := a.Service("db")
	if second.ID == first.ID || apptest.EnvironmentOf(second)["SETTING"] != "two" {
		t.Errorf("it was not recreated: %s", apptest.EnvironmentOf(second)["SETTING"])
	}
	apptest.ExpectEqual(t, "name", second.Name, "/"+a.Project+"-db-1")
	apptest.ExpectEqual(t, "volumes, kept", apptest.MountsOf(second), apptest.MountsOf(first))
	a.Exec(second, "ls", "/anonymous/mark")
	compose("two")
	a.Ok("run", "hi")
	apptest.ExpectEqual(t, "once recreated, reused", a.Service("db").ID, second.ID)
}

func TestDependencyIsRecreatedForItsImage(t *testing.T) {
	t.Parallel()
	a, _, ref := newReusedApp(t)
	a.Ok("run", "hi")
	first := a.Service("db")
	a.Tag(toolbox.ImageWith(t, "ENV OTHER=image"), ref)
	a.Ok("run", "hi")
	second := a.Service("db")
	if second.ID == first.ID || second.Image == first.Image || apptest.EnvironmentOf(second)["OTHER"] != "image" {
		t.Errorf("it was not recreated: %s %v", second.Image, apptest.EnvironmentOf(second))
	}
	apptest.ExpectEqual(t, "volumes, kept", apptest.MountsOf(second), apptest.MountsOf(first))
	a.Ok("run", "hi")
	apptest.ExpectEqual(t, "once recreated, reused", a.Service("db").ID, second.ID)
}

func TestDependencyThatDoesNotRunIsStarted(t *testing.T) {
	t.Parallel()
	a, _, _ := newReusedApp(t)
	a.Ok("run", "hi")
	first, grace := a.Service("db"), 1
	if _, err := a.Engine.ContainerStop(t.Context(), first.ID, client.ContainerStopOptions{Timeout: &grace}); err != nil {
		t.Fatal(err)
	}
	if plan := a.Ok("plan", "hi"); !strings.Contains(plan, "start   service  db") {
		t.Errorf("plan of a stopped service:\n%s", plan)
	}
	a.Ok("run", "hi")
	second := a.Service("db")
	apptest.ExpectEqual(t, "container", second.ID+string(second.State.Status), first.ID+"running")

	if _, err := a.Engine.ContainerPause(t.Context(), first.ID, client.ContainerPauseOptions{}); err != nil {
		t.Fatal(err)
	}
	if plan := a.Ok("plan", "hi"); !strings.Contains(plan, "unpause  service  db") {
		t.Errorf("plan of a paused service:\n%s", plan)
	}
	a.Ok("run", "hi")
	third := a.Service("db")
	apptest.ExpectEqual(t, "state and start, after a pause", string(third.State.Status)+third.State.StartedAt, "running"+second.State.StartedAt)
}

func TestCompletedServiceIsNotRunAgain(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, `
services:
  web:
    @offline
    depends_on:
      seed: { condition: service_completed_successfully }
  seed:
    @offline
    command: ["sh", "-c", "echo seeded >>/seed/log"]
    volumes: [".:/seed"]
`, `
		task "log" {
			service = "web"
			volumes = [".:/seed"]
			command = ["cat", "/seed/log"]
		}
	`)
	apptest.ExpectEqual(t, "first", a.Ok("run", "log"), "seeded\n")
	first := a.Service("seed")
	apptest.ExpectEqual(t, "second", a.Ok("run", "log"), "seeded\n")
	second := a.Service("seed")
	apptest.ExpectEqual(t, "container and start", second.ID+second.State.StartedAt, first.ID+first.State.StartedAt)
}

func TestDependencyThatIsNotRequired(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, `
services:
  web:
    @offline
    depends_on:
      gone: { condition: service_started, required: false }
      crash: { condition: service_completed_successfully, required: false }
      db: { condition: service_started }
  crash:
    @offline
    command: ["exit", "3"]
  gone:
    image: no/such:image
    pull_policy: never
    profiles: [never]
  db:
    @offline
    command: ["sleep", "infinity"]
`, reusedTasks)
	begin := time.Now()
	r := a.Tasks("run", "hi")
	if r.Code != 0 || r.Stdout != "hi\n" || !strings.Contains(r.Stderr, "not required: going on") {
		t.Errorf("%+v", r)
	}
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
	apptest.ExpectEqual(t, "services", a.States(), map[string]string{"db": "running", "crash": "exited"})
}
