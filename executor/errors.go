package executor

import (
	"errors"
	"fmt"
	"strings"

	"tasks/executor/step"
)

// ServiceError is a dependency service that did not get as far as a dependent needs it.
type ServiceError struct {
	Replica string
	// Failure happened: "exited with code 3 before it was healthy".
	Failure string
	// HealthcheckOutput is the output of the last healthcheck, Ready what the last try of its ready probe said, Logs the last lines
	// that the service printed; each may be empty.
	HealthcheckOutput, ProbeOutput, Logs string
}

func (e *ServiceError) Error() string {
	text := fmt.Sprintf("dependency service %s %s", e.Replica, e.Failure)
	if e.HealthcheckOutput != "" {
		text += "\nits last healthcheck said:\n" + indent(e.HealthcheckOutput)
	}
	if e.ProbeOutput != "" {
		text += "\nits ready probe last said:\n" + indent(e.ProbeOutput)
	}
	if e.Logs != "" {
		text += "\nits last log lines:\n" + indent(e.Logs)
	}
	return text
}

func indent(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\r\n"), "\n")
	return "  " + strings.Join(lines, "\n  ")
}

// cancelledError stands for whatever an engine says once its call was cancelled: transports wrap that unpredictably.
type cancelledError struct{ cause error }

func (e *cancelledError) Error() string { return "cancelled: " + e.cause.Error() }
func (e *cancelledError) Unwrap() error { return e.cause }

// isCancellation says that an error only follows from the end of the run.
func isCancellation(err error) bool {
	_, ok := errors.AsType[*cancelledError](err)
	return ok
}

func exitCodeOf(err error) int {
	if coded, ok := errors.AsType[*step.CodedError](err); ok {
		return coded.Code
	}
	return step.CodeRunFailed
}
