package step

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// The exit codes by the convention of `docker run`, as in language.md §5.
const (
	CodeRunFailed     = 125
	CodeNotExecutable = 126
	CodeNotFound      = 127
)

// CodedError is a failure with an exit code of its own.
type CodedError struct {
	Code int
	Err  error
}

func (e *CodedError) Error() string { return e.Err.Error() }
func (e *CodedError) Unwrap() error { return e.Err }

// DiagnosticsError is a mistake of the author in a deferred value: known only during the run.
type DiagnosticsError struct{ Diagnostics hcl.Diagnostics }

func (e *DiagnosticsError) Error() string { return e.Diagnostics.Error() }

// Indent indents each line of a text by two spaces.
func Indent(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\r\n"), "\n")
	return "  " + strings.Join(lines, "\n  ")
}
