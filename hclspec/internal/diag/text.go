package diag

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
)

// LowerFirst puts the first letter of HCL's summaries into lower case, as in our own. A word in capitals stays.
func LowerFirst(text string) string {
	if text == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(text)
	second, _ := utf8.DecodeRuneInString(text[size:])
	if unicode.IsUpper(second) {
		return text
	}
	return string(unicode.ToLower(first)) + text[size:]
}

// UpperFirst puts the first letter into upper case, for a sentence.
func UpperFirst(text string) string {
	if text == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// EnumerateNames lists up to eight names for a message.
func EnumerateNames(names []string) string {
	const limit = 8
	switch {
	case len(names) == 0:
		return "no service at all"
	case len(names) > limit:
		return strings.Join(names[:limit], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

// Article puts "a" or "an" before a noun.
func Article(noun string) string {
	if noun != "" && strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

// SentenceOf renders an error as a whole sentence, with the data that the error carries.
func SentenceOf(err error) Text {
	t := Textf("%s", err)
	t.words = WithFullStop(UpperFirst(t.words))
	return t
}

// WithFullStop adds a full stop to text without a final mark.
func WithFullStop(text string) string {
	if text == "" || strings.ContainsAny(text[len(text)-1:], ".?!") {
		return text
	}
	return text + "."
}

// Clause renders a diagnostic as a part of another message: in lower case, without a full stop, with its data.
func Clause(d *hcl.Diagnostic) Text {
	extra := ExtraOf(d)
	words := LowerFirst(d.Summary + ": " + LowerFirst(d.Detail))
	return Text{words: strings.TrimRight(words, "."), suggestion: extra.Suggestion, related: extra.Related}
}
