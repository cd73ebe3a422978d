package main

import (
	"strings"
	"testing"
)

const logsCompose = `
services:
  db:
    image: "@image"
    command: ["sh", "-c", "echo db one; echo db two; echo db oh >&2; sleep 600"]
  web:
    image: "@image"
    depends_on: [db]
`

func TestLogs(t *testing.T) {
	t.Parallel()
	a := newApp(t, logsCompose, `
variable "token" {
  sensitive = true
  default   = "s3cret-t0ken"
}

variable "unset" {
  sensitive = true
}

task "kept" {
  service = "web"
  command = ["echo", "from the one-off"]
  rm      = false
}

task "tells" {
  service = "web"
  command = ["echo", "token", upper(var.token), var.token]
  rm      = false
}

task "wrong" {
  command = ["echo", var.unset]
}
`)
	a.start("run", "kept").wait()
	all := a.start("logs").wait()
	expectEqual(t, "exit code", all.code, 0)
	for _, line := range []string{"db-1", "| db one\n", "| db two\n", "| from the one-off\n"} {
		if !strings.Contains(all.stdout, line) {
			t.Errorf("stdout lacks %q:\n%s", line, all.stdout)
		}
	}
	if !strings.Contains(all.stderr, "| db oh\n") {
		t.Errorf("stderr is %q", all.stderr)
	}
	a.start("run", "tells").wait()
	if told := a.start("logs").wait(); told.code != 0 || !strings.Contains(told.stdout, "| token *** ***\n") {
		t.Errorf("code %d, sensitive values in %q", told.code, told.stdout)
	}
	tail := a.start("logs", "--tail", "1", "web").wait()
	if tail.code != 0 || !strings.Contains(tail.stdout, "| from the one-off\n") || strings.Contains(tail.stdout, "db one") {
		t.Errorf("code %d, %q", tail.code, tail.stdout)
	}
	if wrong := a.start("logs", "wep").wait(); wrong.code != 2 || !strings.Contains(wrong.stderr, `unknown service "wep"`) {
		t.Errorf("code %d, %q", wrong.code, wrong.stderr)
	}
	following := a.start("logs", "-f", "db")
	following.waitOutput("| db two")
	a.ok("down", "--yes") // the container's end is the end of what follows it
	if r := following.wait(); r.code != 0 {
		t.Errorf("code %d\n%s", r.code, r.stderr)
	}
}
