package workflow

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"tasks/internal/format"
)

// Formats are the formats of a page.
func Formats() []string { return []string{"markdown", "html"} }

// FormatOf returns the format for the name of a file: HTML for .html and .htm.
func FormatOf(file string) string {
	if slices.Contains([]string{".html", ".htm"}, filepath.Ext(file)) {
		return "html"
	}
	return "markdown"
}

// Text returns the page in a format of [Formats].
func (p Page) Text(format string) (string, error) {
	if format == "html" {
		return p.HTML()
	}
	return p.Markdown(), nil
}

// IsUpToDate reports whether a file has a text.
func IsUpToDate(path, text string) (bool, error) {
	old, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && bytes.Equal(old, []byte(text)), err
}

// WriteFile writes a file, completely or not at all. A file with the same text is not touched.
func WriteFile(path, text string) error {
	isSame, err := IsUpToDate(path, text)
	if err != nil || isSame {
		return err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			return fmt.Errorf("%w; the directory must exist", err)
		}
	}
	return format.Write(path, []byte(text))
}
