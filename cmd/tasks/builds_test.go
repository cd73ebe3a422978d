package main

import (
	"strings"
	"testing"
)

// TestBuildWithTheImageOfAService: what another service is built from changes, and so does what is built on it.
func TestBuildWithTheImageOfAService(t *testing.T) {
	t.Parallel()
	a := newApp(t, `
services:
  web:
    build:
      context: .
      additional_contexts:
        base: service:base
      dockerfile_inline: |
        FROM base
        COPY --from=base /made /copied
    command: [cat, /copied]
  base:
    build:
      context: .
      dockerfile_inline: |
        FROM @image
        COPY made /made
`, `
task "show" { service = "web" }
`)
	t.Cleanup(func() { a.removeImage(a.project + "-web"); a.removeImage(a.project + "-base") })
	a.write("made", "one\n")
	if !a.supportsAPI("1.42") {
		r := a.tasks("run", "show")
		expectEqual(t, "code", r.code, 125)
		expectEqual(t, "the reason, with its place", strings.Contains(r.stderr, "compose.yaml:6:7: build.additional_contexts: needs Docker Engine 23.0"), true)
		return
	}
	expectEqual(t, "output", a.ok("run", "show"), "one\n")
	a.write("made", "two\n")
	expectEqual(t, "output without a build", a.ok("run", "show"), "one\n")
	expectEqual(t, "output of a build", a.ok("run", "--build", "show"), "two\n")
}

// TestFailedBuild tells who wanted it, which line failed, and what it said last.
func TestFailedBuild(t *testing.T) {
	t.Parallel()
	a := newApp(t, "services:\n  web:\n    build: .\n", `task "x" { service = "web" }`)
	a.write("Dockerfile", "FROM @image\nENV A=b\nRUN seq 1 30 && echo 'no rule to make' && exit 3\n")
	r := a.tasks("run", "x")
	expectEqual(t, "code", r.code, 125)
	for _, text := range []string{"service web (compose.yaml:2): ", "Dockerfile:3: ", "RUN seq 1 30", "exit code: 3", "\n  30\n  no rule to make\n"} {
		if !strings.Contains(r.stderr, text) {
			t.Errorf("stderr lacks %q:\n%s", text, r.stderr)
		}
	}
}
