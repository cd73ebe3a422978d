package view

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"time"

	"tasks/executor/command"
	"tasks/hclspec"
	"tasks/internal/plaintext"
	"tasks/internal/view/annotations"
)

const (
	// groupMemoryLimit is how much of a command's output is held in memory; the rest waits in a file.
	groupMemoryLimit = 4 << 20
	// quietMemoryLimit is the kept size of a command's output for the report of a failure.
	quietMemoryLimit = 64 << 10
)

// bufferTarget is the destination of a task's buffered output.
type bufferTarget struct {
	output *Output
	name   string
	// out and err are the destinations of the task, both stderr for a dependency.
	out, err  destination
	startedAt time.Time
	// isFolded reports whether a CI server folds the output. The output of a failed quiet task stays visible.
	isFolded bool
}

// bufferedStreams returns streams into a buffer. Style group prints the buffer at the end of the command, style quiet
// only before the notice of a failure.
func (c *Output) bufferedStreams(
	task *hclspec.Task, style hclspec.OutputStyle, g bufferTarget, in io.Reader,
) command.Streams {
	tail := c.tails.tailOf(task.Name, g.name)
	if style == hclspec.StyleQuiet {
		buffer := &tailBuffer{limit: quietMemoryLimit}
		flush := func() { g.reportUnwritten(g.flush(tail, buffer.heading(), buffer.each)) }
		keep := func() error { c.pending.add(task.Name, flush); return nil }
		return command.Streams{In: in, Out: buffer.writer(false), Err: buffer.writer(true), Close: keep}
	}
	g.isFolded = serverOf(c.Printer).HasFolds()
	buffer := &spillBuffer{limit: groupMemoryLimit}
	buffer.onFull = func() error { return g.flush(tail, "output", buffer.each) }
	return command.Streams{In: in, Out: buffer.writer(false), Err: buffer.writer(true), Close: buffer.close}
}

// flush writes the chunks in the order of arrival, each to the original stream. A stream that fails gets no more; the
// other stream gets all its chunks. flush returns the first failure.
func (g bufferTarget) flush(
	tail *outputTail, heading string, each func(func(toErr bool, text []byte) error) error,
) (err error) {
	c := g.output
	c.outLock.Lock()
	defer c.outLock.Unlock()
	c.errLock.Lock()
	defer c.errLock.Unlock()
	terminal := c.Err
	if c.isTerminal(g.out.file) {
		terminal = g.out.file
	}
	c.writeTo(terminal, func() { err = g.write(tail, heading, each) })
	return err
}

// write writes the chunks, and ends an open line on a terminal.
func (g bufferTarget) write(
	tail *outputTail, heading string, each func(func(toErr bool, text []byte) error) error,
) error {
	c := g.output
	isLineOpen, isAnyLineOpen, hasHeading := false, false, false
	var fold annotations.Fold
	failed := map[destination]error{}
	readErr := each(func(toErr bool, text []byte) error {
		if !hasHeading {
			hasHeading = true
			fmt.Fprint(g.err.w, g.headingLine(heading, &fold))
		}
		to := g.out
		if toErr {
			to = g.err
		}
		if to == g.err || c.isTerminal(to.file) {
			isLineOpen = text[len(text)-1] != '\n'
		}
		isAnyLineOpen = text[len(text)-1] != '\n'
		tail.add(text)
		if failed[to] == nil {
			_, failed[to] = to.w.Write(text)
		}
		return nil
	})
	if isLineOpen || isAnyLineOpen && fold.ID > 0 {
		fmt.Fprintln(g.err.w)
	}
	if fold.ID > 0 {
		fold.EndedAt = c.now()
		fmt.Fprint(g.err.w, serverOf(c.Printer).End(fold))
	}
	return cmp.Or(failed[g.out], failed[g.err], readErr)
}

// headingLine returns the line before the output: a title, or the beginning of a fold.
func (g bufferTarget) headingLine(heading string, fold *annotations.Fold) string {
	c, title := g.output, fmt.Sprintf("task %s  %s", g.name, heading)
	server := serverOf(c.Printer)
	if !g.isFolded {
		return server.Disarm(title + ":\n")
	}
	c.foldCount++
	*fold = annotations.Fold{ID: c.foldCount, Name: g.name, Title: title, StartedAt: g.startedAt}
	return server.Begin(*fold)
}

// reportUnwritten reports output that could not be written after the end of its task. The exit code tells the failure.
func (g bufferTarget) reportUnwritten(err error) {
	if err == nil {
		return
	}
	if printer := g.output.Printer; printer != nil {
		printer.recordOutputError(err)
	}
	if !errors.Is(err, syscall.EPIPE) && !errors.Is(err, command.ErrOutputAbandoned) {
		fmt.Fprintf(g.err.w, "task %s  warning: its output cannot be written: %s\n", g.name, plaintext.Escape(err.Error()))
	}
}

// bufferWriter is stdout or stderr of a buffer.
type bufferWriter struct {
	add   func(toErr bool, text []byte) error
	toErr bool
}

func (h bufferWriter) Write(text []byte) (int, error) {
	if len(text) == 0 {
		return 0, nil
	}
	return len(text), h.add(h.toErr, text)
}

