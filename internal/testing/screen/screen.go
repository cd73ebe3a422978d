// Package screen is a small emulator of a terminal for tests. It knows the control sequences that `tasks` writes and
// those that a terminal itself echoes, keeps the lines that have left the screen, and wraps lines again after a resize,
// as most terminals do.
package screen

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Screen is a terminal. For one goroutine at a time.
type Screen struct {
	rows, columns int
	// lines are all lines, the last rows of which are visible.
	lines []line
	// row counts from the first of all lines.
	row, column int
	// isFull reports whether the last column was written: the next character goes to the next line.
	isFull bool
	// style has the parameters of the colour sequences since the last reset.
	style string
	// pending is an incomplete character or control sequence.
	pending []byte
}

// line is a row of cells. isWrapped reports whether the text continues on the next row.
type line struct {
	cells     []cell
	isWrapped bool
}

// cell is a character with its style.
type cell struct{ text, style string }

// Run is text of one style: the parameters of the colour sequences, such as "1;31", or "" for plain text.
type Run struct{ Text, Style string }

// New returns an empty terminal.
func New(rows, columns int) *Screen {
	s := &Screen{rows: rows, columns: columns}
	s.fill()
	return s
}

// fill adds empty lines up to the height.
func (s *Screen) fill() {
	for len(s.lines) < s.rows {
		s.lines = append(s.lines, line{})
	}
}

func (s *Screen) top() int { return len(s.lines) - s.rows }

// Write shows text.
func (s *Screen) Write(text []byte) (int, error) {
	s.pending = append(s.pending, text...)
	for len(s.pending) > 0 {
		n := s.step(s.pending)
		if n == 0 {
			break
		}
		s.pending = s.pending[n:]
	}
	return len(text), nil
}

// step performs the first character or control sequence, and returns the length; 0: incomplete.
func (s *Screen) step(text []byte) int {
	switch text[0] {
	case '\r':
		s.column, s.isFull = 0, false
	case '\n':
		s.lineFeed()
	case '\b':
		s.column, s.isFull = max(s.column-1, 0), false
	case '\a':
	case 0x1b:
		return s.escape(text)
	default:
		if !utf8.FullRune(text) {
			return 0
		}
		r, n := utf8.DecodeRune(text)
		s.put(r)
		return n
	}
	return 1
}

func (s *Screen) lineFeed() {
	s.isFull = false
	if s.row++; s.row == len(s.lines) {
		s.lines = append(s.lines, line{})
	}
}

// put writes a character at the cursor.
func (s *Screen) put(r rune) {
	columns := 1
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		columns = 2
	}
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return // joins the character before
	}
	if s.isFull || s.column+columns > s.columns {
		s.lines[s.row].isWrapped = true
		s.lineFeed()
		s.column = 0
	}
	current := &s.lines[s.row]
	for len(current.cells) < s.column+columns {
		current.cells = append(current.cells, cell{text: " "})
	}
	current.cells[s.column] = cell{text: string(r), style: s.style}
	if columns == 2 {
		current.cells[s.column+1] = cell{}
	}
	if s.column += columns; s.column >= s.columns {
		s.column, s.isFull = s.columns-1, true
	}
}

// escape performs a control sequence, and returns the length; 0: incomplete.
func (s *Screen) escape(text []byte) int {
	if len(text) < 2 {
		return 0
	}
	if text[1] == ']' { // a command for the operating system, up to a bell
		return strings.IndexByte(string(text), '\a') + 1
	}
	if text[1] != '[' {
		return 2
	}
	for i := 2; i < len(text); i++ {
		if text[i] >= '@' && text[i] <= '~' {
			s.control(text[i], string(text[2:i]))
			return i + 1
		}
	}
	return 0
}

// control performs a control sequence with parameters.
func (s *Screen) control(command byte, parameters string) {
	n := 0
	hasNumber, _ := fmt.Sscanf(parameters, "%d", &n)
	count := max(n, 1)
	if command != 'm' {
		s.isFull = false
	}
	switch command {
	case 'A':
		s.row = max(s.row-count, s.top())
	case 'B':
		s.row = min(s.row+count, len(s.lines)-1)
	case 'C':
		s.column = min(s.column+count, s.columns-1)
	case 'D':
		s.column = max(s.column-count, 0)
	case 'H':
		s.row, s.column = s.top(), 0
	case 'K':
		s.clearLine(hasNumber == 1 && n == 2)
	case 'J':
		s.clear(n)
	case 'm':
		s.setStyle(parameters)
	case 'h', 'l':
	default:
		panic(fmt.Sprintf("screen: no way to show ESC[%s%c", parameters, command))
	}
}

