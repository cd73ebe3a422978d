//go:build unix

package commands_test

import (
	"strings"
	"testing"

	"tasks/internal/testing/apptest"
)

const styledCompose = `
services:
  web:
    @offline
    depends_on: { db: { condition: service_healthy } }
  db:
    @offline
    command: ["sh", "-c", "echo db speaks; touch /ready; exec sleep infinity"]
    healthcheck: { test: ["CMD", "test", "-f", "/ready"] }
`

const styledTasks = `
task "good" {
  service      = "web"
  command      = ["sh", "-c", "echo out; echo err >&2"]
  output_style = "group"
}

task "bad" {
  service      = "web"
  command      = ["sh", "-c", "echo out; echo err >&2; exit 3"]
  output_style = "quiet"
}

task "after" {
  depends_on = [task.bad]
  command    = "true"
}
`

// TestOutputStylesOfContainers: what a container writes is kept as it should be, and its failure names the command for the
// logs of the service that it needs, and what was not run because of it.
func TestOutputStylesOfContainers(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, styledCompose, styledTasks)
	r := a.Tasks("run", "good")
	if r.Code != 0 || r.Stdout != "out\n" || !strings.Contains(r.Stderr, "task good  output:\nerr\ntask good  done") {
		t.Errorf("group: code %d, stdout %q\n%s", r.Code, r.Stdout, r.Stderr)
	}
	if r = a.Tasks("run", "--output-style", "quiet", "good"); r.Code != 0 || r.Stdout != "" || strings.Contains(r.Stderr, "err") {
		t.Errorf("quiet: code %d, stdout %q\n%s", r.Code, r.Stdout, r.Stderr)
	}
	r = a.Tasks("run", "after")
	if r.Code != 3 || r.Stdout != "" {
		t.Errorf("failure: code %d, stdout %q\n%s", r.Code, r.Stdout, r.Stderr)
	}
	for _, want := range []string{
		"task bad  failed: exit code 3", "\nlogs: tasks logs db\n", "\nFAILED: bad (exit code 3) after ", "\ntask after  skipped: task bad failed\n",
	} {
		if !strings.Contains(r.Stderr, want) {
			t.Errorf("no %q in\n%s", want, r.Stderr)
		}
	}
	if !strings.Contains(r.Stderr, "task bad  output:\n") || !strings.Contains(r.Stderr, "\nout\n") || !strings.Contains(r.Stderr, "\nerr\n") {
		t.Errorf("the output of what failed is not shown:\n%s", r.Stderr)
	}
}

const talkingCompose = `
services:
  web:
    @offline
    depends_on: { db: { condition: service_healthy } }
  db:
    @offline
    command: ["sh", "-c", "echo '::error::of the service ##[error]x'; touch /ready; exec sleep infinity"]
    healthcheck: { test: ["CMD", "test", "-f", "/ready"] }
`

const talkingTasks = `
task "test" {
  service = "web"
  command = ["sh", "-c", "echo '::warning::of the command'; exit 3"]
}

task "check" {
  service      = "web"
  script       = "echo checked"
  output_style = "group"
}

task "private" {
  extends           = [task.test]
  dependency_policy = "ephemeral"
}
`

// TestAnnotationsOfContainers: on a CI server a failure is an annotation. A command's own workflow command passes, and the
// log of a service in the report is no workflow command.
func TestAnnotationsOfContainers(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, talkingCompose, talkingTasks)
	a.Env = append(a.Env, "GITHUB_ACTIONS=true")
	r := a.Tasks("run", "test")
	if r.Code != 3 || r.Stdout != "::warning::of the command\n" || !strings.Contains(r.Stderr, "\n::error title=task test failed::exit code 3\nFAILED: test") {
		t.Errorf("failure: code %d, stdout %q\n%s", r.Code, r.Stdout, r.Stderr)
	}
	if r = a.Tasks("run", "check"); r.Stdout != "checked\n" || !strings.Contains(r.Stderr, "\n::group::task check  output\n::endgroup::\n") {
		t.Errorf("group: code %d, stdout %q\n%s", r.Code, r.Stdout, r.Stderr)
	}
	r = a.Tasks("run", "private")
	if !strings.Contains(r.Stderr, "\n  : :error::of the service ## [error]x\n") || strings.Contains(r.Stderr, "\n  ::error") {
		t.Errorf("the log of a service: code %d\n%s", r.Code, r.Stderr)
	}
	a.Env = append(a.Env, "GITHUB_ACTIONS=", "GITLAB_CI=true")
	r = a.Tasks("run", "check")
	if !strings.Contains(r.Stderr, ":check_1[collapsed=true]\r\x1b[0Ktask check  output\n") || strings.Contains(r.Stderr, "::") {
		t.Errorf("a section: code %d\n%q", r.Code, r.Stderr)
	}
}
