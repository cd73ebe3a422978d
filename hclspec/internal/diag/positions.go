package diag

import (
	"bytes"

	"github.com/apparentlymart/go-textseg/v15/textseg"
	"github.com/hashicorp/hcl/v2"
)

// Positions converts byte offsets of a source to lines and columns. Columns count grapheme clusters, as in HCL.
type Positions struct {
	filename string
	text     []byte
}

func NewPositions(filename string, text []byte) Positions {
	return Positions{filename: filename, text: text}
}

func (p Positions) RangeOf(start, end int) hcl.Range {
	return hcl.Range{Filename: p.filename, Start: p.at(start), End: p.at(end)}
}

func (p Positions) at(offset int) hcl.Pos {
	before := p.text[:offset]
	lineStart := bytes.LastIndexByte(before, '\n') + 1
	return hcl.Pos{
		Line:   bytes.Count(before, []byte("\n")) + 1,
		Column: CountGraphemes(before[lineStart:]) + 1,
		Byte:   offset,
	}
}

// CountGraphemes counts the characters that a reader sees.
func CountGraphemes(text []byte) int {
	n := 0
	for len(text) > 0 {
		advance, _, err := textseg.ScanGraphemeClusters(text, true)
		if err != nil || advance == 0 {
			break
		}
		text = text[advance:]
		n++
	}
	return n
}

func IsWithin(inner, outer hcl.Range) bool {
	return inner.Filename == outer.Filename && inner.Start.Byte >= outer.Start.Byte && inner.End.Byte <= outer.End.Byte
}
