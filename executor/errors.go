package executor

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// The exit codes of `docker run`'s convention (language.md §5 calls them so too).
const (
	codeRunFailed     = 125
	codeNotExecutable = 126
	codeNotFound      = 127
)

// CodedError is a failure with an exit code of its own.
type CodedError struct {
	Code int
	Err  error
}

func (e *CodedError) Error() string { return e.Err.Error() }
func (e *CodedError) Unwrap() error { return e.Err }

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

// DiagnosticsError is a mistake of the author that only the run could find: a deferred value that does not fit.
type DiagnosticsError struct{ Diagnostics hcl.Diagnostics }

func (e *DiagnosticsError) Error() string { return e.Diagnostics.Error() }

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
	if coded, ok := errors.AsType[*CodedError](err); ok {
		return coded.Code
	}
	return codeRunFailed
}
