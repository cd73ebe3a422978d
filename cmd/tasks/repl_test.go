//go:build unix

package main

import "testing"

// TestConsoleAsks: at a terminal there is a prompt, another one where a bracket is open, and mistakes end nothing.
func TestConsoleAsks(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", "variable \"x\" {\n  default = \"y\"\n}\n")
	p := a.atTerminal(noRedirect, "console")
	p.waitOutput("> ")
	p.typeKeys("upper(\n")
	p.waitOutput("… ")
	p.typeKeys("var.x)\n")
	p.waitOutput("\"Y\"\r\n")
	p.typeKeys("var.z\n")
	p.waitOutput(`unknown variable "z"`)
	p.typeKeys("exit\n")
	if r := p.wait(); r.code != 0 {
		t.Errorf("ended with %d\n%s", r.code, r.stdout)
	}
}
