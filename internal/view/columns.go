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
