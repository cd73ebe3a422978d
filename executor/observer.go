package executor

import (
	"time"

	"tasks/executor/command"
	"tasks/planner"
)

// Observer receives the notices of a run, and gives streams to commands. Notice is
// called from a single goroutine at a time, in order.
type Observer interface {
	Notice(Notice)
	command.Observer
}

// NoticeKind is the kind of a notice.
type NoticeKind int

const (
	// Started: a step has begun.
	Started NoticeKind = iota
	// Progressed: Text is a line of a pull, a build, or a wait.
	Progressed
	// Done: a step has succeeded. Verb is the performed action: instead of a planned reuse the step may have recreated.
	Done
	// Failed: a step has failed, with Err.
	Failed
	// Skipped: a step did not begin, because of the failure of another step or an interrupt.
	Skipped
	// Warned: Text is a warning for the user.
	Warned
	// Interrupted: a signal to stop has come; Text is its name, Requests its number, Waiting what must end first.
	Interrupted
	// Answered: Text is a new answer of a probe without success.
	Answered
	// Stopping: an active step was asked to end, because of the failure of another step or an interrupt.
	Stopping
	// Cancelled: an active step has ended after the request, without a result of its own.
	Cancelled
	// CleanupStarted and CleanupEnded: the end of a run or session removes, stops or starts a resource. Verb is the act,
	// Text the kind and name of the resource.
	CleanupStarted
	CleanupEnded
)

// IsForDisplay reports whether a kind is only for people at the screen. Records leave these notices out.
func (k NoticeKind) IsForDisplay() bool {
	return k == Answered || k == Stopping || k == Cancelled || k == CleanupStarted || k == CleanupEnded
}

// Notice is a small fact about a run.
type Notice struct {
	Kind NoticeKind
	Step *planner.Step
	// Verb is the planned action, and at the end the performed action. For a line of
	// progress Verb is the part of the step: PullImage or BuildImage.
	Verb planner.Verb
	// Text is a line of progress or a warning. At the end of a skipped task, Text is the reason; empty: up to date.
	Text string
	// Code is the exit code of a failed command; 0: no command ran.
	Code int
	// ExitReason explains the exit code; empty: the code alone is known.
	ExitReason string
	Err        error
	// FailedAttempts are the failures of all attempts before the last, set at the end of the step.
	FailedAttempts []string
	// Cause is the failed step behind a skip; nil: the run was stopping.
	Cause *planner.Step
	// Elapsed is the time since the start of the step, set at its end.
	Elapsed time.Duration
	// Requests counts the signals to stop so far. Waiting names the steps under way, or the parts of the cleanup.
	// IsCleanup reports whether all steps have ended.
	Requests  int
	Waiting   []string
	IsCleanup bool
	// LockWait is the time a starting step has waited for the lock of its task.
	LockWait time.Duration
}
