package view

import (
	"bytes"
	"unicode/utf8"
)

// maxOpenLine is how much of a line without an end is kept until it comes. What is longer is cut: nobody reads such a line, and
// it may never end.
const maxOpenLine = 64 << 10

// lineBuffer makes lines of what comes in pieces. A lone carriage return ends a line as well, so that the progress of a program
// that writes over its line is seen, with nothing lost.
type lineBuffer struct{ partial []byte }

// push adds text, and gives the lines that are whole now, each with its end. Only what is new is searched.
func (l *lineBuffer) push(text []byte) []byte {
	searched := max(len(l.partial)-1, 0) // a carriage return may stand last
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

// flush gives what has no end, with one.
func (l *lineBuffer) flush() []byte {
	text := withLineFeeds(l.partial)
	l.partial = nil
	return text
}

// lastLineEnd is where the last line ends that does, in what stands from a place on; 0: none does. A carriage return at the very end
// is none yet: a line feed may follow.
func lastLineEnd(text []byte, from int) int {
	limit := len(bytes.TrimRight(text[from:], "\r")) + from
	lineFeed := bytes.LastIndexByte(text[from:], '\n')
	carriageReturn := bytes.LastIndexByte(text[from:limit], '\r')
	if last := max(lineFeed, carriageReturn); last >= 0 {
		return from + last + 1
	}
	return 0
}

// completeRunes is the length of a text without a character that it breaks off in.
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

// withLineFeeds ends every line with a line feed: where only a carriage return stands, and behind what was cut.
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
