package completion

import (
	"slices"
	"strings"
	"testing"
)

func TestAdd(t *testing.T) {
	var all []string
	for _, name := range []string{"deploy", "destroy", "de\nploy", "de\x1b[2J", "de\tx", "de\u202e", "de\xff", "$(de)", "de$(x)"} {
		all = Add(all, "de", name, " Bring\nit\x1b \n")
	}
	const description = "\t" + `Bring\nit\x1b`
	if want := []string{"deploy" + description, "destroy" + description, "de$(x)" + description}; !slices.Equal(all, want) {
		t.Errorf("%q, want %q", all, want)
	}
	if got := Add(nil, "", "x", ""); !slices.Equal(got, []string{"x"}) {
		t.Errorf("%q", got)
	}
}

// TestScripts: each script passes words without an evaluation.
func TestScripts(t *testing.T) {
	for _, shell := range Shells() {
		script, ok := Script(shell)
		if !ok || len(script) == 0 {
			t.Fatalf("no script for %s", shell)
		}
		for _, word := range []string{"eval ", "Invoke-Expression", "iex "} {
			if strings.Contains(string(script), word) {
				t.Errorf("%s: the script has %q", shell, word)
			}
		}
	}
	if _, ok := Script("tcsh"); ok {
		t.Error("a script for tcsh")
	}
}
