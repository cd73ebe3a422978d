package view

import (
	"bytes"
	"sync"

	"tasks/internal/plaintext"
)

// maxTailLines is the number of repeated lines of a failed command.
const maxTailLines = 20

// maxTailLineLength limits the length of a repeated line, in bytes.
const maxTailLineLength = 1000

// outputTails keeps the last lines of each task among the lines of other tasks. The zero value is empty.
type outputTails struct {
	mu     sync.Mutex
	byTask map[string]*outputTail
	// lineCount counts the lines of all.
	lineCount int
}

// outputTail holds the last lines of a task.
type outputTail struct {
	tails *outputTails
	// name stands before each line.
	name  string
	lines []tailLine
}

// tailLine is a line with the number in the order of all tasks.
type tailLine struct {
	text   []byte
	number int
}

func (h *outputTails) tailOf(task, name string) *outputTail {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.byTask == nil {
		h.byTask = map[string]*outputTail{}
	}
	if h.byTask[task] == nil {
		h.byTask[task] = &outputTail{tails: h, name: name}
	}
	return h.byTask[task]
}

// add records printed text. An incomplete line counts as a line.
func (l *outputTail) add(text []byte) {
	l.tails.mu.Lock()
	defer l.tails.mu.Unlock()
	for line := range bytes.Lines(text) {
		l.tails.lineCount++
		line = bytes.TrimRight(line, "\r\n")
		entry := tailLine{number: l.tails.lineCount}
		if len(l.lines) == maxTailLines {
			entry.text = l.lines[0].text[:0]
			l.lines = append(l.lines[:0], l.lines[1:]...)
		}
		entry.text = append(entry.text, line[:min(len(line), maxTailLineLength)]...)
		l.lines = append(l.lines, entry)
	}
}

// unseenTail returns the last lines of a task, each after the name, or nothing if these lines are the last output
// anyway.
func (h *outputTails) unseenTail(task string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	l := h.byTask[task]
	if l == nil || len(l.lines) == 0 || h.lineCount-l.lines[0].number < len(l.lines) {
		return ""
	}
	var text bytes.Buffer
	for _, line := range l.lines {
		text.WriteString(l.name + " | ")
		text.WriteString(plaintext.Escape(plaintext.WithoutColors(string(line.text))))
		text.WriteByte('\n')
	}
	return text.String()
}

// lastLines returns the last lines of a task.
func (h *outputTails) lastLines(task string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var text bytes.Buffer
	if l := h.byTask[task]; l != nil {
		for _, line := range l.lines {
			text.Write(line.text)
			text.WriteByte('\n')
		}
	}
	return text.String()
}

// reset makes room for another run.
func (h *outputTails) reset() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.byTask, h.lineCount = nil, 0
}
