//go:build unix

package commands_test

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"tasks/internal/testing/apptest"
)

const finallyCompose = `
services:
  web:
    image: '@image'
    depends_on: {db: {condition: service_started}}
  db: {image: '@image', command: [serve]}
`

const finallyTasks = `
task "fails" {
  service = "web"
  command = ["sh", "-c", "exit 3"]
  finally = [task.tidy]
}
task "waits" {
  service = "web"
  command = ["signals"]
  finally = [task.tidy]
}
task "tidy" {
  service = "web"
  command = ["echo", "${result.exit_code} ${result.reason}"]
}
task "again" {
  service = "web"
  volumes = [".:/work"]
  command = ["sh", "-c", "test -e /work/once && echo done; test -e /work/once || sh -c 'touch /work/once; exit 7'"]
  retry { attempts = 2 }
}
`

// TestFinallyInAContainer: what follows a task in a container runs in one too, made while the run is stopping, and goes.
func TestFinallyInAContainer(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, finallyCompose, finallyTasks)
	r := a.Tasks("run", "fails")
	if r.Code != 3 || r.Stdout != "" || !strings.Contains(r.Stderr, "tidy(after fails) | 3 failure\n") {
		t.Errorf("code %d, stdout %q\n%s", r.Code, r.Stdout, r.Stderr)
	}
	p := a.Start("run", "waits")
	p.WaitOutput("ready\n")
	p.Signal(syscall.SIGTERM)
	if r := p.Wait(); r.Code != 143 || !strings.Contains(r.Stderr, "tidy(after waits) | 143 interrupt\n") {
		t.Errorf("code %d\n%s", r.Code, r.Stderr)
	}
}

// TestRetryInAFreshContainer: the second attempt has another container, and none stays.
func TestRetryInAFreshContainer(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, finallyCompose, finallyTasks)
	if err := os.Chmod(a.Dir, 0o777); err != nil {
		t.Fatal(err)
	}
	r := a.Tasks("run", "again")
	if r.Code != 0 || r.Stdout != "done\n" || !strings.Contains(r.Stderr, "attempt 2 of 2 after 0.0 s: exit code 7") || !strings.Contains(r.Stderr, "succeeded at attempt 2 of 2: flaky") {
		t.Errorf("code %d, stdout %q\n%s", r.Code, r.Stdout, r.Stderr)
	}
}
