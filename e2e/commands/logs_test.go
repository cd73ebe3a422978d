//go:build unix

package commands_test

import (
	"strings"
	"testing"

	"tasks/internal/testing/apptest"
)

const logsCompose = `
services:
  db:
    @offline
    command: ["sh", "-c", "echo db one; echo db two; echo db oh >&2; sleep 600"]
  web:
    @offline
    depends_on: [db]
`

func TestLogs(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, logsCompose, `
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
	a.Start("run", "kept").Wait()
	all := a.Start("logs").Wait()
	apptest.ExpectEqual(t, "exit code", all.Code, 0)
	for _, line := range []string{"db-1", "| db one\n", "| db two\n", "| from the one-off\n"} {
		if !strings.Contains(all.Stdout, line) {
			t.Errorf("stdout lacks %q:\n%s", line, all.Stdout)
		}
	}
	if !strings.Contains(all.Stderr, "| db oh\n") {
		t.Errorf("stderr is %q", all.Stderr)
	}
	a.Start("run", "tells").Wait()
	if told := a.Start("logs").Wait(); told.Code != 0 || !strings.Contains(told.Stdout, "| token *** ***\n") {
		t.Errorf("code %d, sensitive values in %q", told.Code, told.Stdout)
	}
	tail := a.Start("logs", "--tail", "1", "web").Wait()
	if tail.Code != 0 || !strings.Contains(tail.Stdout, "| from the one-off\n") || strings.Contains(tail.Stdout, "db one") {
		t.Errorf("code %d, %q", tail.Code, tail.Stdout)
	}
	if wrong := a.Start("logs", "wep").Wait(); wrong.Code != 2 || !strings.Contains(wrong.Stderr, `unknown service "wep"`) {
		t.Errorf("code %d, %q", wrong.Code, wrong.Stderr)
	}
	following := a.Start("logs", "-f", "db")
	following.WaitOutput("| db two")
	a.Ok("down", "--yes") // the container's end is the end of what follows it
	if r := following.Wait(); r.Code != 0 {
		t.Errorf("code %d\n%s", r.Code, r.Stderr)
	}
}
