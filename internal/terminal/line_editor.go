package terminal

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"golang.org/x/term"
)

// ErrLineDropped is the error of a line that Ctrl-C has dropped.
var ErrLineDropped = errors.New("the line was dropped")

// LineEditor reads lines from a terminal, with the keys of a shell, a history, and completion by the tab key. A
// LineEditor belongs to one goroutine.
type LineEditor struct {
	terminal *Terminal
	keys     *keyReader
	editor   *term.Terminal
}

// NewLineEditor returns an editor for a terminal. complete returns the candidates for a word.
func NewLineEditor(t *Terminal, complete func(word string) []string) *LineEditor {
	e := &LineEditor{terminal: t, keys: &keyReader{in: t.in}}
	e.editor = term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{e.keys, t.out}, "")
	e.editor.History = &history{}
	e.editor.AutoCompleteCallback = func(line string, position int, key rune) (string, int, bool) {
		if key != '\t' {
			return "", 0, false
		}
		return e.completed(line, position, complete)
	}
	return e
}

// ReadLine reads a line behind a prompt. The terminal is raw only for this time. The error is [ErrLineDropped] after
// Ctrl-C, and io.EOF after Ctrl-D in an empty line.
func (e *LineEditor) ReadLine(prompt string) (string, error) {
	restore, err := e.terminal.MakeRaw()
	if err != nil {
		return "", err
	}
	defer func() { _ = restore() }()
	if rows, columns, err := e.terminal.Size(); err == nil && columns > 0 {
		_ = e.editor.SetSize(int(columns), int(rows))
	}
	e.editor.SetPrompt(prompt)
	line, err := e.editor.ReadLine()
	switch {
	case e.keys.isDropped:
		e.keys.isDropped = false
		return "", ErrLineDropped
	case errors.Is(err, term.ErrPasteIndicator):
		return line, nil
	}
	return line, err
}

// completed completes the word before the cursor as far as all candidates agree, and lists several candidates.
func (e *LineEditor) completed(line string, position int, complete func(string) []string) (string, int, bool) {
	before, after := line[:position], line[position:]
	start := strings.LastIndexFunc(before, func(r rune) bool { return !isWordRune(r) }) + 1
	candidates := complete(before[start:])
	if len(candidates) == 0 {
		return line, position, true
	}
	common := candidates[0]
	for _, candidate := range candidates[1:] {
		for !strings.HasPrefix(candidate, common) {
			common = common[:len(common)-1]
		}
	}
	if common == before[start:] && len(candidates) > 1 {
		_, _ = e.editor.Write([]byte(strings.Join(candidates, "  ") + "\n"))
	}
	return before[:start] + common + after, start + len(common), true
}

func isWordRune(r rune) bool {
	return r == '.' || r == '_' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// keyReader replaces Ctrl-C by keys that end an empty line: to the end, delete all, enter.
type keyReader struct {
	in        io.Reader
	pending   []byte
	isDropped bool
}

const dropKeys = "\x05\x15\r"

func (r *keyReader) Read(p []byte) (int, error) {
	if len(r.pending) == 0 {
		n, err := r.in.Read(p)
		if err != nil {
			return n, err
		}
		r.pending = append(r.pending, p[:n]...)
		if i := bytes.IndexByte(r.pending, ctrlC); i >= 0 {
			r.pending = append([]byte(dropKeys), r.pending[i+1:]...) // what was typed before is dropped too
			r.isDropped = true
		}
	}
	n := copy(p, r.pending)
	r.pending = r.pending[n:]
	return n, nil
}

const ctrlC = 3

// history keeps the lines of a session, without empty lines and repetitions, newest first.
type history struct{ lines []string }

// Add implements [term.History].
func (h *history) Add(line string) {
	if strings.TrimSpace(line) != "" && (len(h.lines) == 0 || h.lines[0] != line) {
		h.lines = append([]string{line}, h.lines...)
	}
}

// Len implements [term.History].
func (h *history) Len() int { return len(h.lines) }

// At implements [term.History].
func (h *history) At(i int) string { return h.lines[i] }
