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

// WriteFile writes a page, completely or not at all. A file with the same text is not touched, and a file that is no
// page stays.
func WriteFile(path, text string) error {
	isSame, err := IsUpToDate(path, text)
	if err != nil || isSame {
		return err
	}
	old, err := os.ReadFile(path)
	isNew := errors.Is(err, fs.ErrNotExist)
	switch {
	case isNew:
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			return fmt.Errorf("%w; the directory must exist", err)
		}
	case err != nil:
		return err
	case len(old) > 0 && !isPage(old):
		return fmt.Errorf("%s is not a page of tasks docs, and is not overwritten: remove the file, or choose another", path)
	}
	err = format.Write(path, []byte(text))
	if err != nil && isNew {
		err = errors.Join(err, os.Remove(path)) // no empty page
	}
	return err
}

// isPage reports whether a text is a page of this package, in one of the formats.
func isPage(text []byte) bool {
	return bytes.Contains(text, []byte(notice)) || bytes.Contains(text, []byte(plainNotice()))
}
