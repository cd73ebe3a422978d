package diagnostics

import "github.com/hashicorp/hcl/v2"

// Document is a diagnostic for programs (docs/json.md).
type Document struct {
	// Severity is "error" or "warning".
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail,omitempty"`
	// Suggestion is the probable intention, if a name is near.
	Suggestion string `json:"suggestion,omitempty"`
	// Range is the place; nil without a place, for example on the command line.
	Range *Range `json:"range,omitempty"`
	// Related are other places in the detail, such as the first of two definitions.
	Related []Range `json:"related,omitempty"`
}

// Range is a part of a file. End is nil if only the start is known.
type Range struct {
	File  string    `json:"file"`
	Start Position  `json:"start"`
	End   *Position `json:"end,omitempty"`
}

// Position is a place between two characters. Line and Column count from 1, columns in visible characters. Byte is the
// offset in the file from 0.
type Position struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Byte   int `json:"byte"`
}

// Data is the interface of a diagnostic's Extra with data for programs.
type Data interface {
	DiagnosticData() (suggestion string, related []hcl.Range)
}

// NewDocuments returns diagnostics for programs.
func NewDocuments(diags hcl.Diagnostics) []Document {
	documents := make([]Document, len(diags))
	for i, d := range diags {
		documents[i] = newDocument(d)
	}
	return documents
}

func newDocument(d *hcl.Diagnostic) Document {
	doc := Document{Severity: "error", Summary: lowerFirst(d.Summary), Detail: d.Detail}
	if d.Severity == hcl.DiagWarning {
		doc.Severity = "warning"
	}
	if d.Subject != nil {
		doc.Range = NewRange(*d.Subject)
	}
	data, hasData := hcl.DiagnosticExtra[Data](d)
	if !hasData {
		return doc
	}
	suggestion, related := data.DiagnosticData()
	doc.Suggestion = suggestion
	for _, r := range related {
		doc.Related = append(doc.Related, Range{File: r.Filename, Start: Position(r.Start)})
	}
	return doc
}

// NewRange returns a range for programs.
func NewRange(r hcl.Range) *Range {
	end := Position(r.End)
	return &Range{File: r.Filename, Start: Position(r.Start), End: &end}
}
