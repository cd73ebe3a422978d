package composetest

import (
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// update makes the tests rewrite their tables of docs/compose.md.
var update = flag.Bool("update", false, "rewrite the tables of differences in docs/compose.md")

// page is docs/compose.md, seen from the packages in compat.
const page = "../../docs/compose.md"

// ExpectTable compares a table of docs/compose.md, between two comments, with the wanted text. With -update, ExpectTable
// writes the text. name is the first word of both comments, source the function behind the table.
func ExpectTable(t *testing.T, name, source, table string) {
	t.Helper()
	const call = "go test ./compat/... -run Documented -update"
	begin, end := "<!-- "+name+": "+call+" -->\n", "<!-- end of "+name+" -->\n"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	old, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no %q and %q", page, begin, end)
	}
	if old == table {
		return
	}
	if !*update {
		t.Fatalf("the table of %s is not that of %s(): %s", page, source, call)
	}
	if err := os.WriteFile(page, []byte(before+begin+table+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Difference is an intended difference between a container of `tasks` and that of a Compose. In patterns, … stands for
// any text.
type Difference struct {
	With Tool
	// Fields are patterns of paths in `docker inspect`. The prefix project marks other resources.
	Fields []string
	// Option are the options or attributes with this difference, separated by |. Empty: any option.
	Option string
	// Ours and Theirs are patterns of the values. Empty: the field is missing.
	Ours, Theirs string
	Reason       string
}

// NewDifference returns a difference, for tables with one line per difference.
func NewDifference(with Tool, fields []string, option, ours, theirs, reason string) Difference {
	return Difference{With: with, Fields: fields, Option: option, Ours: ours, Theirs: theirs, Reason: reason}
}

// Covers reports whether a difference covers a finding.
func (d Difference) Covers(k Tool, option, path, ours, theirs string) bool {
	return d.With == k && (d.Option == "" || slices.Contains(strings.Split(d.Option, "|"), option)) &&
		MatchesPattern(d.Ours, ours) && MatchesPattern(d.Theirs, theirs) &&
		slices.ContainsFunc(d.Fields, func(field string) bool { return MatchesPattern(field, path) })
}

// MatchesPattern matches a text with a pattern.
func MatchesPattern(pattern, text string) bool {
	parts := strings.Split(pattern, "…")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile("^(?s:" + strings.Join(parts, ".*") + ")$").MatchString(text)
}

// Code formats words as code of a document.
func Code(words ...string) string { return "`" + strings.Join(words, "`, `") + "`" }

// PatternText formats a value for the table.
func PatternText(pattern string) string {
	switch pattern {
	case "":
		return "none"
	case "…":
		return "…"
	}
	return Code(pattern)
}
