package view

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
)

// Log is the log of one container, with a time before each line (RFC 3339, nine digits, UTC) and a space. Read writes it,
// and returns at its end.
type Log struct {
	Name string
	Read func(ctx context.Context, stdout, stderr io.Writer) error
}

// WriteLogs writes logs that have an end as one, in the order of their times, each line behind the name of its container.
func WriteLogs(ctx context.Context, logs []Log, stdout, stderr io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	readers := make([]*logReader, len(logs))
	for i, log := range logs {
		readers[i] = readLog(ctx, log)
	}
	width, heads := nameWidth(logs), make([]*logLine, len(logs))
	for i, r := range readers {
		heads[i] = r.next()
	}
	for {
		first := -1
		for i, head := range heads {
			if head != nil && (first < 0 || head.at < heads[first].at) {
				first = i
			}
		}
		if first < 0 {
			break
		}
		if err := heads[first].write(logs[first].Name, width, stdout, stderr); err != nil {
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

// FollowLogs writes logs while they grow, each line as it comes, and returns when all have ended.
func FollowLogs(ctx context.Context, logs []Log, stdout, stderr io.Writer) error {
	var all sync.WaitGroup
	var mu sync.Mutex
	width, errs := nameWidth(logs), make([]error, len(logs))
	for i, log := range logs {
		all.Go(func() {
			r := readLog(ctx, log)
			for line := r.next(); line != nil; line = r.next() {
				mu.Lock()
				err := line.write(log.Name, width, stdout, stderr)
				mu.Unlock()
				if err != nil {
					errs[i] = err
					return
				}
			}
			errs[i] = r.err
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

func nameWidth(logs []Log) int {
	width := 0
	for _, l := range logs {
		width = max(width, len(l.Name))
	}
	return width
}

// logLine is one line, with its end.
type logLine struct {
	at, text string
	stderr   bool
}

func (l *logLine) write(name string, width int, stdout, stderr io.Writer) error {
	to := stdout
	if l.stderr {
		to = stderr
	}
	_, err := fmt.Fprintf(to, "%-*s  | %s", width, name, l.text)
	return err
}

// logReader hands out one line after the other. err is set once next has returned nil.
type logReader struct {
	lines chan logLine
	err   error
}

func readLog(ctx context.Context, log Log) *logReader {
	r := &logReader{lines: make(chan logLine)}
	go func() {
		defer close(r.lines)
		out, err := &logSplitter{ctx: ctx, to: r.lines}, &logSplitter{ctx: ctx, to: r.lines, stderr: true}
		r.err = log.Read(ctx, out, err)
		out.rest()
		err.rest()
	}()
	return r
}

func (r *logReader) next() *logLine {
	line, more := <-r.lines
	if !more {
		return nil
	}
	return &line
}

// logSplitter makes lines of what is written to it.
type logSplitter struct {
	ctx    context.Context
	to     chan<- logLine
	stderr bool
	open   []byte
}

func (s *logSplitter) Write(p []byte) (int, error) {
	s.open = append(s.open, p...)
	for {
		end := bytes.IndexByte(s.open, '\n') + 1
		if end == 0 {
			return len(p), nil
		}
		if err := s.send(string(s.open[:end])); err != nil {
			return 0, err
		}
		s.open = s.open[end:]
	}
}

// rest sends a last line that has no end.
func (s *logSplitter) rest() {
	if len(s.open) > 0 {
		_ = s.send(string(s.open) + "\n") // whoever listened is told by the context
	}
}

func (s *logSplitter) send(text string) error {
	at, text, _ := strings.Cut(text, " ")
	select {
	case s.to <- logLine{at: at, text: text, stderr: s.stderr}:
		return nil
	case <-s.ctx.Done():
		return context.Cause(s.ctx)
	}
}
