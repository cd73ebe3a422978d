package view

import (
	"encoding/json"
	"fmt"
	"io"

	"tasks/hclspec"
)

// FormatVersion is the format_version of every JSON document. The number grows with the removal of a field or a new
// meaning of a field; new fields leave the number alone (docs/json.md).
const FormatVersion = 1

// PrintJSON writes a document to stdout. Characters that act on a terminal are spelled as \u009b; the values stay.
func PrintJSON(p *Printer, document any) error {
	return writeJSON(stdoutWriter(p, escapeJSON), document)
}

// writeJSON writes a document, indented, with a newline at the end. Text keeps all characters: < is no \u003c.
func writeJSON(w io.Writer, document any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document)
}

// countText renders a number of things: "1 task", "2 tasks".
func countText(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// PrintMetadata writes the document of `tasks metadata` to stdout.
func PrintMetadata(p *Printer, metadata hclspec.Metadata) error {
	return PrintJSON(p, struct {
		FormatVersion int `json:"format_version"`
		hclspec.Metadata
	}{FormatVersion, metadata})
}
