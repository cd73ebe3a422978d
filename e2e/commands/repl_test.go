//go:build unix

package commands_test

import (
	"testing"

	"tasks/internal/testing/apptest"
)

// TestConsoleAsks: at a terminal there is a prompt, another one where a bracket is open, and mistakes end nothing.
// Ctrl-C drops what was typed, Tab completes, and help answers.
func TestConsoleAsks(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", "variable \"x\" {\n  default = \"y\"\n}\n")
	p := a.AtTerminal(apptest.NoRedirect, "console")
	p.WaitOutput("> ")
	p.TypeKeys("upper(\n")
	p.WaitOutput("… ")
	p.TypeKeys("var.x)\n")
	p.WaitOutput("\"Y\"\r\n")
	p.TypeKeys("var.z\n")
	p.WaitOutput(`unknown variable "z"`)
	p.TypeKeys("help\n")
	p.WaitOutput("Tab completes")
	p.TypeKeys("[1,\n")
	p.WaitOutput("[1,\r\n")
	p.TypeKeys(apptest.CtrlC)
	p.TypeKeys("trimsp\t\"a \")\n")
	p.WaitOutput("\"a\"\r\n")
	p.TypeKeys("exit\n")
	if r := p.Wait(); r.Code != 0 {
		t.Errorf("ended with %d\n%s", r.Code, r.Stdout)
	}
}
