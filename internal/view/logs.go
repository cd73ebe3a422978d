package view

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"tasks/hclspec"
	"tasks/internal/plaintext"
)

// Log is the log of one container. Each line starts with a time (RFC 3339, nine digits, UTC) and a space. Read writes
// the whole log and returns at the end.
type Log struct {
	Name string
	// Secrets are masked in all lines.
	Secrets hclspec.Secrets
	Read    func(ctx context.Context, stdout, stderr io.Writer) error
}

// LogWriter writes the lines of logs, each after the name of the container. As with docker logs, the lines keep their
// control characters.
type LogWriter struct {
	Stdout, Stderr io.Writer
	// Timestamps shows the time of each line. Color paints the names, each in a colour of its own.
	Timestamps, Color bool
	// width is the width of the names, colors their colours.
	width  int
	colors map[string]string
}

// WriteLogs merges finite logs in the order of time. A failed log ends no other log.
func (w LogWriter) WriteLogs(ctx context.Context, logs []Log) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	readers := make([]*logReader, len(logs))
	for i, log := range logs {
		readers[i] = readLog(ctx, log)
	}
	w.width, w.colors = nameWidth(logs), map[string]string{}
	heads := make([]*logLine, len(logs))
	for i, r := range readers {
		heads[i] = r.next()
	}
	for {
		first := -1
		for i, head := range heads {
			if head != nil && (first < 0 || head.timestamp < heads[first].timestamp) {
				first = i
			}
		}
		if first < 0 {
			break
		}
		if err := w.write(logs[first].Name, heads[first]); err != nil {
			return err
		}
		heads[first] = readers[first].next()
	}
	var errs []error
	for _, r := range readers {
		errs = append(errs, r.err)
	}
	return errors.Join(errs...)
}

// FollowLogs writes growing logs, each line on arrival. follow passes the logs to its argument, and returns after the
// last one. FollowLogs returns after the end of all logs. A failed write ends everything.
func (w LogWriter) FollowLogs(ctx context.Context, logs []Log, follow func(context.Context, func(Log)) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w.width, w.colors = nameWidth(logs), map[string]string{}
	var all sync.WaitGroup
	var mu sync.Mutex
	var errs []error
	fail := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		errs = append(errs, err)
	}
	err := follow(ctx, func(log Log) {
		all.Go(func() {
			r := readLog(ctx, log)
			for line := r.next(); line != nil; line = r.next() {
				mu.Lock()
				err := w.write(log.Name, line)
				mu.Unlock()
				if err != nil {
					fail(err)
					cancel()
					return
				}
			}
			if ctx.Err() == nil {
				fail(r.err)
			}
		})
	})
	if err != nil {
		cancel()
	}
	all.Wait()
	return errors.Join(append(errs, err)...)
}

func nameWidth(logs []Log) int {
	width := 0
	for _, l := range logs {
		width = max(width, columns(plaintext.Escape(l.Name)))
	}
	return width
}

// logLine is a line with the end of line.
type logLine struct {
	timestamp, text string
	stderr          bool
}

// write writes a line to the stream of its origin.
func (w LogWriter) write(name string, l *logLine) error {
	to := w.Stdout
	if l.stderr {
		to = w.Stderr
	}
	timestamp := ""
	if w.Timestamps {
		timestamp = l.timestamp + " "
	}
	prefix := padTo(plaintext.Escape(name), w.width) + "  |"
	if w.Color {
		prefix = paintText(true, w.colorOf(name), prefix)
	}
	_, err := fmt.Fprintf(to, "%s %s%s", prefix, timestamp, l.text)
	return err
}

// colorOf is the colour of a name, in the order of appearance. Concurrent calls are not safe.
func (w LogWriter) colorOf(name string) string {
	colors := []string{"36", "33", "32", "35", "34", "96", "93", "92", "95", "94"}
	if _, known := w.colors[name]; !known {
		w.colors[name] = colors[len(w.colors)%len(colors)]
	}
	return w.colors[name]
}

// logReader returns lines in order. err is set after next has returned nil.
type logReader struct {
	lines chan logLine
	err   error
}

func readLog(ctx context.Context, log Log) *logReader {
	r := &logReader{lines: make(chan logLine)}
	go func() {
		defer close(r.lines)
		out, err := newLogSplitter(ctx, r.lines, false, log.Secrets), newLogSplitter(ctx, r.lines, true, log.Secrets)
		r.err = log.Read(ctx, out, err)
		out.flush()
		err.flush()
	}()
	return r
}

func (r *logReader) next() *logLine {
	line, isOpen := <-r.lines
	if !isOpen {
		return nil
	}
	return &line
}

// logSplitter splits written text into lines. A long line without an end is sent in parts, each with the time of the
// first part.
type logSplitter struct {
	ctx     context.Context
	lines   chan<- logLine
	stderr  bool
	partial []byte
	// timestamp is the time of a cut line; empty: none.
	timestamp string
	// maskedText holds the masked part of a line; flushMasked adds the rest.
	maskedText  bytes.Buffer
	masked      io.Writer
	flushMasked func() error
}

func newLogSplitter(ctx context.Context, to chan<- logLine, stderr bool, secrets hclspec.Secrets) *logSplitter {
	s := &logSplitter{ctx: ctx, lines: to, stderr: stderr}
	s.masked, s.flushMasked = newMaskWriter(&s.maskedText, secrets)
	return s
}

func (s *logSplitter) Write(p []byte) (int, error) {
	for line := range bytes.Lines(p) {
		s.partial = append(s.partial, line...)
		if isComplete := line[len(line)-1] == '\n'; !isComplete && len(s.partial) <= maxOpenLine {
			break
		} else if err := s.send(isComplete); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// flush sends a last line without an end.
func (s *logSplitter) flush() {
	if len(s.partial) > 0 {
		s.partial = append(s.partial, '\n')
		_ = s.send(true) // a reader learns the end from the context
	}
}

// send sends a complete line, or a part of a cut line.
func (s *logSplitter) send(isComplete bool) error {
	line := logLine{timestamp: s.timestamp, stderr: s.stderr}
	part := len(s.partial)
	if !isComplete {
		part = completeRunes(s.partial)
	}
	line.text = string(s.partial[:part])
	s.partial = append(s.partial[:0], s.partial[part:]...)
	if line.timestamp == "" {
		line.timestamp, line.text, _ = strings.Cut(line.text, " ")
	}
	_, _ = io.WriteString(s.masked, line.text) // to a buffer
	s.timestamp = ""
	if isComplete {
		_ = s.flushMasked() // to a buffer
	} else {
		s.timestamp = line.timestamp
	}
	line.text = s.maskedText.String()
	s.maskedText.Reset()
	if !isComplete {
		line.text += "\n"
	}
	select {
	case s.lines <- line:
		return nil
	case <-s.ctx.Done():
		return context.Cause(s.ctx)
	}
}
