package view

import (
	"bytes"
	"unicode/utf8"
)

// maxOpenLine is the kept length of a line without an end. Longer lines are cut: such a line may never end.
const maxOpenLine = 64 << 10

// lineBuffer makes lines from pieces of output. A lone carriage return ends a line too, so progress of a program over a
// single line stays visible.
type lineBuffer struct{ partial []byte }

// push adds text, and returns the complete lines with ends. Only the new text is searched.
func (l *lineBuffer) push(text []byte) []byte {
	searched := max(len(l.partial)-1, 0) // the last byte may be a carriage return
	l.partial = append(l.partial, text...)
	end := lastLineEnd(l.partial, searched)
	if end == 0 && len(l.partial) > maxOpenLine {
		end = completeRunes(l.partial)
	}
	if end == 0 {
		return nil
	}
	complete := l.partial[:end]
	l.partial = bytes.Clone(l.partial[end:])
	if len(l.partial) > maxOpenLine {
		return append(withLineFeeds(complete), l.push(nil)...)
	}
	return withLineFeeds(complete)
}

// flush returns an incomplete line, with a line feed added.
func (l *lineBuffer) flush() []byte {
	text := withLineFeeds(l.partial)
	l.partial = nil
	return text
}

// lastLineEnd returns the end of the last complete line after an offset; 0: none. A carriage return at the very end
// does not count: a line feed may follow.
func lastLineEnd(text []byte, from int) int {
	limit := len(bytes.TrimRight(text[from:], "\r")) + from
	lineFeed := bytes.LastIndexByte(text[from:], '\n')
	carriageReturn := bytes.LastIndexByte(text[from:limit], '\r')
	if last := max(lineFeed, carriageReturn); last >= 0 {
		return from + last + 1
	}
	return 0
}

// completeRunes returns the length of a text without an incomplete character at the end.
func completeRunes(text []byte) int {
	for n := len(text) - 1; n >= max(len(text)-utf8.UTFMax, 0); n-- {
		if utf8.RuneStart(text[n]) {
			if utf8.FullRune(text[n:]) {
				break
			}
			return n
		}
	}
	return len(text)
}

// withLineFeeds ends every line with a line feed: after a lone carriage return, and after a cut.
func withLineFeeds(text []byte) []byte {
	if len(text) == 0 || bytes.IndexByte(text, '\r') < 0 && text[len(text)-1] == '\n' {
		return text
	}
	var out bytes.Buffer
	for line := range bytes.Lines(text) {
		body := bytes.TrimRight(line, "\r\n")
		end := line[len(body):]
		hasLineFeed := bytes.HasSuffix(end, []byte("\n"))
		parts := bytes.FieldsFunc(body, func(r rune) bool { return r == '\r' })
		for i, part := range parts {
			out.Write(part)
			if i < len(parts)-1 || !hasLineFeed {
				out.WriteByte('\n')
			}
		}
		if hasLineFeed {
			out.Write(end)
		}
	}
	return out.Bytes()
}
