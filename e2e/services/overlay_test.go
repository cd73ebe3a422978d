//go:build unix

package services_test

import (
	"strings"
	"testing"

	"tasks/internal/testing/apptest"
)

const overlayCompose = `
services:
  app: {@offline, environment: {MODE: plain}, depends_on: [db]}
  db: {@offline, command: [sleep, infinity], stop_grace_period: 0s}
`

const overlayTasks = `
task "plain" {
  service = "app"
  command = ["sh", "-c", "echo $MODE"]
}

task "test" {
  service       = "app"
  compose_files = ["compose.test.yaml"]
  command       = ["sh", "-c", "echo $MODE"]
}

task "fast" {
  service       = "app"
  compose_files = ["compose.fast.yaml"]
  command       = ["sh", "-c", "echo $MODE"]
}
`

// Two tasks of one run share a service with equal configurations, under different compose files. Other configurations
// in one run are an error, and recreate the service from run to run.
func TestComposeFilesOfTasks(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, overlayCompose, overlayTasks)
	a.Write("compose.test.yaml", `services:
  app: {environment: {MODE: test}, depends_on: [extra]}
  extra: {@offline, command: [sleep, infinity], stop_grace_period: 0s}
`)
	a.Write("compose.fast.yaml", "services: {db: {environment: {FAST: \"1\"}}}\n")
	out := a.Ok("--output-style", "prefix", "run", "plain", ":::", "test")
	for _, line := range []string{"plain", "test"} {
		if !strings.Contains(out, line+"\n") {
			t.Errorf("no %s in %q", line, out)
		}
	}
	apptest.ExpectEqual(t, "containers of db", len(a.Services("db")), 1)
	apptest.ExpectEqual(t, "containers of extra", len(a.Services("extra")), 1)
	db := a.Service("db").ID

	apptest.ExpectEqual(t, "the task without the files", a.Ok("run", "plain"), "plain\n")
	apptest.ExpectEqual(t, "the same container", a.Service("db").ID, db)
	a.Tasks("run", "plain", ":::", "fast").ExpectStderr(t, 2, `Tasks.hcl:15:19: error: two configurations of service "db"`)
	apptest.ExpectEqual(t, "the container after the error", a.Service("db").ID, db)

	a.Ok("run", "fast")
	apptest.ExpectEqual(t, "containers of db", len(a.Services("db")), 1)
	if a.Service("db").ID == db {
		t.Error("db is not recreated for its other configuration")
	}
	if out := a.Ok("run", "--remove-orphans", "test"); out != "test\n" {
		t.Errorf("output %q", out)
	}
	apptest.ExpectEqual(t, "the service of the overlay", len(a.Services("extra")), 1)
}

// A secret of a variable that is set and empty has no file, as with Compose.
func TestFilesOfVariables(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, `
services:
  app: {@offline, secrets: [set, empty]}
secrets:
  set: {environment: SET}
  empty: {environment: EMPTY}
`, "")
	a.Env = append(a.Env, "SET=1", "EMPTY=")
	out := a.Ok("once", "--rm", "app", "sh", "-c", "cat /run/secrets/set; test -e /run/secrets/empty || echo none")
	apptest.ExpectEqual(t, "the files", out, "1none\n")
	a.Env = append(a.Env[:len(a.Env)-1:len(a.Env)-1], "OTHER=")
	a.Tasks("once", "--rm", "app", "true").ExpectStderr(t, 125, "secret empty: the environment variable EMPTY is not set")
}
