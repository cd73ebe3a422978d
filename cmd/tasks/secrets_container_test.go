//go:build unix

package main

import (
	"strings"
	"testing"
)

const secretOfContainer = "s3cret-of-the-container"

func newSecretApp(t *testing.T) *testApp {
	return newApp(t, `
services:
  web:
    image: @image
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
	r := a.tasks("run", "-T", "say")
	if r.code != 0 || r.stdout != "out <***>\nno terminal\n" || !strings.Contains(r.stderr, "err <***>\n") {
		t.Errorf("code %d, stdout %q, stderr %q", r.code, r.stdout, r.stderr)
	}
	r = a.tasks("run", "after")
	if r.code != 0 || !strings.Contains(r.stderr, "say | out <***>\n") || strings.Contains(r.stderr, secretOfContainer) {
		t.Errorf("code %d, stderr %q", r.code, r.stderr)
	}
	if out := a.ok("run", "-T", "derived"); out != "***\n" {
		t.Errorf("what is made of it and of an output is shown: %q", out)
	}
	for _, args := range [][]string{{"plan", "say"}, {"plan", "--json", "say"}, {"show", "say"}} {
		if out := a.ok(args...); strings.Contains(out, secretOfContainer) {
			t.Errorf("%q shows it:\n%s", args, out)
		}
	}
}

// TestSecretsAtATerminalAreMasked: a container keeps its terminal.
func TestSecretsAtATerminalAreMasked(t *testing.T) {
	t.Parallel()
	p := newSecretApp(t).atTerminal(noRedirect, "run", "say")
	p.waitOutput("out <***>")
	p.waitOutput("a terminal")
	if r := p.wait(); r.code != 0 || strings.Contains(r.stdout, secretOfContainer) {
		t.Errorf("code %d, %q", r.code, r.stdout)
	}
}
