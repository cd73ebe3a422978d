//go:build unix

package services_test

import (
	"strings"
	"testing"

	"tasks/internal/testing/apptest"
)

// Each hook writes what it is into a volume of the service, which another service shows.
const hooksCompose = `
services:
  web:
    @offline
    command: ["signals"]
    environment: { VERSION: "1" }
    volumes: ["log:/log"]
    pre_start:
      - { command: ["sh", "-c", "echo pre_start 0 $$WORD $$(pwd) >>/log/all"], environment: { WORD: word }, working_dir: / }
      - { command: ["sh", "-c", "echo pre_start 1 $$VERSION >>/log/all"] }
    post_start:
      - { command: ["sh", "-c", "echo post_start 0 $$WORD in $$(pwd) >>/log/all"], environment: { WORD: mine }, working_dir: /log, user: "0" }
      - { command: ["sh", "-c", "echo post_start 1 >>/log/all"] }
    pre_stop:
      - { command: ["sh", "-c", "echo pre_stop 0 $$VERSION >>/log/all"] }
  show:
    @offline
    volumes: ["log:/log"]
volumes:
  log: {}
`

const showHooks = `
task "show" {
  service    = "show"
  command    = ["cat", "/log/all"]
  depends_on = [service.web.started]
}
task "only" {
  service = "show"
  command = ["cat", "/log/all"]
}
task "one" {
  service = "web"
  command = ["sh", "-c", "until grep -q 'post_start 1' /log/all; do sleep 0.1; done; cat /log/all"]
}
`

// said is a task's output in lines.
func outputLines(text string) []string { return strings.Split(strings.TrimSpace(text), "\n") }

func TestHooksOfAService(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, hooksCompose, showHooks)
	started := []string{"pre_start 0 word /", "pre_start 1 1", "post_start 0 mine in /log", "post_start 1"}
	apptest.ExpectEqual(t, "the first start", outputLines(a.Ok("run", "show")), started)
	if n := len(a.ContainersWithLabels("com.docker.compose.project="+a.Project, "com.docker.compose.hook=pre_start")); n != 0 {
		t.Errorf("%d containers of hooks are left", n)
	}
	apptest.ExpectEqual(t, "with the service running", outputLines(a.Ok("run", "show")), started)
	a.Write("compose.yaml", strings.Replace(hooksCompose, `VERSION: "1"`, `VERSION: "2"`, 1)+"\nname: @project\n")
	again := append(started, "pre_stop 0 1", "pre_start 0 word /", "pre_start 1 2", "post_start 0 mine in /log", "post_start 1")
	apptest.ExpectEqual(t, "recreated", outputLines(a.Ok("run", "show")), again)
	a.Ok("down")
	apptest.ExpectEqual(t, "after down", outputLines(a.Ok("run", "only")), append(again, "pre_stop 0 2"))
}

// A one-off of the service has post_start alone.
func TestHooksOfAOneOff(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, hooksCompose, showHooks)
	apptest.ExpectEqual(t, "the one-off saw", outputLines(a.Ok("run", "one")), []string{"post_start 0 mine in /log", "post_start 1"})
	apptest.ExpectEqual(t, "after it", outputLines(a.Ok("run", "only")), []string{"post_start 0 mine in /log", "post_start 1"})
}

const failingHook = `
services:
  web:
    @offline
    command: ["signals"]
    @hook: [{ command: ["sh", "-c", "echo working; seq 1 12 >&2; exit 3"] }]
`

func TestFailingHooks(t *testing.T) {
	t.Parallel()
	for _, hook := range []string{"pre_start", "post_start"} {
		t.Run(hook, func(t *testing.T) {
			t.Parallel()
			a := apptest.NewApp(t, strings.Replace(failingHook, "@hook", hook, 1), "task \"t\" {\n  command    = [\"true\"]\n  depends_on = [service.web.started]\n}\n")
			r := a.Tasks("run", "t")
			for _, text := range []string{"service web: " + hook + "[0] ended with code 3, and said last:", "  3\n", "  12\n"} {
				if r.Code != 125 || !strings.Contains(r.Stderr, text) {
					t.Errorf("code %d, no %q in\n%s", r.Code, text, r.Stderr)
				}
			}
			if strings.Contains(r.Stderr, "  2\n") || strings.Contains(r.Stderr, "working") {
				t.Errorf("more than 10 lines of stderr:\n%s", r.Stderr)
			}
			kept := a.ContainersWithLabels("com.docker.compose.project="+a.Project, "com.docker.compose.hook=pre_start")
			if (len(kept) == 1) != (hook == "pre_start") {
				t.Fatalf("%d containers of hooks are left", len(kept))
			}
			if len(kept) == 1 && (kept[0].Name != "/"+a.Project+"-web-pre_start-0" || !strings.Contains(r.Stderr, "docker logs "+kept[0].Name[1:])) {
				t.Errorf("kept %s, said\n%s", kept[0].Name, r.Stderr)
			}
		})
	}
}

// What the failed hook has left goes with the next start.
func TestHookThatFailedIsRunAgain(t *testing.T) {
	t.Parallel()
	compose := strings.Replace(failingHook, "@hook", "pre_start", 1)
	a := apptest.NewApp(t, compose, "task \"t\" {\n  command    = [\"true\"]\n  depends_on = [service.web.started]\n}\n")
	if r := a.Tasks("run", "t"); r.Code != 125 {
		t.Fatalf("code %d\n%s", r.Code, r.Stderr)
	}
	a.Write("compose.yaml", strings.Replace(compose, "exit 3", "exit 0", 1)+"\nname: @project\n")
	a.Ok("run", "t")
	if n := len(a.ContainersWithLabels("com.docker.compose.project="+a.Project, "com.docker.compose.hook=pre_start")); n != 0 {
		t.Errorf("%d containers of hooks are left", n)
	}
}
