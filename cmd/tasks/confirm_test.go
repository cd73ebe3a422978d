//go:build unix

package main

import (
	"strings"
	"testing"
)

const confirmTasks = `
task "ask" {
  script  = "read line; echo \"got $line.\""
  confirm = "Really?"
}
`

// TestConfirmAtATerminal: only a yes begins the run, and what is typed behind the answer is the command's.
func TestConfirmAtATerminal(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", confirmTasks)
	p := a.atTerminal(noRedirect, "run", "ask")
	p.waitOutput("task ask: Really? [y/N] ")
	p.typeKeys("y\nword\n")
	p.waitOutput("got word.\r\n")
	if r := p.wait(); r.code != 0 {
		t.Errorf("code %d\n%s", r.code, r.stdout)
	}
	for _, answer := range []string{"n\n", "\n", "yess\n"} {
		p := a.atTerminal(noRedirect, "run", "ask")
		p.waitOutput("task ask: Really? [y/N] ")
		p.typeKeys(answer)
		p.waitOutput("not confirmed")
		if r := p.wait(); r.code != 125 || strings.Contains(r.stdout, "got") {
			t.Errorf("%q: code %d\n%s", answer, r.code, r.stdout)
		}
	}
	p = a.atTerminal(noRedirect, "run", "ask")
	p.waitOutput("task ask: Really? [y/N] ")
	p.typeKeys(ctrlC)
	if r := p.wait(); r.code != 130 {
		t.Errorf("Ctrl-C: code %d\n%s", r.code, r.stdout)
	}
}