// setStyle adds parameters to the style. Zero, or no parameter, resets the style.
func (s *Screen) setStyle(parameters string) {
	switch {
	case parameters == "" || parameters == "0":
		s.style = ""
	case s.style == "":
		s.style = parameters
	default:
		s.style += ";" + parameters
	}
}

// clearLine clears the line from the cursor, or the whole line.
func (s *Screen) clearLine(isWhole bool) {
	current := &s.lines[s.row]
	if isWhole {
		current.cells = nil
	}
	current.cells, current.isWrapped = current.cells[:min(s.column, len(current.cells))], false
}

// clear clears from the cursor (0), the whole screen (2), or the earlier lines (3).
func (s *Screen) clear(what int) {
	switch what {
	case 0:
		s.clearLine(false)
		for i := s.row + 1; i < len(s.lines); i++ {
			s.lines[i] = line{}
		}
	case 2:
		for i := s.top(); i < len(s.lines); i++ {
			s.lines[i] = line{}
		}
	case 3:
		s.row -= s.top()
		s.lines = s.lines[s.top():]
	}
}

// Resize changes the size, as tmux does. A lower terminal loses lines below the cursor first. Wrapped lines get new ends.
// The cursor stays at its character, or goes to the first visible line.
func (s *Screen) Resize(rows, columns int) {
	if lost := min(s.rows-rows, len(s.lines)-1-s.row); lost > 0 {
		s.lines = s.lines[:len(s.lines)-lost]
	}
	var lines []line
	newRow, newColumn := 0, 0
	for i := 0; i <= s.lastUsed(); i++ {
		var text []cell
		cursor := -1
		for ; ; i++ {
			if i == s.row {
				cursor = len(text) + s.column
			}
			text = append(text, s.lines[i].cells...)
			if !s.lines[i].isWrapped {
				break
			}
		}
		first := len(lines)
		for len(text) > columns {
			lines, text = append(lines, line{cells: text[:columns:columns], isWrapped: true}), text[columns:]
		}
		lines = append(lines, line{cells: text})
		if cursor >= 0 {
			newRow, newColumn = first+cursor/columns, cursor%columns
		}
	}
	s.rows, s.columns, s.lines, s.row, s.column, s.isFull = rows, columns, lines, newRow, newColumn, false
	for len(s.lines) <= s.row {
		s.lines = append(s.lines, line{})
	}
	s.fill()
	if s.row < s.top() {
		s.row, s.column = s.top(), 0
	}
}

// lastUsed is the last line with text or the cursor.
func (s *Screen) lastUsed() int {
	last := s.row
	for i, l := range s.lines {
		if len(l.cells) > 0 {
			last = max(last, i)
		}
	}
	return last
}

// String returns the visible text without trailing spaces and empty lines at the end.
func (s *Screen) String() string { return text(s.lines[s.top():]) }

// History returns the text that has left the screen.
func (s *Screen) History() string { return text(s.lines[:s.top()]) }

// Visible returns the visible lines, each as runs of one style.
func (s *Screen) Visible() [][]Run {
	var all [][]Run
	for _, l := range s.lines[s.top():] {
		var runs []Run
		for _, c := range l.cells {
			if last := len(runs) - 1; last >= 0 && runs[last].Style == c.style {
				runs[last].Text += c.text
			} else if c.text != "" {
				runs = append(runs, Run{Text: c.text, Style: c.style})
			}
		}
		all = append(all, runs)
	}
	return all
}

func text(lines []line) string {
	var all []string
	for _, l := range lines {
		var text strings.Builder
		for _, c := range l.cells {
			text.WriteString(c.text)
		}
		all = append(all, strings.TrimRight(text.String(), " "))
	}
	return strings.TrimRight(strings.Join(all, "\n"), "\n")
}
