package executor

import (
	"context"
	"fmt"
	"time"

	"tasks/executor/step"
	"tasks/planner"
)

const (
	// adoptTimeout exceeds the usual time to make or replace a container with its grace period.
	adoptTimeout = time.Minute
	pollInterval = 100 * time.Millisecond
)

// adoptExisting uses the container another process makes or replaces under the service's name
// without our lock. The other process is Compose, or `tasks` in another checkout or on another
// host. The engine reserves a name before the container is visible, so adoptExisting waits.
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
