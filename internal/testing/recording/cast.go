// Package recording keeps sessions at a terminal: as casts of asciinema, and as moving pictures for a page.
package recording

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"tasks/internal/testing/screen"
)

// Event is output at a time since the start of the session.
type Event struct {
	At   time.Duration
	Text string
}

// Cast is a recorded session.
type Cast struct {
	Rows, Columns int
	Title         string
	Events        []Event
}

// header is the first line of a file in version 2 of asciinema's format.
type header struct {
	Version int    `json:"version"`
	Width   int    `json:"width"`
	Height  int    `json:"height"`
	Title   string `json:"title"`
}

// Bytes returns the file: a header, and a line for each event with the seconds, "o" for output, and the text.
func (c Cast) Bytes() ([]byte, error) {
	var out bytes.Buffer
	lines := json.NewEncoder(&out)
	lines.SetEscapeHTML(false)
	if err := lines.Encode(header{Version: 2, Width: c.Columns, Height: c.Rows, Title: c.Title}); err != nil {
		return nil, err
	}
	for _, e := range c.Events {
		seconds := json.Number(fmt.Sprintf("%.3f", e.At.Seconds()))
		if err := lines.Encode([]any{seconds, "o", e.Text}); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

// Parse reads a file.
func Parse(file []byte) (Cast, error) {
	first, rest, _ := bytes.Cut(file, []byte("\n"))
	var h header
	if err := json.Unmarshal(first, &h); err != nil || h.Version != 2 {
		return Cast{}, fmt.Errorf("line 1: no header of version 2: %v", err)
	}
	c := Cast{Rows: h.Height, Columns: h.Width, Title: h.Title}
	for i, line := range strings.Split(strings.TrimSpace(string(rest)), "\n") {
		var seconds float64
		var kind, text string
		fields := []any{&seconds, &kind, &text}
		if err := json.Unmarshal([]byte(line), &fields); err != nil || kind != "o" {
			return Cast{}, fmt.Errorf("line %d: no output: %v", i+2, err)
		}
		c.Events = append(c.Events, Event{At: time.Duration(seconds * float64(time.Second)).Round(time.Millisecond), Text: text})
	}
	return c, nil
}

// Text returns all lines that the terminal has at the end, with the lines that have left the screen.
func (c Cast) Text() string {
	terminal := screen.New(c.Rows, c.Columns)
	for _, e := range c.Events {
		fmt.Fprint(terminal, e.Text)
	}
	return strings.TrimPrefix(terminal.History()+"\n"+terminal.String(), "\n")
}
