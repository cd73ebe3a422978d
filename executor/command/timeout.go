package command

import (
	"cmp"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/moby/sys/signal"

	"tasks/hclspec"
)

// CodeTimeout is that of a command which took too long, as timeout(1) has it.
const CodeTimeout = 124

// timeoutError is a command that took longer than its task allows.
type timeoutError struct{ after time.Duration }

func (e *timeoutError) Error() string {
	return fmt.Sprintf("it took longer than its timeout of %s, and was ended", e.after)
}

// timeoutChannel yields when a command that starts now has taken too long; never where the task sets no timeout.
func timeoutChannel(task *hclspec.Task) <-chan time.Time {
	if task.Timeout == 0 {
		return nil
	}
	return time.After(task.Timeout)
}

// timeoutResult is the outcome of a command that was ended by its timeout, however it took that.
func timeoutResult(task *hclspec.Task) (int, error) {
	return CodeTimeout, &timeoutError{after: task.Timeout}
}

// IsTimeout says that a command ran, and for too long.
func IsTimeout(err error) bool {
	_, ok := errors.AsType[*timeoutError](err)
	return ok
}

// stopSignal is what asks a host command to end. Its name was checked when the task was evaluated.
func stopSignal(task *hclspec.Task) syscall.Signal {
	if sig, err := signal.ParseSignal(task.StopSignal); err == nil {
		return sig
	}
	return syscall.SIGTERM
}

// gracePeriod is how long a host command may take to end once it was asked to.
func (r *Runner) gracePeriod(task *hclspec.Task) time.Duration {
	return cmp.Or(task.StopGracePeriod, r.GracePeriod)
}
