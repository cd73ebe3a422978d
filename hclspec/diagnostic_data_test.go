package hclspec

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec/internal/diag"
	"tasks/internal/view/diagnostics"
)

// TestDiagnosticDocuments: what a detail says in words is there for programs too.
func TestDiagnosticDocuments(t *testing.T) {
	in := testInputs(t)
	_, diags := Parse([]Source{source(in, "task \"ü\" {}\n\ntask \"lint\" {\n  command = [\"x\"]\n}\n\n  task \"lint\" {\n  depends_on = [task.lnt]\n}\n")})
	at := func(line, column, offset int) diagnostics.Position {
		return diagnostics.Position{Line: line, Column: column, Byte: offset}
	}
	end := func(p diagnostics.Position) *diagnostics.Position { return &p }
	want := []diagnostics.Document{
		{
			Severity: "error", Summary: "invalid name of a task",
			Detail: "A name is made of letters, digits, `_`, `-` and `.`, with a letter or digit first.",
			Range:  &diagnostics.Range{File: "Tasks.hcl", Start: at(1, 6, 5), End: end(at(1, 9, 9))},
		},
		{
			Severity: "error", Summary: `duplicate task "lint"`,
			Detail:  "It was first defined at Tasks.hcl:3:6. Rename or remove one of the two.",
			Range:   &diagnostics.Range{File: "Tasks.hcl", Start: at(7, 8, 56), End: end(at(7, 14, 62))},
			Related: []diagnostics.Range{{File: "Tasks.hcl", Start: at(3, 6, 19)}},
		},
	}
	var got []diagnostics.Document
	for _, r := range diagnostics.NewDocuments(diags) {
		if r.Severity == "error" {
			got = append(got, r)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestWordingDecidesNothing: a suggestion and related places are data. Words that look like them are not.
func TestWordingDecidesNothing(t *testing.T) {
	place := hcl.Range{Filename: "Tasks.hcl", Start: hcl.Pos{Line: 3, Column: 6, Byte: 19}}
	plain := diag.Error("s", "%s", "Did you mean \"two\"? See Tasks.hcl:3:6.")
	carrying := diag.Error("s", "Perhaps %s, as at %s.", diag.Suggest("%q", "two"), diag.Place(place))
	wrapped := diag.Error("s", "%s", diag.SentenceOf(diag.Errorf("no such name%s", diag.DidYouMean("tow", []string{"two"}))))
	want := []diagnostics.Document{
		{Severity: "error", Summary: "s", Detail: "Did you mean \"two\"? See Tasks.hcl:3:6."},
		{
			Severity: "error", Summary: "s", Detail: "Perhaps \"two\", as at Tasks.hcl:3:6.", Suggestion: "two",
			Related: []diagnostics.Range{{File: "Tasks.hcl", Start: diagnostics.Position(place.Start)}},
		},
		{Severity: "error", Summary: "s", Detail: "No such name Did you mean \"two\"?", Suggestion: "two"},
	}
	if diff := cmp.Diff(want, diagnostics.NewDocuments(hcl.Diagnostics{plain, carrying, wrapped})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestSuggestionsAreMasked: a suggestion with a secret in it shows no more than the detail does.
func TestSuggestionsAreMasked(t *testing.T) {
	d := diag.Error("s", "x%s", diag.DidYouMean("open-sesam", []string{"open-sesame"}))
	masked := Secrets{"open-sesame"}.Diagnostics(hcl.Diagnostics{d})
	if got := diagnostics.NewDocuments(masked)[0].Suggestion; got != Masked {
		t.Errorf("suggestion %q", got)
	}
	if got := diag.ExtraOf(d).Suggestion; got != "open-sesame" {
		t.Errorf("the original has the suggestion %q", got)
	}
}
