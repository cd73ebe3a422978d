package view

import "strings"

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
	textWidth := 0
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
