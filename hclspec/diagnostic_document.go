package hclspec

import (
	"bytes"
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/apparentlymart/go-textseg/v15/textseg"
	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec/internal/diag"
)

// DiagnosticDocument is a diagnostic for programs, in the shape that docs/json.md describes.
type DiagnosticDocument struct {
	// Severity is "error" or "warning".
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail,omitempty"`
	// Suggestion is what was probably meant, where something near is known.
	Suggestion string `json:"suggestion,omitempty"`
	// Range is the place; nil for what has none, such as a mistake on the command line.
	Range *SourceRange `json:"range,omitempty"`
	// Related are other places that the detail names, such as the first of two definitions.
	Related []SourceRange `json:"related,omitempty"`
}

// SourceRange is a part of a file. End is nil where only the start is known.
type SourceRange struct {
	File  string          `json:"file"`
	Start SourcePosition  `json:"start"`
	End   *SourcePosition `json:"end,omitempty"`
}

// SourcePosition is a place between two characters. Line and Column are counted from 1, columns in what a reader takes for
// characters; Byte is the offset in the file, counted from 0.
type SourcePosition struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Byte   int `json:"byte"`
}

// DiagnosticDocuments gives diagnostics for programs. Files are the sources by name, as [File.Files] gives them.
func DiagnosticDocuments(files map[string]*hcl.File, diags hcl.Diagnostics) []DiagnosticDocument {
	documents := make([]DiagnosticDocument, len(diags))
	for i, d := range diags {
		documents[i] = DiagnosticDocument{
			Severity: "error", Summary: diag.LowerFirst(d.Summary), Detail: d.Detail,
			Suggestion: suggestionIn(d.Detail), Related: relatedRanges(files, d.Detail),
		}
		if d.Severity == hcl.DiagWarning {
			documents[i].Severity = "warning"
		}
		if d.Subject != nil {
			documents[i].Range = SourceRangeOf(*d.Subject)
		}
	}
	return documents
}

// SourceRangeOf is a range for programs.
func SourceRangeOf(r hcl.Range) *SourceRange {
	end := SourcePosition(r.End)
	return &SourceRange{File: r.Filename, Start: SourcePosition(r.Start), End: &end}
}

// suggestionPattern is how every message of the language suggests, also those of HCL itself.
var suggestionPattern = diag.LazyRegexp("[Dd]id you mean (\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`|[^?]+)\\?")

// suggestionIn takes the suggestion out of a detail, without its quotes.
func suggestionIn(detail string) string {
	found := suggestionPattern().FindStringSubmatch(detail)
	if found == nil {
		return ""
	}
	if text, err := strconv.Unquote(found[1]); err == nil {
		return text
	}
	return found[1]
}

// relatedRanges finds the places of known files that a detail names, in the order it does: those that [place] has written, and
// those in HCL's own messages, file:line,column-column.
func relatedRanges(files map[string]*hcl.File, detail string) []SourceRange {
	type mention struct {
		at    int
		place SourceRange
	}
	var mentions []mention
	for name, file := range files {
		pattern := regexp.MustCompile(`(?:^|[\s(])` + regexp.QuoteMeta(name) + `:([0-9]+)[:,]([0-9]+)`)
		for _, found := range pattern.FindAllStringSubmatchIndex(detail, -1) {
			line, _ := strconv.Atoi(detail[found[2]:found[3]])
			column, _ := strconv.Atoi(detail[found[4]:found[5]])
			start := SourcePosition{Line: line, Column: column, Byte: offsetOf(file.Bytes, line, column)}
			mentions = append(mentions, mention{found[0], SourceRange{File: name, Start: start}})
		}
	}
	slices.SortFunc(mentions, func(a, b mention) int {
		return cmp.Or(cmp.Compare(a.at, b.at), strings.Compare(a.place.File, b.place.File))
	})
	var ranges []SourceRange
	for _, m := range mentions {
		ranges = append(ranges, m.place)
	}
	return ranges
}

// offsetOf is the byte offset of a line and column, not beyond the end.
func offsetOf(text []byte, line, column int) int {
	offset := 0
	for ; line > 1; line-- {
		end := bytes.IndexByte(text[offset:], '\n')
		if end < 0 {
			return len(text)
		}
		offset += end + 1
	}
	for ; column > 1 && offset < len(text); column-- {
		advance, _, err := textseg.ScanGraphemeClusters(text[offset:], true)
		if err != nil || advance == 0 {
			break
		}
		offset += advance
	}
	return offset
}
