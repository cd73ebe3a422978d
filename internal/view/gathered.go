package view

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"sync"

	"tasks/executor"
	"tasks/hclspec"
)

const (
	// groupMemory is how much of a command's output is held in memory; the rest waits in a file.
	groupMemory = 4 << 20
	// quietMemory is how much is kept of a command whose output is shown only where it fails.
	quietMemory = 64 << 10
)

// gathering says where the output of a task goes in the end.
type gathering struct {
	console *Console
	name    string
	out     *os.File
}

// gather gives streams that keep what a command writes: group shows it when the command has ended, quiet leaves that to the
// notice of its failure.
func (c *Console) gather(task *hclspec.Task, style hclspec.OutputStyle, g gathering, in io.Reader) executor.Streams {
	last := c.heard.of(task.Name, g.name)
	if style == hclspec.StyleQuiet {
		kept := &ending{limit: quietMemory}
		show := func() { g.show(last, kept.heading(), kept.each) }
		return executor.Streams{In: in, Out: kept.half(false), Err: kept.half(true), Close: func() { c.held.keep(task.Name, show) }}
	}
	kept := &whole{limit: groupMemory}
	kept.full = func() { g.show(last, "output", kept.each) }
	return executor.Streams{In: in, Out: kept.half(false), Err: kept.half(true), Close: kept.close}
}

// show writes what was kept, in the order in which it came, each part to the stream that it was for.
func (g gathering) show(last *lastLines, heading string, each func(func(toErr bool, text []byte) error) error) {
	c := g.console
	c.outLock.Lock()
	defer c.outLock.Unlock()
	c.errLock.Lock()
	defer c.errLock.Unlock()
	open, headed := false, false
	failed := each(func(toErr bool, text []byte) error {
		if !headed {
			headed = true
			fmt.Fprintf(c.Err, "task %s  %s:\n", g.name, heading)
		}
		to := g.out
		if toErr {
			to = c.Err
		}
		if to == c.Err {
			open = text[len(text)-1] != '\n'
		}
		last.add(text)
		_, err := to.Write(text)
		return err
	})
	if open {
		fmt.Fprintln(c.Err)
	}
	if failed != nil {
		fmt.Fprintf(c.Err, "task %s  warning: its output cannot be shown: %s\n", g.name, failed)
	}
}

// half is one of the two streams of what is kept.
type half struct {
	add   func(toErr bool, text []byte) error
	toErr bool
}

func (h half) Write(text []byte) (int, error) {
	if len(text) == 0 {
		return 0, nil
	}
	return len(text), h.add(h.toErr, text)
}

// whole keeps all that comes, beyond its limit in a file. Where no file can be made, it is shown in more pieces than one.
type whole struct {
	mu    sync.Mutex
	limit int
	// full shows what is there and forgets it.
	full func()
	text bytes.Buffer
	file *os.File
}

func (w *whole) half(toErr bool) io.Writer { return half{w.add, toErr} }

func (w *whole) add(toErr bool, text []byte) error {
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
		w.full()
	}
	return nil
}

// spill moves what is in memory to the file. It is false where that cannot be.
func (w *whole) spill() bool {
	if w.file == nil {
		file, err := os.CreateTemp("", "tasks-output-")
		if err != nil {
			return false
		}
		w.file = file
	}
	before, err := w.file.Seek(0, io.SeekEnd)
	if err != nil {
		return false
	}
	if _, err := w.file.Write(w.text.Bytes()); err != nil {
		_ = w.file.Truncate(before) // what is in memory is still whole
		return false
	}
	w.text.Reset()
	return true
}

// each goes through what is kept, once.
func (w *whole) each(do func(toErr bool, text []byte) error) error {
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

func (w *whole) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.full()
	if w.file != nil {
		_ = w.file.Close()
		_ = os.Remove(w.file.Name())
		w.file = nil
	}
}

// ending keeps the end of what comes.
type ending struct {
	mu     sync.Mutex
	limit  int
	pieces []piece
	size   int
	cut    bool
}

type piece struct {
	toErr bool
	text  []byte
}

func (e *ending) half(toErr bool) io.Writer { return half{e.add, toErr} }

func (e *ending) add(toErr bool, text []byte) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if n := len(e.pieces); n > 0 && e.pieces[n-1].toErr == toErr {
		e.pieces[n-1].text = append(e.pieces[n-1].text, text...)
	} else {
		e.pieces = append(e.pieces, piece{toErr, bytes.Clone(text)})
	}
	e.size += len(text)
	if e.size > 2*e.limit {
		e.shorten()
	}
	return nil
}

// shorten drops what came first, up to the end of a line.
func (e *ending) shorten() {
	for e.size > e.limit {
		e.cut = true
		first := &e.pieces[0]
		drop := min(e.size-e.limit, len(first.text))
		if end := bytes.IndexByte(first.text[drop:], '\n'); end >= 0 && drop < len(first.text) {
			drop += end + 1
		} else {
			drop = len(first.text)
		}
		e.size -= drop
		if drop == len(first.text) && len(e.pieces) > 1 {
			e.pieces = e.pieces[1:]
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
func (e *ending) heading() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.size > e.limit {
		e.shorten()
	}
	if e.cut {
		return "end of its output"
	}
	return "output"
}

func (e *ending) each(do func(toErr bool, text []byte) error) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, p := range e.pieces {
		if len(p.text) == 0 {
			continue
		}
		if err := do(p.toErr, p.text); err != nil {
			return err
		}
	}
	return nil
}

// held is what quiet tasks wrote, until it is known whether they failed. The zero value holds nothing.
type held struct {
	mu    sync.Mutex
	tasks map[string]func()
}

func (h *held) keep(task string, show func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.tasks == nil {
		h.tasks = map[string]func(){}
	}
	h.tasks[task] = show
}

// take gives what shows the output of a task, and forgets it; nil: there is none.
func (h *held) take(task string) func() {
	h.mu.Lock()
	defer h.mu.Unlock()
	show := h.tasks[task]
	delete(h.tasks, task)
	return show
}

// forget makes room for another run.
func (h *held) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tasks = nil
}
