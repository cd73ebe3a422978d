package view

import (
	"bytes"
	"context"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"tasks/executor/command"
)

const (
	// hurriedPatience is the time for a write after the second signal: then the reader is taken for gone.
	hurriedPatience = time.Second
	// slowWrite is the age of a write before a message names the reader.
	slowWrite = 300 * time.Millisecond
)

// patientFile writes to a file with a reader that may stand still: a pipe to a stopped program, or a terminal after
// Ctrl-S. Writes wait for the reader, but not for ever: after the end of hurry they fail with
// [command.ErrOutputAbandoned]. Safe for concurrent use.
type patientFile struct {
	file *os.File
	// hurry is nil for a file with endless patience.
	hurry context.Context

	mu sync.Mutex
	// requests and results belong to the goroutine that writes; nil before the first write.
	requests chan []byte
	results  chan writeResult
	// text is the copy for the goroutine: the caller may reuse its own text after an abandoned write.
	text        []byte
	isAbandoned bool
	// isLineOpen reports whether the last text has ended within a line. Commands that write by themselves do not count.
	isLineOpen atomic.Bool
	// since is the beginning of the write under way, in nanoseconds; 0: none.
	since atomic.Int64
}

type writeResult struct {
	n   int
	err error
}

// HurryAfter abandons writes without a reader after the end of ctx. The first write must come later.
func HurryAfter(ctx context.Context, p *Printer) { p.out.setHurry(ctx); p.errOut.setHurry(ctx) }

// setHurry sets the end of the patience.
func (f *patientFile) setHurry(ctx context.Context) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hurry = ctx
}

// stuckReaders names the outputs with readers that stand still.
func stuckReaders(p *Printer) (names []string) {
	if p.out.isStuck() {
		names = append(names, "the reader of stdout")
	}
	if p.errOut.isStuck() {
		names = append(names, "the reader of stderr")
	}
	return names
}

// writerTo returns the patient writer to stdout or stderr. Any other file is its own writer.
func writerTo(p *Printer, file *os.File) io.Writer {
	switch {
	case p == nil:
	case file == p.stdout:
		return p.out
	case file == p.stderr:
		return p.errOut
	}
	return file
}

// rawLineWriter writes to stderr. While a command has the terminal in raw mode, each line begins at the left.
type rawLineWriter struct{ printer *Printer }

func (w rawLineWriter) Write(text []byte) (int, error) {
	t := w.printer.terminal.Load()
	if t == nil || !t.IsRaw() || !w.printer.HasTerminalStderr() {
		return w.printer.errOut.Write(text)
	}
	_, err := w.printer.errOut.Write(bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")))
	return len(text), err
}

// File returns the file, for commands that write to the file by themselves.
func (f *patientFile) File() *os.File { return f.file }

func (f *patientFile) Write(text []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(text) > 0 {
		f.isLineOpen.Store(text[len(text)-1] != '\n')
	}
	if f.hurry == nil {
		return f.file.Write(text)
	}
	if f.isAbandoned {
		return 0, command.ErrOutputAbandoned
	}
	f.start()
	f.text = append(f.text[:0], text...)
	f.since.Store(time.Now().UnixNano())
	f.requests <- f.text
	select {
	case result := <-f.results:
		f.since.Store(0)
		return result.n, result.err
	case <-f.hurry.Done():
	}
	select {
	case result := <-f.results:
		f.since.Store(0)
		return result.n, result.err
	case <-time.After(hurriedPatience):
		f.isAbandoned = true
		return 0, command.ErrOutputAbandoned
	}
}

// start starts the goroutine that writes. The goroutine lives as long as the process: nothing ends a blocked write.
func (f *patientFile) start() {
	if f.requests != nil {
		return
	}
	f.requests, f.results = make(chan []byte), make(chan writeResult, 1)
	go func() {
		for text := range f.requests {
			n, err := f.file.Write(text)
			f.results <- writeResult{n, err}
		}
	}()
}

// isStuck reports whether a write waits for its reader for a noticeable time.
func (f *patientFile) isStuck() bool {
	since := f.since.Load()
	return since != 0 && time.Since(time.Unix(0, since)) > slowWrite
}
