package executor

import (
	"errors"

	"tasks/executor/step"
)

// cancelledError stands for any error of the engine after a cancellation. Transports wrap the cause unpredictably.
type cancelledError struct{ cause error }

func (e *cancelledError) Error() string { return "cancelled: " + e.cause.Error() }
func (e *cancelledError) Unwrap() error { return e.cause }

// isCancellation reports whether an error only follows from the end of the run.
func isCancellation(err error) bool {
	_, ok := errors.AsType[*cancelledError](err)
	return ok
}

// exitCodeOf returns the exit code of a failure.
func exitCodeOf(err error) int {
	if coded, ok := errors.AsType[*step.CodedError](err); ok {
		return coded.Code
	}
	return step.CodeRunFailed
}
