package executor

import (
	"context"
	"fmt"
	"time"

	"tasks/planner"
)

const (
	// takeOverTimeout is longer than making or replacing a container usually takes, with its grace period.
	takeOverTimeout = time.Minute
	lookAtOther     = 100 * time.Millisecond
)

// takeOver takes the container that somebody without our lock (Compose, another checkout or host) is just making or
// replacing under the service's name. It waits for it: the engine reserves a name before the container can be seen.
func (w *worker) takeOver(ctx context.Context, a *planner.Container, because error) outcome {
	limit := time.After(takeOverTimeout)
	for {
		have, err := w.look(ctx, a)
		switch {
		case err != nil:
			return outcome{err: fmt.Errorf("service %s: %w", a.Service, err)}
		case have == nil:
		case a.Decide(have, w.facts).Verb == planner.Reuse:
			return w.reuse(a, have)
		}
		select {
		case <-ctx.Done():
			return outcome{err: context.Cause(ctx)}
		case <-limit:
			return outcome{err: fmt.Errorf("service %s: %w", a.Service, because)}
		case <-time.After(lookAtOther):
		}
	}
}
