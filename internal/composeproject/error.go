package composeproject

import (
	"fmt"
	"path/filepath"
	"strings"
)

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

// text formats the place for messages. A file below dir has a relative name; a place without a file is empty.
func (l location) text(dir string) string {
	file := l.file
	if rel, err := filepath.Rel(dir, file); err == nil && !strings.HasPrefix(rel, "..") && file != "" {
		file = rel
	}
	switch {
	case l.line == 0:
		return file
	case l.column == 0:
		return fmt.Sprintf("%s:%d", file, l.line)
	default:
		return fmt.Sprintf("%s:%d:%d", file, l.line, l.column)
	}
}
