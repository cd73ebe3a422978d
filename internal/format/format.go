// Package format formats files of the language in the canonical layout, the layout of hclwrite, and writes the files.
package format

import (
	"bytes"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/rogpeppe/go-internal/diff"

	"tasks/internal/plaintext"
)

// maxRounds is more rounds than any file needs for a stable layout. A moved line can change the alignment of other
// lines.
const maxRounds = 8

// Source returns a file's text in canonical layout. Only white space changes, never a comment or the text of a heredoc.
// The syntax must be valid, because the layout of a broken file would be a guess.
func Source(text []byte) []byte {
	for range maxRounds {
		next := hclwrite.Format(text)
		if bytes.Equal(next, text) {
			break
		}
		text = next
	}
	return text
}

// Diff returns the changes of the format as a unified diff, or nothing for equal texts.
func Diff(name string, before, after []byte) []byte {
	name = plaintext.Escape(name)
	return diff.Diff(name, before, name+" (formatted)", after)
}
