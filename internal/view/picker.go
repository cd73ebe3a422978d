package view

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"tasks/hclspec"
	"tasks/internal/plaintext"
)

// picker is a list of tasks that filters while the person types. The arrow keys move the selection.
type picker struct {
	printer *Printer
	choice  TaskChoice
	filter  string
	matches []hclspec.TaskInfo
	// selected is an index of matches, first the index of the first visible match.
	selected, first int
}

func newPicker(p *Printer, choice TaskChoice) *picker {
	return &picker{printer: p, choice: choice, matches: choice.Listed}
}

// The keys of the picker, besides text.
const (
	keyUp        = "\x1b[A"
	keyDown      = "\x1b[B"
	keyEnter     = "\n"
	keyEnd       = "\x04"
	keyBackspace = "\x7f"
	keyClear     = "\x15"
)

// pick shows the list until Enter, and returns the selected task. Ctrl-D ends without a task.
func (p *picker) pick() (string, error) {
	for {
		p.draw()
		switch key := p.readKey(); key {
		case keyEnter, "\r":
			name, ok := p.choice.exact(strings.TrimSpace(p.filter))
			if !ok && p.selected < len(p.matches) {
				name, ok = p.matches[p.selected].Name, true
			}
			if ok {
				p.end(name)
				return name, nil
			}
		case keyEnd, "":
			p.end("")
			return "", ErrNoChoice
		case keyUp, "\x1bOA", "\x10":
			p.selected = max(p.selected-1, 0)
		case keyDown, "\x1bOB", "\x0e":
			p.selected = max(min(p.selected+1, len(p.matches)-1), 0)
		case keyBackspace, "\b":
			_, size := utf8.DecodeLastRuneInString(p.filter)
			p.setFilter(p.filter[:len(p.filter)-size])
		case keyClear:
			p.setFilter("")
		default:
			if key[0] >= ' ' {
				p.setFilter(p.filter + key)
			}
		}
	}
}

// readKey reads a key: a character, or a sequence behind an escape. The text is empty at the end of the input.
func (p *picker) readKey() string {
	key := p.readByte()
	if key == "\x1b" {
		key += p.readByte()
		if key == "\x1b[" || key == "\x1bO" {
			for end := p.readByte(); ; end = p.readByte() {
				key += end
				if end == "" || end[0] >= '@' {
					return key
				}
			}
		}
		return key
	}
	for !utf8.FullRuneInString(key) {
		part := p.readByte()
		if part == "" {
			break
		}
		key += part
	}
	return key
}

func (p *picker) readByte() string {
	char := make([]byte, 1)
	if n, _ := p.printer.stdin.Read(char); n == 0 {
		return ""
	}
	return string(char)
}

// setFilter sets the filter and selects the best match.
func (p *picker) setFilter(text string) {
	p.filter, p.selected, p.first = text, 0, 0
	words := strings.Fields(text)
	p.matches = MatchingTasks(p.choice.Listed, words)
	if name, ok := p.choice.exact(strings.TrimSpace(text)); ok && len(p.matches) == 0 {
		p.matches = slices.DeleteFunc(slices.Clone(p.choice.All), func(t hclspec.TaskInfo) bool { return t.Name != name })
	}
	if len(words) > 0 { // a name that begins with the text comes first
		slices.SortStableFunc(p.matches, func(a, b hclspec.TaskInfo) int { return rank(b, words[0]) - rank(a, words[0]) })
	}
}

// rank is the likeness of a task to a text: 2 for a name that begins with the text, 1 for a name that has the text.
func rank(t hclspec.TaskInfo, text string) int {
	switch {
	case hasPrefix(t, text):
		return 2
	case strings.Contains(t.Name, text):
		return 1
	}
	return 0
}

// The most lines of tasks in the picker, and the least lines for the preview.
const (
	pickerLines  = 10
	previewLines = 6
)

// draw writes the question, the matches and the preview below, and leaves the cursor behind the filter.
func (p *picker) draw() {
	width, height := pickerSize(p.printer)
	question := "Which task? " + plaintext.Escape(p.filter)
	visible := max(min(pickerLines, height-previewLines-3), 1)
	p.first = min(max(p.first, p.selected-visible+1), p.selected)
	last := min(p.first+visible, len(p.matches))
	counts := fmt.Sprintf("%d of %d tasks", len(p.matches), len(p.choice.Listed))
	lines := []string{counts + "; type to filter, Enter chooses, Ctrl-C ends"}
	column := 0
	for _, t := range p.matches[p.first:last] {
		column = max(column, columns(p.label(t))+2)
	}
	for i, t := range p.matches[p.first:last] {
		mark := "  "
		if p.first+i == p.selected {
			mark = "> "
		}
		label := p.label(t)
		lines = append(lines, mark+label+strings.Repeat(" ", column-columns(label))+descriptionText(t))
	}
	if p.selected < len(p.matches) && height > 2*previewLines {
		preview := strings.Split(strings.TrimRight(p.choice.Preview(p.matches[p.selected].Name), "\n"), "\n")
		room := max(previewLines, height-len(lines)-3)
		lines = append(append(lines, ""), preview[:min(len(preview), room)]...)
	}
	var text strings.Builder
	text.WriteString("\r\x1b[J" + question)
	for _, line := range lines {
		text.WriteString("\n" + cutTo(plaintext.Escape(line), max(width-1, minTextColumns)))
	}
	fmt.Fprintf(&text, "\x1b[%dA\r\x1b[%dC", len(lines), columns(question))
	p.print(text.String())
}

// label is the name with the arguments, behind the number in the list.
func (p *picker) label(t hclspec.TaskInfo) string {
	n := slices.IndexFunc(p.choice.Listed, func(other hclspec.TaskInfo) bool { return other.Name == t.Name })
	return strings.TrimSpace(fmt.Sprintf("%d  %s %s", n+1, t.Name, t.ArgsText))
}

// end removes the list and leaves the answer.
func (p *picker) end(name string) { p.print("\r\x1b[JWhich task? " + plaintext.Escape(name) + "\n") }

// print writes a text with keys of the cursor to stderr.
func (p *picker) print(text string) { fmt.Fprint(RawStderr(p.printer), text) }

// pickerSize returns the size of the terminal of stderr, or that of an old terminal.
func pickerSize(p *Printer) (width, height int) {
	rows, columns := terminalSize(p.stderr)
	if rows == 0 || columns == 0 {
		return 80, 24
	}
	return columns, rows
}

// EndList ends the line of a prompt without an answer, and removes all below.
func EndList(p *Printer) {
	if p.HasTerminalStderr() {
		fmt.Fprint(RawStderr(p), "\x1b[J")
	}
	p.EndPrompt()
}
