package view

import (
	"strings"
	"unicode"

	"github.com/apparentlymart/go-textseg/v15/textseg"
	"golang.org/x/text/width"
)

// emojiStyle asks for the coloured form of the character before, two columns wide.
const emojiStyle = '\ufe0f'

// columns returns the largest possible width of a text on a terminal. Terminals join different characters to one
// picture, so each part of a picture counts.
func columns(text string) int {
	n := 0
	for _, r := range text {
		n += runeColumns(r)
	}
	return n
}

func runeColumns(r rune) int {
	switch {
	case r == emojiStyle:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me), unicode.Is(unicode.Cf, r) && r != '\u00ad':
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// padTo fills a text up with spaces to a number of columns.
func padTo(text string, most int) string {
	return text + strings.Repeat(" ", max(most-columns(text), 0))
}

// cutTo returns a text on at most this many columns, with "…" at the end of a cut text. Characters stay whole.
func cutTo(text string, most int) string {
	if columns(text) <= most {
		return text
	}
	rest, room := []byte(text), most-columns("…")
	var kept strings.Builder
	for len(rest) > 0 {
		length, character, err := textseg.ScanGraphemeClusters(rest, true)
		if room -= columns(string(character)); err != nil || length == 0 || room < 0 {
			break
		}
		kept.Write(character)
		rest = rest[length:]
	}
	return kept.String() + "…"
}

// cutMiddle shortens a name to some columns. The end stays, because names often differ there.
func cutMiddle(text string, most int) string {
	if columns(text) <= most {
		return text
	}
	runes, end, room := []rune(text), len([]rune(text)), most/3
	for end > 0 && runeColumns(runes[end-1]) <= room {
		end--
		room -= runeColumns(runes[end])
	}
	tail := string(runes[end:])
	return cutTo(text, most-columns(tail)) + tail
}

// WrapWords breaks a text into lines of at most width columns, between words. A longer word has a line of its own.
// Existing line breaks stay. Width 0 or less breaks nothing.
func WrapWords(text string, width int) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(text, "\n") {
		lines = append(lines, wrapParagraph(paragraph, width)...)
	}
	return lines
}

func wrapParagraph(text string, width int) []string {
	if width <= 0 || columns(text) <= width {
		return []string{text}
	}
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case columns(line)+1+columns(word) > width:
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}

// minTextColumns is the smallest width of a column of text beside labels.
const minTextColumns = 20

// HangingText puts a text beside a label. The text starts at a column, also in the following lines. A label that
// reaches the column has a line of its own. Width 0 or less breaks no line.
func HangingText(label string, column int, text string, width int) string {
	if text == "" {
		return label + "\n"
	}
	const narrowColumn = 6
	textWidth := 0
	if width > 0 && width-column < minTextColumns {
		column = min(column, narrowColumn) // below the label
	}
	if width > 0 {
		textWidth = max(width-column, minTextColumns)
	}
	lines := WrapWords(text, textWidth)
	indent := strings.Repeat(" ", column)
	first := indent
	if room := column - columns(label); room >= 2 {
		first = label + strings.Repeat(" ", room)
	} else {
		lines = append([]string{""}, lines...)
		first = label
	}
	var b strings.Builder
	for i, line := range lines {
		if i == 0 {
			b.WriteString(strings.TrimRight(first+line, " ") + "\n")
			continue
		}
		b.WriteString(strings.TrimRight(indent+line, " ") + "\n")
	}
	return b.String()
}
