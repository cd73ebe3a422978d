package command

import (
	"context"
	"errors"
	"io"

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
	// Close flushes an unfinished last line.
	Close func()
}

// Terminal is the user's terminal.
type Terminal interface {
	// MakeRaw turns off line editing and signals. restore may be called more than once.
	MakeRaw() (restore func() error, err error)
	Size() (rows, columns uint, err error)
	// Resizes yields after each change of the size, until ctx ends.
	Resizes(ctx context.Context) <-chan struct{}
}
