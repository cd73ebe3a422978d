//go:build unix

package services_test

import (
	"strings"
	"testing"

	"tasks/internal/testing/apptest"
)

// needsDBCompose is a service that needs another one, which the test fills in.
const needsDBCompose = `
services:
  web:
    image: @image
    depends_on: {db: {condition: CONDITION}}
  db:
    image: @image
`

func dbCompose(condition, db string) string {
	return strings.Replace(needsDBCompose, "CONDITION", condition, 1) + db
}

func TestDependencyThatFailsFailsTheRun(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		condition, db string
		wants         []string
	}{
		// The engine's own first probe would come after 30 s: the last words of a probe are those of our own.
		"exits": {"service_healthy", `
    command: [sh, -c, "echo opening the store; until [ -e /asked ]; do sleep 0.1; done; sleep 0.5; echo no space left >&2; exit 3"]
    healthcheck: {test: [CMD, sh, -c, "echo not yet; touch /asked; exit 1"], interval: 30s}
`, []string{"service db exited with code 3 before it was healthy", "opening the store", "no space left", "not yet"}},
		"turns unhealthy": {"service_healthy", `
    command: [sh, -c, "echo opening the store; sleep infinity"]
    healthcheck: {test: [CMD, sh, -c, "echo not yet; exit 9"], interval: 200ms, retries: 1}
`, []string{"service db is unhealthy", "opening the store", "not yet", "exit code 9"}},
		// It lives too short for the engine ever to come to a verdict.
		"never gets healthy": {"service_healthy", `
    command: [sh, -c, "echo opening the store; sleep 0.5; exit 1"]
    restart: always
    healthcheck: {test: [CMD, "false"], interval: 1s, timeout: 1s, retries: 1}
`, []string{"service db is not healthy after 14.0 s; exited with code 1, restarted ", "service db  exited with code 1, restarted 2 times", "opening the store"}},
		"does not start": {"service_healthy", `
    command: [/nope]
    healthcheck: {test: [CMD, "true"]}
`, []string{`service db  failed: "/nope" is not in the image`}},
		"does not complete": {"service_completed_successfully", `
    command: [exit, "4", "the seed is rotten"]
`, []string{"service db did not complete successfully: exit code 4", "the seed is rotten"}},
		"cannot be healthy": {"service_healthy", `
    command: [sleep, infinity]
`, []string{"compose.yaml:", "service db has no healthcheck"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := apptest.NewApp(t, dbCompose(test.condition, test.db), apptest.EchoRan)
			apptest.ExpectFailedRun(t, a, test.wants...)
			if name != "cannot be healthy" {
				a.Service("db") // it stays, to be looked at
			} else if all := a.Services("db"); len(all) > 0 {
				t.Errorf("%d containers were made", len(all))
			}
		})
	}
}

func TestDependencyTaskThatFailsDecides(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
task "all" {
  image      = "@image"
  command    = ["echo", "ran"]
  depends_on = [task.bad]
}
task "bad" {
  image   = "@image"
  command = ["exit", "7", "no good"]
}
`)
	r := a.Tasks("run", "all")
	if r.Code != 7 || r.Stdout != "" || !strings.Contains(r.Stderr, "no good") {
		t.Errorf("code %d, output %q; want 7 and none\n%s", r.Code, r.Stdout, r.Stderr)
	}
}

func TestMissingResourceIsNamed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		compose string
		wants   []string
	}{
		// Nothing listens at port 1: the engine gets no answer from this registry.
		"image": {`
services:
  web: {image: "127.0.0.1:1/nothing:9"}
`, []string{"127.0.0.1:1/nothing:9"}},
		"image of a dependency": {`
services:
  web: {image: @image, depends_on: [db]}
  db: {image: "127.0.0.1:1/nothing:9"}
`, []string{"127.0.0.1:1/nothing:9"}},
		"image that may not be pulled": {`
services:
  web: {image: "127.0.0.1:1/nothing:9", pull_policy: never}
`, []string{"127.0.0.1:1/nothing:9", "pull_policy"}},
		"external network": {`
services:
  web: {image: @image, networks: [outer]}
networks:
  outer: {external: true, name: @project-nowhere}
`, []string{"@project-nowhere is external and does not exist", "docker network create"}},
		"external volume": {`
services:
  web: {image: @image, volumes: ["store:/store"]}
volumes:
  store: {external: true, name: @project-nothing}
`, []string{"@project-nothing is external and does not exist", "docker volume create"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := apptest.NewApp(t, test.compose, apptest.EchoRan)
			for i, want := range test.wants {
				test.wants[i] = strings.ReplaceAll(want, "@project", a.Project)
			}
			apptest.ExpectFailedRun(t, a, test.wants...)
		})
	}
}
