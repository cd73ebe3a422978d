//go:build unix

package containers_test

import (
	"strings"
	"testing"

	"tasks/internal/testing/apptest"
)

// TestBuildWithTheImageOfAService: what another service is built from changes, and so does what is built on it.
func TestBuildWithTheImageOfAService(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, `
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
	t.Cleanup(func() { a.RemoveImage(a.Project + "-web"); a.RemoveImage(a.Project + "-base") })
	a.Write("made", "one\n")
	if !a.SupportsAPI("1.42") {
		r := a.Tasks("run", "show")
		apptest.ExpectEqual(t, "code", r.Code, 125)
		apptest.ExpectEqual(t, "the reason, with its place", strings.Contains(r.Stderr, "compose.yaml:6:7: build.additional_contexts: needs Docker Engine 23.0"), true)
		return
	}
	apptest.ExpectEqual(t, "output", a.Ok("run", "show"), "one\n")
	a.Write("made", "two\n")
	apptest.ExpectEqual(t, "output without a build", a.Ok("run", "show"), "one\n")
	apptest.ExpectEqual(t, "output of a build", a.Ok("run", "--build", "show"), "two\n")
}

// TestBaseImageOfAService: the Dockerfile of a service names the image of a service outside of the run.
func TestBaseImageOfAService(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, `
services:
  web:
    build:
      context: .
      dockerfile_inline: |
        ARG BASE=scratch
        FROM $$BASE
        COPY --from=@project-base:latest /made /copied
      args: {BASE: @project-base}
    command: [cat, /copied]
  base:
    profiles: [build]
    build:
      context: .
      dockerfile_inline: |
        FROM @image
        COPY made /made
`, `
task "show" { service = "web" }
`)
	t.Cleanup(func() { a.RemoveImage(a.Project + "-web"); a.RemoveImage(a.Project + "-base") })
	a.Write("made", "one\n")
	apptest.ExpectEqual(t, "output", a.Ok("run", "show"), "one\n")
	a.Write("made", "two\n")
	apptest.ExpectEqual(t, "output without a build", a.Ok("run", "show"), "one\n")
	apptest.ExpectEqual(t, "output of a build", a.Ok("run", "--build", "show"), "two\n")
}

// TestFailedBuild: the error has the image, the line that failed, the exit code, and the last output.
func TestFailedBuild(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "services:\n  web:\n    build: .\n", `task "x" { service = "web" }`)
	a.Write("Dockerfile", "FROM @image\nENV A=b\nRUN seq 1 30 && echo 'no rule to make' && exit 3\n")
	r := a.Tasks("run", "x")
	apptest.ExpectEqual(t, "code", r.Code, 125)
	for _, text := range []string{"image " + a.Project + "-web  failed: Dockerfile:3: RUN seq 1 30", "failed with exit code 3", "\n  30\n  no rule to make\n"} {
		if !strings.Contains(r.Stderr, text) {
			t.Errorf("stderr lacks %q:\n%s", text, r.Stderr)
		}
	}
}
