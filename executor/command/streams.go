package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"

	"tasks/executor/step"
	"tasks/hclspec"
)

// Observer gives streams and terminals to the commands of tasks. Both methods are safe for concurrent use.
type Observer interface {
	// StreamsOf returns the streams of a task's command. The step calls Close once, after the end of the command.
	StreamsOf(task *hclspec.Task) Streams
	// TerminalOf returns the terminal for a task's command, where both ends of the run are a terminal; else nil.
	TerminalOf(task *hclspec.Task) Terminal
}

// ErrOutputAbandoned is the failure of a write to a reader that stands still after the second signal. The output is
// lost, and the exit code of the command counts.
var ErrOutputAbandoned = errors.New("nobody has read the output since the second signal")

// Streams are the input and output of a command. Output bytes never travel as events.
type Streams struct {
	// In is nil for a command without input.
	In       io.Reader
	Out, Err io.Writer
	// Close writes the held output, and an unfinished last line. The error is the first failed write of Close.
	Close func() error
}

// close closes the streams of a command with an outcome. Output that could not be written fails the command, whatever
// its exit code, as a failed write before the end does.
func (s Streams) close(o step.Outcome) step.Outcome {
	err := s.Close()
	switch {
	case err == nil || o.Err != nil || errors.Is(err, ErrOutputAbandoned):
	case errors.Is(err, syscall.EPIPE):
		o.Code = CodeReaderGone
	default:
		o.Code, o.Err = 0, OutputError(err)
	}
	return o
}

// OutputError describes a failed write of a command's output. A full capture has words of its own; nil stays nil.
func OutputError(err error) error {
	if _, isFull := errors.AsType[*captureFullError](err); err == nil || isFull {
		return err
	}
	return fmt.Errorf("the output cannot be written: %w", err)
}

// Terminal is the user's terminal.
type Terminal interface {
	// MakeRaw turns off line editing and signals. restore may be called more than once.
	MakeRaw() (restore func() error, err error)
	Size() (rows, columns uint, err error)
	// Resizes yields after each change of the size, until ctx ends.
	Resizes(ctx context.Context) <-chan struct{}
}
