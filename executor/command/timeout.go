package command

import (
	"cmp"
	"errors"
	"syscall"
	"time"

	"github.com/moby/sys/signal"

	"tasks/hclspec"
	"tasks/internal/durations"
)

// CodeTimeout is the exit code of a command after its timeout, as in timeout(1).
const CodeTimeout = 124

// timeoutError is the failure of a command after its timeout.
type timeoutError struct{ after time.Duration }

func (e *timeoutError) Error() string {
	return "timed out after " + durations.Text(e.after)
}

// timeoutChannel yields after the timeout of a command that starts now. Without a timeout it never yields.
func timeoutChannel(task *hclspec.Task) <-chan time.Time {
	if task.Timeout == 0 {
		return nil
	}
	return time.After(task.Timeout)
}

// timeoutResult is the result of a command after its timeout, whatever its exit code.
func timeoutResult(task *hclspec.Task) (int, error) {
	return CodeTimeout, &timeoutError{after: task.Timeout}
}

// IsTimeout reports whether a command ran for too long.
func IsTimeout(err error) bool {
	_, ok := errors.AsType[*timeoutError](err)
	return ok
}

// stopSignal is the signal to end a host command. The evaluation of the task has checked the name.
func stopSignal(task *hclspec.Task) syscall.Signal {
	if sig, err := signal.ParseSignal(task.StopSignal); err == nil {
		return sig
	}
	return syscall.SIGTERM
}

// unreadPatience is the grace period of a command after the loss of the reader of its output.
const unreadPatience = time.Second

// unreadGracePeriod is the grace period of a command without a reader of its output. On a host, SIGPIPE would end such
// a command at once, so that the default period is too long. A period of the author's choice stays.
func unreadGracePeriod(chosen time.Duration) time.Duration { return cmp.Or(chosen, unreadPatience) }

// gracePeriod bounds the end of a host command after the stop signal.
func (r *Runner) gracePeriod(task *hclspec.Task) time.Duration {
	return cmp.Or(task.StopGracePeriod, r.GracePeriod)
}
