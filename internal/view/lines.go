package view

import (
	"bytes"
	"unicode/utf8"
)

// longestOpen is how much of a line without an end is kept until it comes. What is longer is cut: nobody reads such a line, and
// it may never end.
const longestOpen = 64 << 10

// lineBuffer makes lines of what comes in pieces. A lone carriage return ends a line as well, so that the progress of a program
// that writes over its line is seen, with nothing lost.
type lineBuffer struct{ open []byte }

// take adds text, and gives the lines that are whole now, each with its end. Only what is new is searched.
func (l *lineBuffer) take(text []byte) []byte {
	searched := max(len(l.open)-1, 0) // a carriage return may stand last
	l.open = append(l.open, text...)
	end := lastEnd(l.open, searched)
	if end == 0 && len(l.open) > longestOpen {
		end = wholeRunes(l.open)
	}
	if end == 0 {
		return nil
	}
	whole := l.open[:end]
	l.open = bytes.Clone(l.open[end:])
	if len(l.open) > longestOpen {
		return append(feeds(whole), l.take(nil)...)
	}
	return feeds(whole)
}

// rest gives what has no end, with one.
func (l *lineBuffer) rest() []byte {
	text := feeds(l.open)
	l.open = nil
	return text
}

// lastEnd is where the last line ends that does, in what stands from a place on; 0: none does. A carriage return at the very end
// is none yet: a line feed may follow.
func lastEnd(text []byte, from int) int {
	until := len(bytes.TrimRight(text[from:], "\r")) + from
	feed := bytes.LastIndexByte(text[from:], '\n')
	back := bytes.LastIndexByte(text[from:until], '\r')
	if last := max(feed, back); last >= 0 {
		return from + last + 1
	}
	return 0
}

// wholeRunes is the length of a text without a character that it breaks off in.
func wholeRunes(text []byte) int {
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

// feeds ends every line with a line feed: where only a carriage return stands, and behind what was cut.
func feeds(text []byte) []byte {
	if len(text) == 0 || bytes.IndexByte(text, '\r') < 0 && text[len(text)-1] == '\n' {
		return text
	}
	var out bytes.Buffer
	for line := range bytes.Lines(text) {
		body := bytes.TrimRight(line, "\r\n")
		end := line[len(body):]
		fed := bytes.HasSuffix(end, []byte("\n"))
		parts := bytes.FieldsFunc(body, func(r rune) bool { return r == '\r' })
		for i, part := range parts {
			out.Write(part)
			if i < len(parts)-1 || !fed {
				out.WriteByte('\n')
			}
		}
		if fed {
			out.Write(end)
		}
	}
	return out.Bytes()
}
