//go:build unix

package commands_test

import (
	"io"
	"os"
	"strings"
	"testing"

	"tasks/internal/testing/apptest"
	"tasks/internal/toolbox"
)

// TestWait checks that the output and the exit codes of detached one-offs arrive, both during their runs and afterwards.
func TestWait(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "services: {web: {@offline}}\n", `
task "good" {
  service = "web"
  command = ["sh", "-c", "echo begun; sleep 1; echo written"]
  detach  = true
}

task "bad" {
  service = "web"
  command = ["sh", "-c", "echo oh >&2; exit 3"]
  detach  = true
}

task "kept" {
  service = "web"
  command = ["true"]
  rm      = false
}
`)
	if none := a.Start("wait").Wait(); none.Code != 0 || none.Stdout != "" {
		t.Errorf("without one-offs: code %d, stdout %q, stderr %q", none.Code, none.Stdout, none.Stderr)
	}
	a.Start("run", "kept").Wait()
	good := strings.TrimSpace(a.Start("run", "good").Wait().Stdout)
	waited := a.Start("wait", "good").Wait()
	if waited.Code != 0 || !strings.Contains(waited.Stdout, good+"  | begun\n"+good+"  | written\n") {
		t.Errorf("code %d, stdout %q", waited.Code, waited.Stdout)
	}
	if want := "container " + good + " of task good  exit code 0\n"; waited.Stderr != want {
		t.Errorf("stderr %q, want %q", waited.Stderr, want)
	}
	bad := strings.TrimSpace(a.Start("run", "bad").Wait().Stdout)
	byName := a.Start("wait", bad).Wait()
	if byName.Code != 3 || !strings.Contains(byName.Stderr, "  | oh\n") || strings.Contains(byName.Stderr, good) {
		t.Errorf("code %d, stderr %q", byName.Code, byName.Stderr)
	}
	all := a.Start("wait").Wait()
	if all.Code != 3 || strings.Count(all.Stderr, "exit code") != 3 {
		t.Errorf("all: code %d, stderr %q", all.Code, all.Stderr)
	}
	if wrong := a.Start("wait", "other").Wait(); wrong.Code != 2 || !strings.Contains(wrong.Stderr, `"other"`) {
		t.Errorf("a name without a one-off: code %d, stderr %q", wrong.Code, wrong.Stderr)
	}
	if len(a.OneOffs()) != 3 {
		t.Errorf("%d one-offs are left, want 3: wait removes none", len(a.OneOffs()))
	}
	a.Start("down").Wait()
}

// TestWaitWithClosedOutput checks that a lost reader ends the wait with 141, and leaves the one-off alone.
func TestWaitWithClosedOutput(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "services: {web: {@offline, stop_signal: SIGKILL}}\n", `
task "endless" {
  service = "web"
  command = ["sh", "-c", "while true; do echo line; sleep 1; done"]
  detach  = true
}
`)
	a.Start("run", "endless").Wait()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := &apptest.Process{T: t, Cmd: a.Command("wait"), Stdout: &toolbox.Buffer{}, Stderr: &toolbox.Buffer{}}
	p.Cmd.Stdout, p.Cmd.Stderr = w, p.Stderr
	if err := p.Cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if _, err := io.ReadFull(r, make([]byte, 10)); err != nil {
		t.Error(err)
	}
	r.Close()
	if end := p.Wait(); end.Code != 141 || end.Stderr != "" {
		t.Errorf("code %d, want 141 without a message\n%s", end.Code, end.Stderr)
	}
	if len(a.OneOffs()) != 1 {
		t.Errorf("%d one-offs, want the endless one", len(a.OneOffs()))
	}
	a.Start("down", "--yes").Wait()
}
