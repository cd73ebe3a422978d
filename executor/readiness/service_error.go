package readiness

import (
	"cmp"
	"context"
	"fmt"

	"tasks/executor/engine"
	"tasks/executor/step"
)

// logTailLines is the number of lines of a failed service's log in the error.
const logTailLines = 20

// ServiceError is a dependency service short of the state a dependent needs.
type ServiceError struct {
	Replica string
	// Failure is the event: "exited with code 3 before it was healthy".
	Failure string
	// HealthcheckOutput is the output of the last healthcheck, ProbeOutput the output of the last ready probe, Logs the
	// last printed lines of the service. Each may be empty.
	HealthcheckOutput, ProbeOutput, Logs string
}

func (e *ServiceError) Error() string {
	text := fmt.Sprintf("dependency service %s %s", e.Replica, e.Failure)
	if e.HealthcheckOutput != "" {
		text += "\nits last healthcheck said:\n" + step.Indent(e.HealthcheckOutput)
	}
	if e.ProbeOutput != "" {
		text += "\nits ready probe last said:\n" + step.Indent(e.ProbeOutput)
	}
	if e.Logs != "" {
		text += "\nits last log lines:\n" + step.Indent(e.Logs)
	}
	return text
}

// NewServiceError returns the failure of a service with the end of the container's log. Without an answer of the engine
// the log stays empty.
func NewServiceError(ctx context.Context, e engine.Engine, replica, id, failure string) *ServiceError {
	logs, err := e.Logs(ctx, id, logTailLines)
	if err != nil {
		logs = ""
	}
	return &ServiceError{Replica: replica, Failure: failure, Logs: logs}
}

// reasonText is the text behind an exit code; empty: the code alone is known.
func reasonText(s engine.ContainerState) string {
	if reason := s.ExitReason(); reason != "" {
		return " (" + reason + ")"
	}
	return ""
}

func (w *waiter) serviceError(ctx context.Context, s engine.ContainerState, failure string) error {
	if w.restarts.count > 0 {
		if s.State.HasEnded() {
			w.restarts.exitCode = nil // the failure has the code
		}
		failure += "; " + w.restarts.text()
	}
	e := NewServiceError(ctx, w.env.Engine, w.Replica, w.ID, failure)
	e.HealthcheckOutput, e.ProbeOutput = cmp.Or(s.LastProbeOutput, w.healthGoal.lastOutput), w.probeGoal.lastOutput
	return e
}
