package executor

import (
	"context"
	"io"
	"time"

	"tasks/hclspec"
	"tasks/planner"
)

// Observer is how a run is seen and heard. Its two halves: small ordered events, and who gets which streams. Notice is
// called from one goroutine at a time, in order; StreamsOf from any.
type Observer interface {
	Notice(Notice)
	// StreamsOf gives the streams of a task's command. Close is called once, when the command has ended.
	StreamsOf(task *hclspec.Task) Streams
	// TerminalOf gives the terminal that a task's command may have, where both ends of the run are one; else nil.
	TerminalOf(task *hclspec.Task) Terminal
}

// Streams are what a command reads and writes. Output bytes never travel as events.
type Streams struct {
	// In is nil where the command gets no input.
	In       io.Reader
	Out, Err io.Writer
	// Close flushes what is held back of a last line.
	Close func()
}

// Terminal is the user's terminal.
type Terminal interface {
	// MakeRaw turns off line editing and signals; restore may be called more than once.
	MakeRaw() (restore func() error, err error)
	Size() (rows, columns uint, err error)
	// Resizes yields when the size has changed, until ctx ends.
	Resizes(ctx context.Context) <-chan struct{}
}

// NoticeKind is what an event tells.
type NoticeKind int

const (
	// Started: a step has been begun.
	Started NoticeKind = iota
	// Progressed: a line of a pull, a build, or a wait; Text has it.
	Progressed
	// Done: a step has ended well. Verb says what was really done: a step planned as reuse may have had to recreate.
	Done
	// Failed: a step has failed, with Err.
	Failed
	// Skipped: a step was not begun because of another one's failure, or of an interrupt.
	Skipped
	// Warned: something that the user should know; Text has it.
	Warned
	// Interrupted: a signal has come; Text names it.
	Interrupted
)

// Notice is one small fact about a run.
type Notice struct {
	Kind NoticeKind
	Step *planner.Step
	// Verb is what the step is to do, and at its end what it has done. Of a line of progress it says what the line belongs
	// to: PullImage or BuildImage.
	Verb planner.Verb
	Text string
	// Code is the exit code of a command that failed by itself; 0 where none ran.
	Code int
	Err  error
	// FailedAttempts says why each attempt of a command but the last has failed; set at its end.
	FailedAttempts []string
	// Cause is the step whose failure has had this one skipped; nil: the run was stopping.
	Cause *planner.Step
	// Elapsed is the time since the step began; set when it has ended.
	Elapsed time.Duration
	// LockWait is how long a step that now begins has waited for the lock of its task.
	LockWait time.Duration
}
