package record

import (
	"bytes"
	"strings"
	"time"
	"unicode/utf8"

	"tasks/internal/plaintext"
)

// outputRecorder is a recorder with the output of commands.
type outputRecorder interface {
	// hasOutput reports whether the recorder wants the output.
	hasOutput() bool
	output(at time.Time, task string, toErr bool, text []byte)
}

// Tap returns the listener for the masked output of commands; nil: no recording has output.
func (r *Recording) Tap() func(task string, toErr bool, text []byte) {
	var all []outputRecorder
	for _, k := range r.recorders {
		if o, ok := k.(outputRecorder); ok && o.hasOutput() {
			all = append(all, o)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return func(task string, toErr bool, text []byte) {
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, k := range all {
			k.output(r.now(), task, toErr, text)
		}
	}
}

const (
	// maxOutput is the kept output of a command, in bytes, from the end.
	maxOutput = 64 << 10
	// maxFailureLines is the number of last lines in the text of a failure.
	maxFailureLines = 20
	// maxLine is the length of a line at which the line is cut.
	maxLine = 64 << 10
)

// outputTail keeps the end of an output.
type outputTail struct{ text []byte }

func (o *outputTail) add(text []byte) {
	o.text = append(o.text, text...)
	if len(o.text) > 2*maxOutput {
		o.text = append(o.text[:0], o.text[len(o.text)-maxOutput:]...)
	}
}

// String returns whole lines as plain text.
func (o *outputTail) String() string {
	text := o.text
	if len(text) > maxOutput {
		text = text[len(text)-maxOutput:]
		if end := bytes.IndexByte(text, '\n'); end >= 0 {
			text = text[end+1:]
		}
	}
	return plainText(string(text))
}

// lastLines returns the last lines of a text.
func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// plainText removes the sequences of terminals, and all characters that XML and JSON readers refuse.
func plainText(text string) string {
	text = plaintext.WithoutSequences(strings.ToValidUTF8(text, string(utf8.RuneError)))
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\n' || c == '\t':
			return c
		case c < 0x20, c >= 0x7f && c < 0xa0, c == 0xfffe, c == 0xffff:
			return -1
		}
		return c
	}, text)
}

// lineSplitter splits an output into lines.
type lineSplitter struct{ open []byte }

func (s *lineSplitter) push(text []byte, line func(string)) {
	for part := range bytes.Lines(text) {
		s.open = append(s.open, part...)
		if part[len(part)-1] == '\n' || len(s.open) > maxLine {
			s.flush(line)
		}
	}
}

func (s *lineSplitter) flush(line func(string)) {
	if len(s.open) > 0 {
		line(strings.TrimSuffix(plainText(string(s.open)), "\n"))
	}
	s.open = s.open[:0]
}
