// Package format gives files of the language their canonical layout, which is that of hclwrite, and writes them.
package format

import (
	"bytes"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/rogpeppe/go-internal/diff"
)

// maxRounds is more than any file needs until its layout stays as it is: a line that another one has moved is aligned anew.
const maxRounds = 8

// Source is a file's text in canonical layout. Only white space is changed, never a comment or the text of a heredoc. The
// file's syntax must be right: of a broken one the layout would be a guess.
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

// Diff is what formatting a file has changed, as a unified diff; empty where nothing has.
func Diff(name string, before, after []byte) []byte {
	return diff.Diff(name, before, name+" (formatted)", after)
}
