//go:build unix

package commands_test

import (
	"strings"
	"testing"

	"tasks/internal/testing/apptest"
)

const secretOfContainer = "s3cret-of-the-container"

func newSecretApp(t *testing.T) *apptest.App {
	return apptest.NewApp(t, `
services:
  web:
    @offline
`, `
		variable "token" {
			sensitive = true
			default   = "`+secretOfContainer+`"
		}
		task "say" {
			service = "web"
			env     = { TOKEN = var.token }
			script  = "echo \"out <$TOKEN>\"; echo \"err <$TOKEN>\" >&2; test -t 1 && echo a terminal || echo no terminal"
		}
		task "version" {
			command = ["echo", "v7"]
		}
		task "derived" {
			service = "web"
			command = ["echo", base64encode("${task.version.stdout}:${var.token}")]
		}
		task "after" {
			depends_on = [task.say]
			command    = ["echo", "done"]
		}
	`)
}

// TestSecretsOfContainersAreMasked: the container has the value, and nobody reads it.
func TestSecretsOfContainersAreMasked(t *testing.T) {
	t.Parallel()
	a := newSecretApp(t)
	r := a.Tasks("run", "-T", "say")
	if r.Code != 0 || r.Stdout != "out <***>\nno terminal\n" || !strings.Contains(r.Stderr, "err <***>\n") {
		t.Errorf("code %d, stdout %q, stderr %q", r.Code, r.Stdout, r.Stderr)
	}
	r = a.Tasks("run", "after")
	if r.Code != 0 || !strings.Contains(r.Stderr, "say | out <***>\n") || strings.Contains(r.Stderr, secretOfContainer) {
		t.Errorf("code %d, stderr %q", r.Code, r.Stderr)
	}
	if out := a.Ok("run", "-T", "derived"); out != "***\n" {
		t.Errorf("what is made of it and of an output is shown: %q", out)
	}
	for _, args := range [][]string{{"plan", "say"}, {"plan", "--json", "say"}, {"show", "say"}} {
		if out := a.Ok(args...); strings.Contains(out, secretOfContainer) {
			t.Errorf("%q shows it:\n%s", args, out)
		}
	}
}

// TestSecretsAtATerminalAreMasked: a container keeps its terminal.
func TestSecretsAtATerminalAreMasked(t *testing.T) {
	t.Parallel()
	p := newSecretApp(t).AtTerminal(apptest.NoRedirect, "run", "say")
	p.WaitOutput("out <***>")
	p.WaitOutput("a terminal")
	if r := p.Wait(); r.Code != 0 || strings.Contains(r.Stdout, secretOfContainer) {
		t.Errorf("code %d, %q", r.Code, r.Stdout)
	}
}
