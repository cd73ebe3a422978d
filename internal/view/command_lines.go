package view

import (
	"fmt"
	"slices"
	"strings"

	"tasks/hclspec"
	"tasks/internal/plaintext"
)

// maxCommandLines is the number of shown lines of a script.
const maxCommandLines = 10

// commandLines renders the command of a task as a shell would echo the command: "+ npm test". A script has its own
// lines. mask comes before quotes and cuts, which would hide a secret. No lines: the container decides.
func commandLines(task *hclspec.Task, mask func(string) string) []string {
	words := slices.Concat(task.Entrypoint, task.Command)
	for i := range words {
		words[i] = mask(words[i])
	}
	if len(words) == 0 {
		return nil
	}
	text, arguments := scriptOf(words, mask(task.Name))
	if text == "" {
		text = hclspec.QuoteWords(words)
	}
	lines := strings.Split(strings.Trim(text, "\n"), "\n")
	indent := commonIndent(lines)
	if more := len(lines) - maxCommandLines; more > 0 {
		lines = append(lines[:maxCommandLines:maxCommandLines], fmt.Sprintf("%s… and %d more lines", indent, more))
	}
	for i, line := range lines {
		lines[i] = "+ " + plaintext.Escape(strings.ReplaceAll(strings.TrimPrefix(line, indent), "\t", "  "))
	}
	if len(arguments) > 0 {
		lines[0] += "  (arguments: " + plaintext.Escape(hclspec.QuoteWords(arguments)) + ")"
	}
	return lines
}

// scriptOf splits the words of a script: shell, option -c, text, name of the task, arguments. Other words have no text.
func scriptOf(words []string, task string) (text string, arguments []string) {
	i := slices.Index(words, task)
	if i < 2 || !strings.HasPrefix(words[i-2], "-") || !strings.HasSuffix(words[i-2], "c") {
		return "", nil
	}
	return words[i-1], words[i+1:]
}

// commonIndent is the white space before all lines with text.
func commonIndent(lines []string) string {
	indent, isFirst := "", true
	for _, line := range lines {
		text := strings.TrimLeft(line, " \t")
		if text == "" {
			continue
		}
		space := line[:len(line)-len(text)]
		if isFirst {
			indent, isFirst = space, false
		}
		for !strings.HasPrefix(space, indent) {
			indent = indent[:len(indent)-1]
		}
	}
	return indent
}
