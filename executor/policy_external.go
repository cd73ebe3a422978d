package executor

import (
	"context"
	"fmt"

	"tasks/executor/engine"
	"tasks/executor/step"
	"tasks/planner"
)

// inspectService checks that a service runs, under a policy without any start.
func (s resourceStep) inspectService(ctx context.Context, a *planner.InspectService) step.Outcome {
	service := planner.ServiceOf(a.Replica)
	state, err := s.claimService(a.Replica).Named(ctx, a.Name)
	found := "it has no container"
	switch {
	case err != nil:
		return step.Outcome{Err: fmt.Errorf("service %s: %w", service, err)}
	case state != nil && (state.State.IsRunning() || a.MayHaveEnded):
		if err := engine.ForwardPorts(ctx, s.Engine, state.ID); err != nil {
			return step.Outcome{Err: fmt.Errorf("service %s: %w", service, err)}
		}
		return step.Outcome{ApplyFacts: recordContainer(a.Replica, state.ID, false)}
	case state != nil:
		found = fmt.Sprintf("its container %s is %s", a.Name, state.State)
	}
	return step.Outcome{Err: fmt.Errorf("service %s does not run (%s), and %s has nothing started: "+
		"start it with `docker compose up -d %s`, or choose another policy", service, found, a.PolicyText, service)}
}
