package diagnostics

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
)

// snippetCases underline the bytes between two marks, « and », in a line.
var snippetCases = []struct{ name, line, text, underline string }{
	{"word", "a «bcd» e", "a bcd e", "  ^^^"},
	{"start", "«a»", "a", "^"},
	{"nothing", "ab«»c", "abc", "  ^"},
	{"end of line", "ab«»", "ab", "  ^"},
	{"tab before", "\t«ab»", "    ab", "    ^^"},
	{"tab after text", "ab\t«cd»", "ab  cd", "    ^^"},
	{"tab inside", "a«b\tc»", "ab  c", " ^^^^"},
	{"wide", "日本«語»x", "日本語x", "    ^^"},
	{"combining", "é«x»", "éx", " ^"},
	{"two code points", "e\u0301«x»", "e\u0301x", " ^"},
	{"control characters", "\x1b«x»", `\x1bx`, "    ^"},
	{"control characters covered", "a«\x1b\u202e»", `a\x1b\u202e`, " ^^^^^^^^^^"},
	{"not UTF-8", "\xff«x»", `\xffx`, "    ^"},
	{"carriage return", "«ab»\r", "ab", "^^"},
}

func TestSnippets(t *testing.T) {
	for _, c := range snippetCases {
		t.Run(c.name, func(t *testing.T) {
			before, rest, _ := strings.Cut(c.line, "«")
			covered, after, _ := strings.Cut(rest, "»")
			src := "first\n" + before + covered + after + "\nlast\n"
			start := len("first\n") + len(before)
			at := hcl.Range{
				Filename: "f", Start: hcl.Pos{Line: 2, Column: 1, Byte: start},
				End: hcl.Pos{Line: 2, Column: 9, Byte: start + len(covered)},
			}
			want := "f:2:1: error: s\n  2 | " + c.text + "\n    | " + c.underline + "\n"
			if diff := cmp.Diff(want, renderDiagnostic(t, src, newError(&at, "s", ""), TextOptions{})); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func newError(at *hcl.Range, summary, detail string) *hcl.Diagnostic {
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: detail, Subject: at}
}

func newWarning(at hcl.Range) *hcl.Diagnostic {
	return &hcl.Diagnostic{Severity: hcl.DiagWarning, Summary: "s", Detail: "d", Subject: &at}
}

func renderDiagnostic(t *testing.T, src string, d *hcl.Diagnostic, opts TextOptions) string {
	t.Helper()
	var out strings.Builder
	files := map[string]*hcl.File{"f": {Bytes: []byte(src)}}
	if err := WriteText(&out, files, hcl.Diagnostics{d}, opts); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestRangeOfSeveralLinesUnderlinesTheFirst(t *testing.T) {
	at := hcl.Range{
		Filename: "f", Start: hcl.Pos{Line: 1, Column: 3, Byte: 2}, End: hcl.Pos{Line: 3, Column: 2, Byte: 9},
	}
	want := "f:1:3: error: s\n  1 | a [\n    |   ^\n"
	if got := renderDiagnostic(t, "a [\n  b\n]\n", newError(&at, "s", ""), TextOptions{}); got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestLineNumbersAlign(t *testing.T) {
	at := hcl.Range{
		Filename: "f", Start: hcl.Pos{Line: 12, Column: 1, Byte: 11}, End: hcl.Pos{Line: 12, Column: 2, Byte: 12},
	}
	want := "f:12:1: error: s\n  12 | x\n     | ^\n  d\n"
	if got := renderDiagnostic(t, strings.Repeat("\n", 11)+"x", newError(&at, "s", "d"), TextOptions{}); got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text    string
		columns int
		want    []string
	}{
		{"", 10, nil},
		{"a b c", 0, []string{"a b c"}},
		{"aa bb cc", 5, []string{"aa bb", "cc"}},
		{"a\nb c\n", 10, []string{"a", "b c"}},
		{"toolongword b", 4, []string{"toolongword", "b"}},
		{"日本 語", 6, []string{"日本", "語"}},
	} {
		if diff := cmp.Diff(c.want, wrap(c.text, c.columns)); diff != "" {
			t.Errorf("%q at %d: %s", c.text, c.columns, diff)
		}
	}
}

func TestColours(t *testing.T) {
	at := hcl.Range{Filename: "f", Start: hcl.Pos{Line: 1, Column: 1}, End: hcl.Pos{Line: 1, Column: 2, Byte: 1}}
	coloured := renderDiagnostic(t, "x", newWarning(at), TextOptions{Color: true})
	if !strings.Contains(coloured, "\x1b[1;33mwarning:\x1b[0m") || !strings.Contains(coloured, "\x1b[1;33m^\x1b[0m") {
		t.Errorf("%q", coloured)
	}
	if plain := renderDiagnostic(t, "x", newWarning(at), TextOptions{}); strings.Contains(plain, "\x1b") {
		t.Errorf("colours without being asked for: %q", plain)
	}
}

func TestDiagnosticWithoutSource(t *testing.T) {
	got := renderDiagnostic(t, "", newError(nil, "Unknown task", "Say another."), TextOptions{})
	if got != "error: unknown task\n  Say another.\n" {
		t.Errorf("without a place: %q", got)
	}
	at := hcl.Range{Filename: "gone", Start: hcl.Pos{Line: 3, Column: 4, Byte: 99}}
	if got := renderDiagnostic(t, "", newError(&at, "s", "d"), TextOptions{}); got != "gone:3:4: error: s\n  d\n" {
		t.Errorf("with a file that is not there: %q", got)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestWriterFails(t *testing.T) {
	if err := WriteText(brokenWriter{}, nil, hcl.Diagnostics{newError(nil, "s", "d")}, TextOptions{}); err == nil {
		t.Error("the writer's error is lost")
	}
}
