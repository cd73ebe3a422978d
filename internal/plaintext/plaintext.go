package plaintext

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// IsPlain reports whether a text has only characters that a terminal shows: no control character, no character that
// changes the direction of text or ends a line, and no byte outside of UTF-8.
func IsPlain(text string) bool {
	for i, r := range text {
		if isUnsafe(r) || r == utf8.RuneError && isInvalid(text[i:]) {
			return false
		}
	}
	return true
}

// Escape spells out all characters that are not plain, newlines and tabs too: \n, \x1b, \u202e. The result fits on one
// line. A second call changes nothing.
func Escape(text string) string { return escape(text, "") }

// EscapeLines is [Escape] for a text of several lines: newlines and tabs stay. A carriage return before a newline is
// dropped.
func EscapeLines(text string) string { return escape(strings.ReplaceAll(text, "\r\n", "\n"), "\n\t") }

// Message is [EscapeLines] for a message inside other lines: each further line is indented, so that a text from outside
// cannot look like a line of the program. Spaces at the end are dropped.
func Message(text string) string {
	lines := strings.Split(EscapeLines(strings.TrimRight(text, " \t\r\n")), "\n")
	for i, line := range lines {
		if i > 0 && line != "" && !strings.HasPrefix(line, "  ") {
			lines[i] = "  " + line
		}
	}
	return strings.Join(lines, "\n")
}

// colors are the sequences of colours and styles that a program writes for a terminal (SGR).
var colors = regexp.MustCompile(`\x1b\[[0-9;:]*m`)

// WithoutColors drops the colours from the output of a program. All other control characters stay, for [Escape].
func WithoutColors(text string) string {
	if !strings.Contains(text, "\x1b") {
		return text
	}
	return colors.ReplaceAllString(text, "")
}

// sequences are all sequences for a terminal: colours, cursor movements, titles and links (ECMA-48).
var sequences = regexp.MustCompile(`\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1b[@-_]`)

// WithoutSequences drops all sequences for a terminal from the output of a program, for a record.
func WithoutSequences(text string) string {
	if !strings.Contains(text, "\x1b") {
		return text
	}
	return sequences.ReplaceAllString(text, "")
}

// Remove drops all characters that [Escape] spells out, where a line has no room for spellings.
func Remove(text string) string {
	return strings.Map(func(r rune) rune {
		if isUnsafe(r) {
			return -1
		}
		return r
	}, text)
}

func escape(text, kept string) string {
	isSafe := func(r rune) bool { return !isUnsafe(r) || strings.ContainsRune(kept, r) }
	if utf8.ValidString(text) && strings.IndexFunc(text, func(r rune) bool { return !isSafe(r) }) < 0 {
		return text
	}
	var out strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case isInvalid(text):
			fmt.Fprintf(&out, `\x%02x`, text[0])
		case isSafe(r):
			out.WriteString(text[:size])
		default:
			out.WriteString(spell(r))
		}
		text = text[size:]
	}
	return out.String()
}

// isInvalid reports whether a text begins with a byte outside of UTF-8.
func isInvalid(text string) bool {
	r, size := utf8.DecodeRuneInString(text)
	return r == utf8.RuneError && size == 1
}

// isUnsafe reports whether a character acts on a terminal: control characters, and the characters that order text of
// two directions or separate lines (https://unicode.org/reports/tr9).
func isUnsafe(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// spell returns the spelling of an unsafe character.
func spell(r rune) string {
	const letters = "\a\b\t\n\v\f\r"
	switch i := strings.IndexRune(letters, r); {
	case i >= 0:
		return `\` + "abtnvfr"[i:i+1]
	case r < 0x80:
		return fmt.Sprintf(`\x%02x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}
