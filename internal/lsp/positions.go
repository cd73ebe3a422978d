package lsp

import (
	"sort"
	"unicode/utf8"

	"tasks/hclspec/symbols"
)

// lines finds the positions of the protocol in a text.
type lines struct {
	text   []byte
	starts []int
}

func newLines(text []byte) *lines {
	l := &lines{text: text, starts: []int{0}}
	for i, b := range text {
		if b == '\n' || b == '\r' && (i+1 == len(text) || text[i+1] != '\n') {
			l.starts = append(l.starts, i+1)
		}
	}
	return l
}

// lineEnd returns the offset of the line break behind a line, or of the end of the text.
func (l *lines) lineEnd(line int) int {
	if line+1 == len(l.starts) {
		return len(l.text)
	}
	end := l.starts[line+1] - 1
	if end > l.starts[line] && l.text[end-1] == '\r' {
		end--
	}
	return end
}

// offset returns the byte of a position. A position behind its line or behind the text counts as the end of these, as
// the protocol says.
func (l *lines) offset(p Position) int {
	if p.Line < 0 {
		return 0
	}
	if p.Line >= len(l.starts) {
		return len(l.text)
	}
	at, end := l.starts[p.Line], l.lineEnd(p.Line)
	for units := 0; at < end; {
		r, size := utf8.DecodeRune(l.text[at:end])
		if units += utf16Units(r); units > p.Character {
			break
		}
		at += size
	}
	return at
}

// position returns the position of a byte.
func (l *lines) position(offset int) Position {
	offset = min(max(offset, 0), len(l.text))
	line := sort.SearchInts(l.starts, offset+1) - 1
	units := 0
	for at := l.starts[line]; at < offset; {
		r, size := utf8.DecodeRune(l.text[at:])
		units += utf16Units(r)
		at += size
	}
	return Position{line, units}
}

func (l *lines) rangeOf(s symbols.Span) Range {
	return Range{l.position(s.Start), l.position(s.End)}
}

// utf16Units counts the UTF-16 code units of a character.
func utf16Units(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}
