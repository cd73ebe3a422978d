package executor

import (
	"context"
	"fmt"

	"tasks/executor/engine"
	"tasks/executor/release"
	"tasks/executor/removal"
	"tasks/executor/step"
	"tasks/planner"
)

// removeStep removes a resource without an owner.
type removeStep struct {
	resourceStep
	leases release.Leases
}

// removeContainer takes away a container that belongs to no service, or no run, any more.
func (s removeStep) removeContainer(ctx context.Context, a *planner.RemoveContainer) step.Outcome {
	unlock, isFree := release.LockUnleased(s.leases, a.Lease)
	if !isFree {
		return step.Outcome{Verb: planner.Reuse}
	}
	defer unlock()
	request := removal.Request{Container: a.Container, Claim: s.projectClaim(), IsKill: a.Kill}
	if err := s.remover().StopAndRemove(ctx, request); err != nil {
		return step.Outcome{Err: fmt.Errorf("container %s: %w", a.Container.Name, err)}
	}
	return step.Outcome{}
}

// removeNetwork takes away a network that belongs to no run any more. The engine would not keep one for containers that do
// not run.
func (s removeStep) removeNetwork(ctx context.Context, a *planner.RemoveNetwork) step.Outcome {
	unlock, isFree := release.LockUnleased(s.leases, a.Lease)
	if !isFree {
		return step.Outcome{Verb: planner.Reuse}
	}
	defer unlock()
	state, err := s.Engine.InspectNetwork(ctx, a.Network.ID)
	if err == nil && len(state.Members) > 0 {
		return step.Outcome{Verb: planner.Reuse}
	}
	if err == nil {
		err = s.remover().RemoveNetwork(ctx, a.Network.ID, a.Network.Name)
	}
	if err != nil && !engine.IsNotFound(err) && !engine.IsConflict(err) {
		return step.Outcome{Err: fmt.Errorf("network %s: %w", a.Network.Name, err)}
	}
	return step.Outcome{}
}

// removeVolume takes away a volume that belongs to no run any more.
func (s removeStep) removeVolume(ctx context.Context, a *planner.RemoveVolume) step.Outcome {
	if err := s.remover().RemoveVolume(ctx, a.Volume.Name); err != nil && !engine.IsConflict(err) {
		return step.Outcome{Err: fmt.Errorf("volume %s: %w", a.Volume.Name, err)}
	}
	return step.Outcome{}
}
