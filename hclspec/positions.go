package hclspec

import (
	"bytes"

	"github.com/apparentlymart/go-textseg/v15/textseg"
	"github.com/hashicorp/hcl/v2"
)

// positions turns byte offsets of a source into lines and columns, counted as HCL counts them: in grapheme clusters.
type positions struct {
	source Source
}

func newPositions(source Source) positions {
	return positions{source: source}
}

func (p positions) rangeOf(start, end int) hcl.Range {
	return hcl.Range{Filename: p.source.Name, Start: p.at(start), End: p.at(end)}
}

func (p positions) at(offset int) hcl.Pos {
	before := p.source.Bytes[:offset]
	lineStart := bytes.LastIndexByte(before, '\n') + 1
	return hcl.Pos{
		Line:   bytes.Count(before, []byte("\n")) + 1,
		Column: countGraphemes(before[lineStart:]) + 1,
		Byte:   offset,
	}
}

// countGraphemes counts what a reader takes for characters.
func countGraphemes(text []byte) int {
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
