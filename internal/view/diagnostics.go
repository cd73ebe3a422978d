package view

import (
	"errors"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"tasks/executor/step"
	"tasks/internal/view/diagnostics"
)

// PrintDiagnostics writes diagnostics to stderr, with the source lines. Files are the sources by name.
func PrintDiagnostics(p *Printer, files map[string]*hcl.File, diags hcl.Diagnostics, isColored bool) error {
	return diagnostics.WriteText(styledStderr(p), files, diags, diagnostics.TextOptions{Color: isColored})
}

// FailureText returns a function for the text of a failed step's error. Errors in the files come with the source line.
func FailureText(files map[string]*hcl.File) func(error) string {
	return func(err error) string {
		diagErr, ok := errors.AsType[*step.DiagnosticsError](err)
		if !ok {
			return outputText(err.Error())
		}
		var text strings.Builder
		text.WriteString("invalid value computed during the run\n")
		if err := diagnostics.WriteText(&text, files, diagErr.Diagnostics, diagnostics.TextOptions{}); err != nil {
			return outputText(diagErr.Error())
		}
		return strings.TrimRight(text.String(), "\n")
	}
}
