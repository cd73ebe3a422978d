package main

import (
	"strings"
	"testing"
)

const styledCompose = `
services:
  web:
    image: @image
    depends_on: { db: { condition: service_healthy } }
  db:
    image: @image
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

// TestOutputStylesOfContainers: what a container writes is kept as it should be, and its failure tells what the service that
// it needs has printed, and what was not run because of it.
func TestOutputStylesOfContainers(t *testing.T) {
	t.Parallel()
	a := newApp(t, styledCompose, styledTasks)
	r := a.tasks("run", "good")
	if r.code != 0 || r.stdout != "out\n" || !strings.Contains(r.stderr, "task good  output:\nerr\ntask good  done") {
		t.Errorf("group: code %d, stdout %q\n%s", r.code, r.stdout, r.stderr)
	}
	if r = a.tasks("run", "--output-style", "quiet", "good"); r.code != 0 || r.stdout != "" || strings.Contains(r.stderr, "err") {
		t.Errorf("quiet: code %d, stdout %q\n%s", r.code, r.stdout, r.stderr)
	}
	r = a.tasks("run", "after")
	if r.code != 3 || r.stdout != "" {
		t.Errorf("failure: code %d, stdout %q\n%s", r.code, r.stdout, r.stderr)
	}
	for _, want := range []string{
		"task bad  failed: exit code 3", "\nservice db  last output:\n  db speaks\n", "\ntask after  not run: task bad has failed\n",
	} {
		if !strings.Contains(r.stderr, want) {
			t.Errorf("no %q in\n%s", want, r.stderr)
		}
	}
	if !strings.Contains(r.stderr, "task bad  output:\n") || !strings.Contains(r.stderr, "\nout\n") || !strings.Contains(r.stderr, "\nerr\n") {
		t.Errorf("the output of what failed is not shown:\n%s", r.stderr)
	}
}
