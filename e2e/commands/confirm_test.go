//go:build unix

package commands_test

import (
	"strings"
	"testing"

	"tasks/internal/testing/apptest"
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
	a := apptest.NewApp(t, "", confirmTasks)
	p := a.AtTerminal(apptest.NoRedirect, "run", "ask")
	p.WaitOutput("task ask: Really? [y/N] ")
	p.TypeKeys("y\nword\n")
	p.WaitOutput("got word.\r\n")
	if r := p.Wait(); r.Code != 0 {
		t.Errorf("code %d\n%s", r.Code, r.Stdout)
	}
	for _, answer := range []string{"n\n", "\n", "yess\n"} {
		p := a.AtTerminal(apptest.NoRedirect, "run", "ask")
		p.WaitOutput("task ask: Really? [y/N] ")
		p.TypeKeys(answer)
		p.WaitOutput("cancelled")
		if r := p.Wait(); r.Code != 125 || strings.Contains(r.Stdout, "got") {
			t.Errorf("%q: code %d\n%s", answer, r.Code, r.Stdout)
		}
	}
	p = a.AtTerminal(apptest.NoRedirect, "run", "ask")
	p.WaitOutput("task ask: Really? [y/N] ")
	p.TypeKeys(apptest.CtrlC)
	if r := p.Wait(); r.Code != 130 {
		t.Errorf("Ctrl-C: code %d\n%s", r.Code, r.Stdout)
	}
}
