package view

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"tasks/internal/view/diagnostics"
)

// Validation is the document of `tasks validate --json`.
type Validation struct {
	FormatVersion int  `json:"format_version"`
	Valid         bool `json:"valid"`
	ErrorCount    int  `json:"error_count"`
	WarningCount  int  `json:"warning_count"`
	// Diagnostics is never nil.
	Diagnostics []diagnostics.Document `json:"diagnostics"`
}

// NewValidation makes the document of diagnostics. Warnings alone leave the files valid.
func NewValidation(diagnostics []diagnostics.Document) Validation {
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

// PrintValidation writes the document of `tasks validate --json` to stdout.
func PrintValidation(p *Printer, diags hcl.Diagnostics) error {
	return PrintJSON(p, NewValidation(diagnostics.NewDocuments(diags)))
}

// PrintValid writes to stdout how many tasks are valid.
func PrintValid(p *Printer, taskCount int) {
	fmt.Fprintf(p.Stdout(), "valid: %s\n", countText(taskCount, "task"))
}
