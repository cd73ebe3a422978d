//go:build unix

package commands_test

import (
	"os"
	"strings"
	"testing"

	"github.com/moby/moby/client"

	"tasks/internal/testing/apptest"
	"tasks/internal/toolbox"
)

const logsCompose = `
services:
  db:
    @offline
    command: ["sh", "-c", "echo db one; echo db two; echo db oh >&2; sleep 600"]
    stop_signal: SIGKILL
  web:
    @offline
    depends_on: [db, mute]
  mute:
    @offline
    command: ["sh", "-c", "echo unread; sleep 600"]
    logging: {driver: none}
    stop_signal: SIGKILL
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

task "later" {
  service = "web"
  command = ["sh", "-c", "echo from a later one-off; sleep 1"]
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
	if !strings.Contains(all.Stderr, "| db oh\n") || !strings.Contains(all.Stderr, "warning: service mute: the log of container") {
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
	following := a.Start("logs", "-f", "-n", "1")
	following.WaitOutput("| from the one-off")
	id := a.Service("db").ID
	if _, err := a.Engine.ContainerRestart(t.Context(), id, client.ContainerRestartOptions{Timeout: new(int)}); err != nil {
		t.Fatal(err)
	}
	following.WaitOutput("| db one") // after the restart: the first look had only the last line
	a.Start("run", "later").Wait()
	following.WaitOutput("| from a later one-off")
	for _, args := range [][]string{{"logs"}, {"logs", "-f"}, {"ps"}, {"ps", "--json"}, {"ps", "-q"}} {
		if code, stderr := withoutReader(t, a, args); code != 141 || strings.Contains(stderr, "pipe") {
			t.Errorf("%s without a reader: code %d, %q", args, code, stderr)
		}
	}
	a.Ok("down", "--yes") // the container's end is the end of what follows it
	if r := following.Wait(); r.Code != 0 {
		t.Errorf("code %d\n%s", r.Code, r.Stderr)
	}
}

// withoutReader runs the program with a stdout that has lost its reader.
func withoutReader(t *testing.T, a *apptest.App, args []string) (code int, stderr string) {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	reader.Close()
	defer writer.Close()
	p := &apptest.Process{T: t, Cmd: a.Command(args...), Stdout: &toolbox.Buffer{}, Stderr: &toolbox.Buffer{}}
	p.Cmd.Stdout, p.Cmd.Stderr = writer, p.Stderr
	if err := p.Cmd.Start(); err != nil {
		t.Fatal(err)
	}
	end := p.Wait()
	return end.Code, end.Stderr
}
