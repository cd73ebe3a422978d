package composefile

import (
	"bytes"
	"cmp"
	"slices"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Mistake is a mistake in a compose file.
type Mistake struct {
	// Path is the absolute path of the file.
	Path string
	// Line and Column start at 1. Column is 0 for a whole line, Line is 0 for a whole file.
	Line, Column int
	// Message describes the mistake. Detail has the remedy, or is empty.
	Message, Detail string
	// Suggestion is the nearest valid name, or empty.
	Suggestion string

	// node is the wrong key or value, for [Clean].
	node *yaml.Node
}

// Sort orders mistakes by file and place, and drops repetitions. Files are in the given order.
func Sort(mistakes []Mistake, files []string) []Mistake {
	rank := func(path string) int {
		if i := slices.Index(files, path); i >= 0 {
			return i
		}
		return len(files)
	}
	slices.SortStableFunc(mistakes, func(a, b Mistake) int {
		return cmp.Or(
			cmp.Compare(rank(a.Path), rank(b.Path)), cmp.Compare(a.Path, b.Path),
			cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Message, b.Message),
		)
	})
	return slices.CompactFunc(mistakes, func(a, b Mistake) bool {
		return a.Path == b.Path && a.Line == b.Line && a.Column == b.Column && a.Message == b.Message
	})
}

// Span returns the offsets of the word at a place: a key, a quoted text, or the rest of the line. Without a column the
// span is the whole line.
func Span(content []byte, line, column int) (start, end int) {
	first, last := lineBounds(content, max(line, 1))
	text := content[first:last]
	start = first + len(text) - len(bytes.TrimLeft(text, " \t"))
	if column > 0 {
		start = first
		for range column - 1 {
			_, size := utf8.DecodeRune(content[start:last])
			start += size
		}
	}
	return start, start + wordLength(content[start:last], isFlow(content[first:start]))
}

// LineStart returns the offset of a line.
func LineStart(content []byte, line int) int {
	start, _ := lineBounds(content, line)
	return start
}

// isFlow reports whether the text before a word opens a list or mapping of the flow style.
func isFlow(before []byte) bool { return bytes.ContainsAny(before, "[{") }

// wordLength returns the length of the first word of a line.
func wordLength(text []byte, isFlow bool) int {
	if len(text) > 0 && (text[0] == '"' || text[0] == '\'') {
		if end := bytes.IndexByte(text[1:], text[0]); end >= 0 {
			return end + 2
		}
	}
	length := len(text)
	cut := func(mark string) {
		if i := bytes.Index(text[:length], []byte(mark)); i > 0 {
			length = i
		}
	}
	for _, mark := range []string{" #", ": ", ":\r"} {
		cut(mark)
	}
	if isFlow {
		for _, mark := range []string{",", "]", "}"} {
			cut(mark)
		}
	}
	return len(bytes.TrimSuffix(bytes.TrimRight(text[:length], " \t\r"), []byte(":")))
}
