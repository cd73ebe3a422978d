package hclspec

import (
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

// DiagnosticDocuments returns diagnostics for programs.
func DiagnosticDocuments(diags hcl.Diagnostics) []DiagnosticDocument {
	documents := make([]DiagnosticDocument, len(diags))
	for i, d := range diags {
		extra := diag.ExtraOf(d)
		documents[i] = DiagnosticDocument{
			Severity: "error", Summary: diag.LowerFirst(d.Summary), Detail: d.Detail, Suggestion: extra.Suggestion,
		}
		if d.Severity == hcl.DiagWarning {
			documents[i].Severity = "warning"
		}
		if d.Subject != nil {
			documents[i].Range = SourceRangeOf(*d.Subject)
		}
		for _, r := range extra.Related {
			documents[i].Related = append(documents[i].Related, SourceRange{File: r.Filename, Start: SourcePosition(r.Start)})
		}
	}
	return documents
}

// SourceRangeOf is a range for programs.
func SourceRangeOf(r hcl.Range) *SourceRange {
	end := SourcePosition(r.End)
	return &SourceRange{File: r.Filename, Start: SourcePosition(r.Start), End: &end}
}
