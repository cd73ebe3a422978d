package view

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"sync"

	"tasks/executor/command"
	"tasks/hclspec"
)

const (
	// groupMemoryLimit is how much of a command's output is held in memory; the rest waits in a file.
	groupMemoryLimit = 4 << 20
	// quietMemoryLimit is how much is kept of a command whose output is shown only where it fails.
	quietMemoryLimit = 64 << 10
)

// bufferTarget says where the output of a task goes in the end.
type bufferTarget struct {
	console *Output
	name    string
	out     *os.File
}

// bufferedStreams gives streams that keep what a command writes: group shows it when the command has ended, quiet leaves that to the
// notice of its failure.
func (c *Output) bufferedStreams(task *hclspec.Task, style hclspec.OutputStyle, g bufferTarget, in io.Reader) command.Streams {
	tail := c.tails.tailOf(task.Name, g.name)
	if style == hclspec.StyleQuiet {
		buffer := &tailBuffer{limit: quietMemoryLimit}
		flush := func() { g.flush(tail, buffer.heading(), buffer.each) }
		return command.Streams{In: in, Out: buffer.writer(false), Err: buffer.writer(true), Close: func() { c.pending.add(task.Name, flush) }}
	}
	buffer := &spillBuffer{limit: groupMemoryLimit}
	buffer.onFull = func() { g.flush(tail, "output", buffer.each) }
	return command.Streams{In: in, Out: buffer.writer(false), Err: buffer.writer(true), Close: buffer.close}
}

// flush writes what was kept, in the order in which it came, each part to the stream that it was for.
func (g bufferTarget) flush(tail *outputTail, heading string, each func(func(toErr bool, text []byte) error) error) {
	c := g.console
	c.outLock.Lock()
	defer c.outLock.Unlock()
	c.errLock.Lock()
	defer c.errLock.Unlock()
	isLineOpen, hasHeading := false, false
	flushErr := each(func(toErr bool, text []byte) error {
		if !hasHeading {
			hasHeading = true
			fmt.Fprintf(c.Err, "task %s  %s:\n", g.name, heading)
		}
		to := g.out
		if toErr {
			to = c.Err
		}
		if to == c.Err {
			isLineOpen = text[len(text)-1] != '\n'
		}
		tail.add(text)
		_, err := to.Write(text)
		return err
	})
	if isLineOpen {
		fmt.Fprintln(c.Err)
	}
	if flushErr != nil {
		fmt.Fprintf(c.Err, "task %s  warning: its output cannot be shown: %s\n", g.name, flushErr)
	}
}

// half is one of the two streams of what is kept.
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

// spillBuffer keeps all that comes, beyond its limit in a file. Where no file can be made, it is shown in more pieces than one.
type spillBuffer struct {
	mu    sync.Mutex
	limit int
	// onFull shows what is there and forgets it.
	onFull func()
	text   bytes.Buffer
	file   *os.File
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
		w.onFull()
	}
	return nil
}

// spill moves what is in memory to the file. It is false where that cannot be.
func (w *spillBuffer) spill() bool {
	if w.file == nil {
		file, err := os.CreateTemp("", "tasks-output-")
		if err != nil {
			return false
		}
		w.file = file
	}
	size, err := w.file.Seek(0, io.SeekEnd)
	if err != nil {
		return false
	}
	if _, err := w.file.Write(w.text.Bytes()); err != nil {
		_ = w.file.Truncate(size) // what is in memory is still whole
		return false
	}
	w.text.Reset()
	return true
}

// each goes through what is kept, once.
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

func (w *spillBuffer) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.onFull()
	if w.file != nil {
		_ = w.file.Close()
		_ = os.Remove(w.file.Name())
		w.file = nil
	}
}

// tailBuffer keeps the end of what comes.
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

// truncate drops what came first, up to the end of a line.
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
		if drop == len(first.text) { // one endless line: its end
			drop = len(first.text) - e.limit
			e.size = e.limit
		}
		first.text = bytes.Clone(first.text[drop:])
	}
}

// heading says what is shown.
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

// pendingOutputs is what quiet tasks wrote, until it is known whether they failed. The zero value holds nothing.
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

// take gives what shows the output of a task, and forgets it; nil: there is none.
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
