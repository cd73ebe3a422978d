package main

import (
	"os"
	"strings"
	"syscall"
	"testing"
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
	a := newApp(t, finallyCompose, finallyTasks)
	r := a.tasks("run", "fails")
	if r.code != 3 || r.stdout != "" || !strings.Contains(r.stderr, "tidy(after fails) | 3 failure\n") {
		t.Errorf("code %d, stdout %q\n%s", r.code, r.stdout, r.stderr)
	}
	p := a.start("run", "waits")
	p.waitOutput("ready\n")
	p.signal(syscall.SIGTERM)
	if r := p.wait(); r.code != 143 || !strings.Contains(r.stderr, "tidy(after waits) | 143 interrupt\n") {
		t.Errorf("code %d\n%s", r.code, r.stderr)
	}
}

// TestRetryInAFreshContainer: the second attempt has another container, and none stays.
func TestRetryInAFreshContainer(t *testing.T) {
	t.Parallel()
	a := newApp(t, finallyCompose, finallyTasks)
	if err := os.Chmod(a.dir, 0o777); err != nil {
		t.Fatal(err)
	}
	r := a.tasks("run", "again")
	if r.code != 0 || r.stdout != "done\n" || !strings.Contains(r.stderr, "attempt 2 of 2 after 0s: exit code 7") || !strings.Contains(r.stderr, "succeeded at attempt 2 of 2: flaky") {
		t.Errorf("code %d, stdout %q\n%s", r.code, r.stdout, r.stderr)
	}
}
