package view

import (
	"bytes"
	"sync"
)

// lastShown is how many lines of a command's output are shown once more where it failed and others wrote after it.
const lastShown = 20

// longestShown cuts a line that is shown once more.
const longestShown = 1000

// heard keeps the last lines of what each task wrote among others. The zero value has heard nothing.
type heard struct {
	mu    sync.Mutex
	tasks map[string]*lastLines
	// shown counts the lines of all.
	shown int
}

// lastLines are those of one task.
type lastLines struct {
	all *heard
	// name is what the task is called before its lines.
	name  string
	lines []shownLine
}

// shownLine is a line, and how many had been shown with it.
type shownLine struct {
	text []byte
	at   int
}

func (h *heard) of(task, name string) *lastLines {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.tasks == nil {
		h.tasks = map[string]*lastLines{}
	}
	if h.tasks[task] == nil {
		h.tasks[task] = &lastLines{all: h, name: name}
	}
	return h.tasks[task]
}

// add hears text that has been shown. What does not end a line counts as one.
func (l *lastLines) add(text []byte) {
	l.all.mu.Lock()
	defer l.all.mu.Unlock()
	for line := range bytes.Lines(text) {
		l.all.shown++
		line = bytes.TrimRight(line, "\r\n")
		room := shownLine{at: l.all.shown}
		if len(l.lines) == lastShown {
			room.text = l.lines[0].text[:0]
			l.lines = append(l.lines[:0], l.lines[1:]...)
		}
		room.text = append(room.text, line[:min(len(line), longestShown)]...)
		l.lines = append(l.lines, room)
	}
}

// again gives the last lines of a task, each behind its name, where they are not the last that was shown anyway.
func (h *heard) again(task string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	l := h.tasks[task]
	if l == nil || len(l.lines) == 0 || h.shown-l.lines[0].at < len(l.lines) {
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

// forget makes room for another run.
func (h *heard) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tasks, h.shown = nil, 0
}
