package view

import (
	"bytes"
	"sync"
)

// maxTailLines is how many lines of a command's output are shown once more where it failed and others wrote after it.
const maxTailLines = 20

// maxTailLineLength cuts a line that is shown once more.
const maxTailLineLength = 1000

// heard keeps the last lines of what each task wrote among others. The zero value has heard nothing.
type outputTails struct {
	mu     sync.Mutex
	byTask map[string]*outputTail
	// lineCount counts the lines of all.
	lineCount int
}

// outputTail are those of one task.
type outputTail struct {
	tails *outputTails
	// name is what the task is called before its lines.
	name  string
	lines []tailLine
}

// tailLine is a line, and how many had been shown with it.
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

// add hears text that has been shown. What does not end a line counts as one.
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

// unseenTail gives the last lines of a task, each behind its name, where they are not the last that was shown anyway.
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
		text.Write(line.text)
		text.WriteByte('\n')
	}
	return text.String()
}

// reset makes room for another run.
func (h *outputTails) reset() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.byTask, h.lineCount = nil, 0
}
