package view

import (
	"errors"
	"io"
	"syscall"

	"tasks/executor/command"
	"tasks/internal/terminal"
)

// OutputError reports a failed write to stdout or stderr.
type OutputError struct{ Err error }

func (e *OutputError) Error() string { return "the output cannot be written: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *OutputError) Unwrap() error { return e.Err }

// IsReaderGone reports whether an error is a write to a stream without a reader, as in `tasks list | true`. A broken
// connection to the engine is no such error.
func IsReaderGone(err error) bool {
	output, ok := errors.AsType[*OutputError](err)
	return ok && errors.Is(output, syscall.EPIPE)
}

// OutputError returns the first failed write of output, or nil. Callers need not check each write.
func (p *Printer) OutputError() error {
	if failed := p.outputError.Load(); failed != nil {
		return failed
	}
	return nil
}

// CheckStdout returns an [OutputError] if stdout has lost its reader. Commands of tasks write past the printer, so that
// the printer may not know yet.
func (p *Printer) CheckStdout() error {
	if terminal.IsReaderGone(p.stdout) {
		return &OutputError{syscall.EPIPE}
	}
	return p.OutputError()
}

// recordOutputError remembers the first failed write of output: to stdout, or of a task's output. An abandoned output
// has no error: the program ends because of a signal.
func (p *Printer) recordOutputError(err error) {
	if errors.Is(err, command.ErrOutputAbandoned) {
		return
	}
	p.outputError.CompareAndSwap(nil, &OutputError{err})
}

// streamWriter gives failed writes the type [OutputError].
type streamWriter struct {
	w io.Writer
	// onError hears a failed write; nil: nothing does.
	onError func(error)
}

func (w streamWriter) Write(text []byte) (int, error) {
	n, err := w.w.Write(text)
	if err == nil {
		return n, nil
	}
	if w.onError != nil {
		w.onError(err)
	}
	return n, &OutputError{err}
}
