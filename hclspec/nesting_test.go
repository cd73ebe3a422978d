package hclspec

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/ctyconv"
)

// TestReadersBoundNesting: 20,000 levels are an error with a place, in everything that reads the language.
func TestReadersBoundNesting(t *testing.T) {
	in := testInputs(t)
	deep := strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000)
	check := func(reader string, diags hcl.Diagnostics, line, column int) {
		t.Helper()
		if len(diags) != 1 || diags[0].Summary != "too many levels" || diags[0].Subject == nil ||
			diags[0].Subject.Start.Line != line || diags[0].Subject.Start.Column != column {
			t.Errorf("%s: %v", reader, diags)
		}
	}
	text := "variable \"x\" {\n  default = " + deep + "\n}\n"
	_, diags := Parser{}.Parse([]Source{source(in, text)})
	check("Parse", diags, 2, 12+1000)
	_, diags = CheckSyntax(source(in, text))
	check("CheckSyntax", diags, 2, 12+1000)
	// The nested part stands behind what hides the part from the lexer until it is masked.
	_, diags = Parser{}.Parse([]Source{source(in, "task \"t\" {\n  script = \"${#a}\"\n}\nlocals {\n  x = "+deep+"\n}\n")})
	check("Parse of a masked file", diags[1:], 5, 6+1000)

	values := Source{Name: "v.tasksvars", Path: filepath.Join(in.Root, "v.tasksvars"), Bytes: []byte("x = " + deep + "\n")}
	_, diags = Parser{VariableFiles: VariableFiles{Explicit: []Source{values}}}.Parse([]Source{source(in, "variable \"x\" {\n}\n")})
	check("values", diags, 1, 4+1001)

	console := parseFile(t, in, "task \"t\" {\n  command = [\"x\"]\n}\n").Evaluator(in)
	check("console", console.Evaluate(deep).Diagnostics, 1, 1001)

	if _, err := ctyconv.ParseValue(deep, cty.List(cty.DynamicPseudoType)); err == nil || err.Error() != "too many levels" {
		t.Errorf("value of a variable: %v", err)
	}
	writeFile(t, filepath.Join(in.Root, "deep.tmpl"), "${"+deep+"}")
	_, diags = calculate(t, in, `templatefile("deep.tmpl", {})`)
	if !strings.Contains(diags.Error(), "too many levels") {
		t.Errorf("template: %v", diags)
	}
}
