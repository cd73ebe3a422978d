package view

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// picture is a block of lines at the bottom of a terminal, below all other text. The cursor stays at the beginning of
// the first line. So [picture.erase] needs no height: after a resize the terminal may show the lines on other rows.
// For one goroutine at a time.
type picture struct {
	out io.Writer
	// size returns the rows and columns of the terminal; 0: unknown.
	size func() (rows, columns int)
	// isShown reports whether the terminal shows lines.
	isShown bool
	// isCursorUnknown reports whether a command has written to the terminal directly. The cursor may then be anywhere
	// in a line.
	isCursorUnknown bool
	drawnAt         time.Time
}

// hide removes the lines.
func (p *picture) hide() {
	if p.isShown {
		io.WriteString(p.out, "\r\x1b[J")
		p.isShown = false
	}
}

// erase removes the lines, to make room for other text. The text begins in the first column.
func (p *picture) erase() {
	if _, columns := p.size(); p.isCursorUnknown && columns > 0 {
		// In the first column the spaces fill the line, and the cursor stays there. In any other column the spaces
		// continue on the next line.
		io.WriteString(p.out, strings.Repeat(" ", columns)+"\r\x1b[K")
	}
	p.isCursorUnknown = false
	p.hide()
}

// draw shows lines in place of the earlier lines. Each line fits the width.
func (p *picture) draw(lines []string) {
	if len(lines) == 0 {
		p.hide()
		return
	}
	if p.isCursorUnknown {
		p.erase()
	}
	frame := "\r" + strings.Join(lines, "\x1b[K\r\n") + "\x1b[J"
	if up := len(lines) - 1; up > 0 {
		frame += fmt.Sprintf("\x1b[%dA", up)
	}
	io.WriteString(p.out, frame+"\r")
	p.isShown = true
}
