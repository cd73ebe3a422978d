package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"tasks/internal/toolbox"
)

const reusedCompose = `
services:
  web:
    image: @image
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
func newReusedApp(t *testing.T) (a *testApp, compose func(setting string), ref string) {
	t.Helper()
	a = newApp(t, "services: {}", reusedTasks)
	ref = "tasks-test/" + a.project + ":current"
	a.tag(a.image, ref)
	compose = func(setting string) {
		a.write("compose.yaml", strings.NewReplacer("@ref", ref, "@setting", setting).Replace(reusedCompose)+"name: @project\n")
	}
	compose("one")
	return a, compose, ref
}

// tag gives an image another reference, until the test ends.
func (a *testApp) tag(image, ref string) {
	a.t.Helper()
	if _, err := a.engine.ImageTag(a.t.Context(), client.ImageTagOptions{Source: image, Target: ref}); err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() {
		a.down() // an image in use keeps its last reference
		cli := toolbox.Client(a.t)
		_, _ = cli.ImageRemove(context.Background(), ref, client.ImageRemoveOptions{}) // a second tagging has removed it
	})
}

func TestDependencyIsReused(t *testing.T) {
	t.Parallel()
	a, _, _ := newReusedApp(t)
	a.ok("run", "hi")
	first := a.service("db")
	r := a.tasks("run", "hi")
	second := a.service("db")
	expectEqual(t, "container and start", second.ID+second.State.StartedAt, first.ID+first.State.StartedAt)
	if r.code != 0 || !strings.Contains(r.stderr, "service db  reused: it runs already") {
		t.Errorf("%+v", r)
	}
}

func TestDependencyIsRecreatedForItsConfiguration(t *testing.T) {
	t.Parallel()
	a, compose, _ := newReusedApp(t)
	a.ok("run", "hi")
	first := a.service("db")
	a.exec(first, "touch", "/anonymous/mark")
	compose("two")
	if plan := a.ok("plan", "hi"); !strings.Contains(plan, "recreate  service  db") {
		t.Errorf("plan:\n%s", plan)
	}
	a.ok("run", "hi")
	second := a.service("db")
	if second.ID == first.ID || environmentOf(second)["SETTING"] != "two" {
		t.Errorf("it was not recreated: %s", environmentOf(second)["SETTING"])
	}
	expectEqual(t, "name", second.Name, "/"+a.project+"-db-1")
	expectEqual(t, "volumes, kept", mountsOf(second), mountsOf(first))
	a.exec(second, "ls", "/anonymous/mark")
	compose("two")
	a.ok("run", "hi")
	expectEqual(t, "once recreated, reused", a.service("db").ID, second.ID)
}

func TestDependencyIsRecreatedForItsImage(t *testing.T) {
	t.Parallel()
	a, _, ref := newReusedApp(t)
	a.ok("run", "hi")
	first := a.service("db")
	a.tag(toolbox.ImageWith(t, "ENV OTHER=image"), ref)
	a.ok("run", "hi")
	second := a.service("db")
	if second.ID == first.ID || second.Image == first.Image || environmentOf(second)["OTHER"] != "image" {
		t.Errorf("it was not recreated: %s %v", second.Image, environmentOf(second))
	}
	expectEqual(t, "volumes, kept", mountsOf(second), mountsOf(first))
	a.ok("run", "hi")
	expectEqual(t, "once recreated, reused", a.service("db").ID, second.ID)
}

func TestDependencyThatDoesNotRunIsStarted(t *testing.T) {
	t.Parallel()
	a, _, _ := newReusedApp(t)
	a.ok("run", "hi")
	first, grace := a.service("db"), 1
	if _, err := a.engine.ContainerStop(t.Context(), first.ID, client.ContainerStopOptions{Timeout: &grace}); err != nil {
		t.Fatal(err)
	}
	if plan := a.ok("plan", "hi"); !strings.Contains(plan, "start   service  db") {
		t.Errorf("plan of a stopped service:\n%s", plan)
	}
	a.ok("run", "hi")
	second := a.service("db")
	expectEqual(t, "container", second.ID+string(second.State.Status), first.ID+"running")

	if _, err := a.engine.ContainerPause(t.Context(), first.ID, client.ContainerPauseOptions{}); err != nil {
		t.Fatal(err)
	}
	if plan := a.ok("plan", "hi"); !strings.Contains(plan, "unpause  service  db") {
		t.Errorf("plan of a paused service:\n%s", plan)
	}
	a.ok("run", "hi")
	third := a.service("db")
	expectEqual(t, "state and start, after a pause", string(third.State.Status)+third.State.StartedAt, "running"+second.State.StartedAt)
}

// exec runs a program in a container, and wants it to end with 0.
func (a *testApp) exec(c container.InspectResponse, argv ...string) {
	a.t.Helper()
	ctx := a.t.Context()
	created, err := a.engine.ExecCreate(ctx, c.ID, client.ExecCreateOptions{Cmd: argv})
	if err != nil {
		a.t.Fatal(err)
	}
	if _, err := a.engine.ExecStart(ctx, created.ID, client.ExecStartOptions{Detach: true}); err != nil {
		a.t.Fatal(err)
	}
	eventually(a.t, strings.Join(argv, " "), func() bool {
		state, err := a.engine.ExecInspect(ctx, created.ID, client.ExecInspectOptions{})
		if err == nil && !state.Running && state.ExitCode != 0 {
			a.t.Fatalf("%q in %s ended with %d", argv, c.Name, state.ExitCode)
		}
		return err == nil && !state.Running
	})
}

func TestCompletedServiceIsNotRunAgain(t *testing.T) {
	t.Parallel()
	a := newApp(t, `
services:
  web:
    image: @image
    depends_on:
      seed: { condition: service_completed_successfully }
  seed:
    image: @image
    command: ["sh", "-c", "echo seeded >>/seed/log"]
    volumes: [".:/seed"]
`, `
		task "log" {
			service = "web"
			volumes = [".:/seed"]
			command = ["cat", "/seed/log"]
		}
	`)
	expectEqual(t, "first", a.ok("run", "log"), "seeded\n")
	first := a.service("seed")
	expectEqual(t, "second", a.ok("run", "log"), "seeded\n")
	second := a.service("seed")
	expectEqual(t, "container and start", second.ID+second.State.StartedAt, first.ID+first.State.StartedAt)
}

func TestDependencyThatIsNotRequired(t *testing.T) {
	t.Parallel()
	a := newApp(t, `
services:
  web:
    image: @image
    depends_on:
      gone: { condition: service_started, required: false }
      crash: { condition: service_completed_successfully, required: false }
      db: { condition: service_started }
  crash:
    image: @image
    command: ["exit", "3"]
  gone:
    image: no/such:image
    pull_policy: never
    profiles: [never]
  db:
    image: @image
    command: ["sleep", "infinity"]
`, reusedTasks)
	begin := time.Now()
	r := a.tasks("run", "hi")
	if r.code != 0 || r.stdout != "hi\n" || !strings.Contains(r.stderr, "not required: going on") {
		t.Errorf("%+v", r)
	}
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
	expectEqual(t, "services", a.states(), map[string]string{"db": "running", "crash": "exited"})
}
