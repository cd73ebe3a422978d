package main

import (
	"strings"
	"testing"
)

const asking = `
task "ask" {
  script  = "read line; echo \"got $line.\""
  confirm = "Really?"
}
`

// TestConfirmAtATerminal: only a yes begins the run, and what is typed behind the answer is the command's.
func TestConfirmAtATerminal(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", asking)
	p := a.atTerminal(unredirected, "run", "ask")
	p.saw("task ask: Really? [y/N] ")
	p.keys("y\nword\n")
	p.saw("got word.\r\n")
	if r := p.wait(); r.code != 0 {
		t.Errorf("code %d\n%s", r.code, r.stdout)
	}
	for _, answer := range []string{"n\n", "\n", "yess\n"} {
		p := a.atTerminal(unredirected, "run", "ask")
		p.saw("task ask: Really? [y/N] ")
		p.keys(answer)
		p.saw("not confirmed")
		if r := p.wait(); r.code != 125 || strings.Contains(r.stdout, "got") {
			t.Errorf("%q: code %d\n%s", answer, r.code, r.stdout)
		}
	}
	p = a.atTerminal(unredirected, "run", "ask")
	p.saw("task ask: Really? [y/N] ")
	p.keys(ctrlC)
	if r := p.wait(); r.code != 130 {
		t.Errorf("Ctrl-C: code %d\n%s", r.code, r.stdout)
	}
}
