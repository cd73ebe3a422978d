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

// removeContainer removes a container without a service or a run.
func (s removeStep) removeContainer(ctx context.Context, a *planner.RemoveContainer) step.Outcome {
	unlock, isFree := release.LockUnleased(s.leases, a.Lease)
	if !isFree {
		return step.Outcome{Verb: planner.Reuse}
	}
	defer unlock()
	request := removal.Request{Container: a.Container, Claim: s.projectClaim(), PreStop: a.PreStop, IsKill: a.Kill}
	if err := s.remover().StopAndRemove(ctx, request); err != nil {
		return step.Outcome{Err: fmt.Errorf("container %s: %w", a.Container.Name, err)}
	}
	return step.Outcome{}
}

// removeNetwork removes a network without a run. The engine alone would remove a network of stopped containers, too.
func (s removeStep) removeNetwork(ctx context.Context, a *planner.RemoveNetwork) step.Outcome {
	unlock, isFree := release.LockUnleased(s.leases, a.Lease)
	if !isFree {
		return step.Outcome{Verb: planner.Reuse}
	}
	defer unlock()
	if !a.IsRequired {
		state, err := s.Engine.InspectNetwork(ctx, a.Network.ID)
		switch {
		case engine.IsNotFound(err), err != nil && engine.IsConflict(err):
			return step.Outcome{}
		case err != nil:
			return step.Outcome{Err: fmt.Errorf("network %s: %w", a.Network.Name, err)}
		case len(state.Members) > 0:
			return step.Outcome{Verb: planner.Reuse}
		}
	}
	err := s.remover().RemoveNetwork(ctx, s.projectClaim(), a.Network.ID, a.Network.Name)
	if err != nil && !engine.IsNotFound(err) && (a.IsRequired || !engine.IsConflict(err)) {
		return step.Outcome{Err: fmt.Errorf("network %s: %w", a.Network.Name, err)}
	}
	return step.Outcome{}
}

// removeVolume removes a volume without a run.
func (s removeStep) removeVolume(ctx context.Context, a *planner.RemoveVolume) step.Outcome {
	err := s.remover().RemoveVolume(ctx, s.projectClaim(), a.Volume.Name, a.IsAnonymous)
	if err != nil && (a.IsRequired || !engine.IsConflict(err)) {
		return step.Outcome{Err: fmt.Errorf("volume %s: %w", a.Volume.Name, err)}
	}
	return step.Outcome{}
}
