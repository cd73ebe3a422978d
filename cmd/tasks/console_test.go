package main

import "testing"

// TestConsoleAsks: at a terminal there is a prompt, another one where a bracket is open, and mistakes end nothing.
func TestConsoleAsks(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", "variable \"x\" {\n  default = \"y\"\n}\n")
	p := a.atTerminal(unredirected, "console")
	p.saw("> ")
	p.keys("upper(\n")
	p.saw("… ")
	p.keys("var.x)\n")
	p.saw("\"Y\"\r\n")
	p.keys("var.z\n")
	p.saw(`unknown variable "z"`)
	p.keys("exit\n")
	if r := p.wait(); r.code != 0 {
		t.Errorf("ended with %d\n%s", r.code, r.stdout)
	}
}