// spillBuffer keeps all output, beyond the limit in a file. If no file can be made, the output appears in several
// pieces.
type spillBuffer struct {
	mu    sync.Mutex
	limit int
	// onFull prints the content and empties the buffer. The error is that of a failed write.
	onFull func() error
	text   bytes.Buffer
	// file has no name, so that the file ends with the process. Windows removes no open file; there isUnlinked is false.
	file       *os.File
	isUnlinked bool
}

func (w *spillBuffer) writer(toErr bool) io.Writer { return bufferWriter{w.add, toErr} }

func (w *spillBuffer) add(toErr bool, text []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	head := make([]byte, 5)
	if toErr {
		head[0] = 1
	}
	binary.BigEndian.PutUint32(head[1:], uint32(len(text)))
	w.text.Write(head)
	w.text.Write(text)
	if w.text.Len() > w.limit && !w.spill() {
		return w.onFull()
	}
	return nil
}

// spill moves the content from memory to the file, and reports whether the file took all.
func (w *spillBuffer) spill() bool {
	if w.file == nil {
		file, err := os.CreateTemp("", "tasks-output-")
		if err != nil {
			return false
		}
		w.file = file
		w.isUnlinked = os.Remove(file.Name()) == nil
	}
	size, err := w.file.Seek(0, io.SeekEnd)
	if err != nil {
		return false
	}
	if _, err := w.file.Write(w.text.Bytes()); err != nil {
		_ = w.file.Truncate(size) // the memory still has everything
		return false
	}
	w.text.Reset()
	return true
}

// each passes the chunks to do, once, in order.
func (w *spillBuffer) each(do func(toErr bool, text []byte) error) error {
	if w.file != nil {
		if _, err := w.file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if err := eachRecord(w.file, do); err != nil {
			return err
		}
		if err := w.file.Truncate(0); err != nil {
			return err
		}
	}
	err := eachRecord(&w.text, do)
	w.text.Reset()
	return err
}

func eachRecord(from io.Reader, do func(toErr bool, text []byte) error) error {
	head := make([]byte, 5)
	for {
		if _, err := io.ReadFull(from, head); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		text := make([]byte, binary.BigEndian.Uint32(head[1:]))
		if _, err := io.ReadFull(from, text); err != nil {
			return err
		}
		if err := do(head[0] == 1, text); err != nil {
			return err
		}
	}
}

func (w *spillBuffer) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	err := w.onFull()
	if w.file != nil {
		_ = w.file.Close()
		if !w.isUnlinked {
			_ = os.Remove(w.file.Name())
		}
		w.file = nil
	}
	return err
}

// tailBuffer keeps the end of a command's output.
type tailBuffer struct {
	mu          sync.Mutex
	limit       int
	chunks      []chunk
	size        int
	isTruncated bool
}

type chunk struct {
	toErr bool
	text  []byte
}

func (e *tailBuffer) writer(toErr bool) io.Writer { return bufferWriter{e.add, toErr} }

func (e *tailBuffer) add(toErr bool, text []byte) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if n := len(e.chunks); n > 0 && e.chunks[n-1].toErr == toErr {
		e.chunks[n-1].text = append(e.chunks[n-1].text, text...)
	} else {
		e.chunks = append(e.chunks, chunk{toErr, bytes.Clone(text)})
	}
	e.size += len(text)
	if e.size > 2*e.limit {
		e.truncate()
	}
	return nil
}

// truncate drops the oldest output, up to the end of a line.
func (e *tailBuffer) truncate() {
	for e.size > e.limit {
		e.isTruncated = true
		first := &e.chunks[0]
		drop := min(e.size-e.limit, len(first.text))
		if end := bytes.IndexByte(first.text[drop:], '\n'); end >= 0 && drop < len(first.text) {
			drop += end + 1
		} else {
			drop = len(first.text)
		}
		e.size -= drop
		if drop == len(first.text) && len(e.chunks) > 1 {
			e.chunks = e.chunks[1:]
			continue
		}
		if drop == len(first.text) { // a single endless line: keep the end
			drop = len(first.text) - e.limit
			e.size = e.limit
		}
		first.text = bytes.Clone(first.text[drop:])
	}
}

// heading returns the title above the output.
func (e *tailBuffer) heading() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.size > e.limit {
		e.truncate()
	}
	if e.isTruncated {
		return "end of its output"
	}
	return "output"
}

func (e *tailBuffer) each(do func(toErr bool, text []byte) error) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, p := range e.chunks {
		if len(p.text) == 0 {
			continue
		}
		if err := do(p.toErr, p.text); err != nil {
			return err
		}
	}
	return nil
}

// pendingOutputs holds the output of quiet tasks until the result of the task is known. The zero value holds nothing.
type pendingOutputs struct {
	mu          sync.Mutex
	flushByTask map[string]func()
}

func (h *pendingOutputs) add(task string, flush func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.flushByTask == nil {
		h.flushByTask = map[string]func(){}
	}
	h.flushByTask[task] = flush
}

// remove forgets the output of a task, and returns a function to print the output; nil without output.
func (h *pendingOutputs) remove(task string) func() {
	h.mu.Lock()
	defer h.mu.Unlock()
	flush := h.flushByTask[task]
	delete(h.flushByTask, task)
	return flush
}

// reset makes room for another run.
func (h *pendingOutputs) reset() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.flushByTask = nil
}
