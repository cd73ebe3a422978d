package composeproject

import (
	"fmt"
	"strings"
)

// Error is a mistake in a compose file, with its place.
type Error struct {
	// File is absolute. Line and Column start at 1, and are zero for an unknown place.
	File         string
	Line, Column int
	// Message describes the mistake. Detail has the remedy, or is empty.
	Message, Detail string
	// Suggestion is the nearest existing name, or empty.
	Suggestion string
	// Err is the error of compose-go, or nil.
	Err error

	// dir is the folder for relative file names in messages.
	dir string
}

// Error returns a line like "compose.yaml:7:5: …". A file inside the project directory has a relative name.
func (e *Error) Error() string {
	text := e.locationText() + ": " + e.Message
	if e.Suggestion != "" {
		text += fmt.Sprintf("; did you mean %q?", e.Suggestion)
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

func (e *Error) locationText() string {
	return location{file: e.File, line: e.Line, column: e.Column}.text(e.dir)
}

// LoadError lists the mistakes in the compose files of a project, by file and place.
type LoadError struct {
	Mistakes []*Error
	// Contents are the contents of the files with mistakes.
	Contents map[string][]byte
}

// Error returns a line for each mistake.
func (e *LoadError) Error() string {
	var lines []string
	for _, mistake := range e.Mistakes {
		lines = append(lines, mistake.Error())
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the mistakes.
func (e *LoadError) Unwrap() []error {
	var all []error
	for _, mistake := range e.Mistakes {
		all = append(all, mistake)
	}
	return all
}
