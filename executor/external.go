package executor

import (
	"context"
	"fmt"

	"tasks/planner"
)

// lookService looks whether a service runs that nobody but others may start.
func (w *worker) lookService(ctx context.Context, a *planner.LookService) outcome {
	service := planner.ServiceOf(a.Service)
	state, err := w.claimService(a.Service).named(ctx, a.Name)
	found := "it has no container"
	switch {
	case err != nil:
		return outcome{err: fmt.Errorf("service %s: %w", service, err)}
	case state != nil && (state.State == "running" || a.Ended):
		return outcome{learn: knows(a.Service, state.ID, false)}
	case state != nil:
		found = fmt.Sprintf("its container %s is %s", a.Name, state.State)
	}
	return outcome{err: fmt.Errorf("service %s does not run (%s), and %s has nothing started: start it with `docker compose up -d %s`, or choose another policy",
		service, found, a.Said, service)}
}
