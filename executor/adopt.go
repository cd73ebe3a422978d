package executor

import (
	"context"
	"fmt"
	"time"

	"tasks/executor/step"
	"tasks/planner"
)

const (
	// adoptTimeout is longer than making or replacing a container usually takes, with its grace period.
	adoptTimeout = time.Minute
	pollInterval = 100 * time.Millisecond
)

// adoptExisting takes the container that somebody without our lock (Compose, another checkout or host) is just making or
// replacing under the service's name. It waits for it: the engine reserves a name before the container can be seen.
func (s containerStep) adoptExisting(ctx context.Context, a *planner.Container, cause error) step.Outcome {
	timeout := time.After(adoptTimeout)
	for {
		existing, err := s.inspectCurrent(ctx, a)
		switch {
		case err != nil:
			return step.Outcome{Err: fmt.Errorf("service %s: %w", a.Replica, err)}
		case existing == nil:
		case a.Decide(existing, s.facts).Verb == planner.Reuse:
			return s.reuse(a, existing)
		}
		select {
		case <-ctx.Done():
			return step.Outcome{Err: context.Cause(ctx)}
		case <-timeout:
			return step.Outcome{Err: fmt.Errorf("service %s: %w", a.Replica, cause)}
		case <-time.After(pollInterval):
		}
	}
}
