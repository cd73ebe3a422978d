package executor

import (
	"time"

	"tasks/executor/command"
	"tasks/planner"
)

// Observer is how a run is seen and heard. Its two halves: small ordered events, and who gets which streams. Notice is
// called from one goroutine at a time, in order; StreamsOf from any.
type Observer interface {
	Notice(Notice)
	command.Observer
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
