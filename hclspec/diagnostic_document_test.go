package hclspec

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDiagnosticDocuments: what a detail says in words is there for programs too.
func TestDiagnosticDocuments(t *testing.T) {
	in := testInputs(t)
	f, diags := Parse([]Source{source(in, "task \"ü\" {}\n\ntask \"lint\" {\n  command = [\"x\"]\n}\n\n  task \"lint\" {\n  depends_on = [task.lnt]\n}\n")})
	at := func(line, column, offset int) SourcePosition { return SourcePosition{line, column, offset} }
	end := func(p SourcePosition) *SourcePosition { return &p }
	want := []DiagnosticDocument{
		{
			Severity: "error", Summary: "invalid name of a task",
			Detail: "A name is made of letters, digits, `_`, `-` and `.`, with a letter or digit first.",
			Range:  &SourceRange{File: "Tasks.hcl", Start: at(1, 6, 5), End: end(at(1, 9, 9))},
		},
		{
			Severity: "error", Summary: `duplicate task "lint"`,
			Detail:  "It was first defined at Tasks.hcl:3:6. Rename or remove one of the two.",
			Range:   &SourceRange{File: "Tasks.hcl", Start: at(7, 8, 56), End: end(at(7, 14, 62))},
			Related: []SourceRange{{File: "Tasks.hcl", Start: at(3, 6, 19)}},
		},
	}
	var got []DiagnosticDocument
	for _, r := range DiagnosticDocuments(f.SourceFiles(), diags) {
		if r.Severity == "error" {
			got = append(got, r)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestSuggestions(t *testing.T) {
	for detail, want := range map[string]string{
		`No task has this name. Did you mean "two"?`:         "two",
		"Did you mean `tasks run a ::: b`?":                  "tasks run a ::: b",
		"no task is called \"x\". Did you mean task[\"a\"]?": `task["a"]`,
		`Did you mean "a\"b"?`:                               `a"b`,
		"Nothing is near.":                                   "",
	} {
		if got := suggestionIn(detail); got != want {
			t.Errorf("%s: %q, want %q", detail, got, want)
		}
	}
}

func TestOffsets(t *testing.T) {
	text := []byte("ab\nü→c\n")
	for _, c := range []struct{ line, column, want int }{{1, 1, 0}, {1, 3, 2}, {2, 1, 3}, {2, 2, 5}, {2, 3, 8}, {3, 1, 10}, {9, 9, 10}} {
		if got := offsetOf(text, c.line, c.column); got != c.want {
			t.Errorf("%d:%d is at %d, want %d", c.line, c.column, got, c.want)
		}
	}
}
