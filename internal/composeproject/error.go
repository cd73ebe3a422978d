package composeproject

import "fmt"

// Error is a mistake in a compose file, with its place.
type Error struct {
	// File is absolute. Line and Column start at 1, and are zero for an unknown place.
	File         string
	Line, Column int
	// Message describes the mistake.
	Message string
	// Suggestion is the nearest existing name, or empty.
	Suggestion string
	// Err is the error of compose-go.
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
