package composeproject

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Error is a mistake in a compose file, with the place that it is at.
type Error struct {
	// File is absolute. Line and Column are counted from 1; zero where the place could not be found.
	File         string
	Line, Column int
	// Message says what is wrong.
	Message string
	// Suggestion is a name that may have been meant; empty: none is near.
	Suggestion string
	// Err is what compose-go says.
	Err error

	// dir is what File is shown relative to.
	dir string
}

// Error is one line, "compose.yaml:7:5: …", with the file relative to the project directory where it lies in it.
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

// text is a place as messages show it, relative to dir where the file lies in it; empty where there is no file.
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
