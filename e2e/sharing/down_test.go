//go:build unix

package sharing_test

import (
	"strings"
	"syscall"
	"testing"

	"tasks/internal/testing/apptest"
)

// TestDownAsksForResourcesInUse: a command on the host, or in a service's container, has no container that tells of it.
func TestDownAsksForResourcesInUse(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, `
services:
  db:
    image: "@image"
    command: ["signals"]
`, `
task "host" {
  script     = "echo begun; sleep 600"
  depends_on = [service.db]
}
task "inside" {
  service = "db"
  mode    = "exec"
  command = ["sh", "-c", "echo begun; sleep 600"]
}
`)
	for _, task := range []string{"host", "inside"} {
		run := a.Start("run", task)
		run.WaitOutput("begun")
		r := a.Tasks("down")
		apptest.ExpectEqual(t, task+": exit code", r.Code, 125)
		if !strings.Contains(r.Stderr, "in use by a run under way: service db, network "+a.Project+"_default") {
			t.Errorf("%s: down says\n%s", task, r.Stderr)
		}
		apptest.ExpectEqual(t, task+": the service runs", a.Service("db").State.Running, true)
		run.Signal(syscall.SIGTERM)
		run.Wait()
	}
	a.Ok("down") // nobody uses it any more
	a.ExpectNothingLeft()
}

// TestDownWithoutFiles: a killed run and a broken compose file, then no file at all. ps and down need the name only.
func TestDownWithoutFiles(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, `
services:
  db:
    image: "@image"
    command: ["signals"]
    volumes: ["data:/data"]
  web:
    image: "@image"
    command: ["signals"]
    depends_on: [db]
volumes: {data: {}}
`, `
task "long" {
  service    = "web"
  command    = ["sh", "-c", "echo begun; sleep 600"]
  depends_on = [service.web]
}
`)
	run := a.Start("run", "long")
	run.WaitOutput("begun")
	run.Signal(syscall.SIGKILL)
	run.Wait()
	a.Write("compose.yaml", "services:\n  db: {image: [\nname: @project\n")
	ps := a.Tasks("ps")
	apptest.ExpectEqual(t, "code of ps", ps.Code, 0)
	if !strings.Contains(ps.Stderr, "compose.yaml:") || !strings.Contains(ps.Stdout, a.Project+"-web-1") {
		t.Errorf("ps says\n%s%s", ps.Stderr, ps.Stdout)
	}
	apptest.ExpectEqual(t, "one-offs after ps", len(a.OneOffs()), 0)
	a.Write("Tasks.hcl", "task \"long\" {\n")
	a.RemoveFile("compose.yaml")
	if r := a.Tasks("--project-name", a.Project, "down", "web"); r.Code != 0 || !strings.Contains(r.Stderr, "container "+a.Project+"-web-1  removed") {
		t.Errorf("down web: code %d\n%s", r.Code, r.Stderr)
	}
	apptest.ExpectEqual(t, "the dependency runs", a.Service("db").State.Running, true)
	a.Ok("-C", "/", "--project-name", a.Project, "down", "-v", "--yes")
	a.ExpectNothingLeft()
	if !a.IsVolumeGone(a.Project + "_data") {
		t.Error("the volume is left")
	}
}
