package view

import (
	"encoding/json"
	"fmt"
	"io"

	"tasks/hclspec"
)

// FormatVersion is the format_version of every document that is printed as JSON. It grows when a field is taken away or
// gets another meaning; new fields come without it (docs/json.md).
const FormatVersion = 1

// WriteJSON prints a document, indented, with a newline at its end. Text is written as it is: < is no \u003c.
func WriteJSON(w io.Writer, document any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document)
}

// Count renders a number of things: "1 task", "2 tasks".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Validation is the document of `tasks validate --json`.
type Validation struct {
	FormatVersion int  `json:"format_version"`
	Valid         bool `json:"valid"`
	ErrorCount    int  `json:"error_count"`
	WarningCount  int  `json:"warning_count"`
	// Diagnostics is never nil.
	Diagnostics []hclspec.DiagnosticDocument `json:"diagnostics"`
}

// NewValidation makes the document of diagnostics. Warnings alone leave the files valid.
func NewValidation(diagnostics []hclspec.DiagnosticDocument) Validation {
	v := Validation{FormatVersion: FormatVersion, Diagnostics: diagnostics}
	for _, d := range diagnostics {
		if d.Severity == "error" {
			v.ErrorCount++
		} else {
			v.WarningCount++
		}
	}
	v.Valid = v.ErrorCount == 0
	return v
}
