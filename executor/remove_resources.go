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
		err := s.remover().CheckUnused(ctx, a.Network.ID)
		if err != nil {
			return s.removalOutcome("network", a.Network.Name, false, err)
		}
	}
	err := s.remover().RemoveNetworkFully(ctx, s.projectClaim(), a.Network.ID, a.Network.Name)
	return s.removalOutcome("network", a.Network.Name, a.IsRequired, err)
}

// removeVolume removes a volume without a run.
func (s removeStep) removeVolume(ctx context.Context, a *planner.RemoveVolume) step.Outcome {
	err := s.remover().RemoveVolume(ctx, s.projectClaim(), a.Volume.Name, a.IsAnonymous)
	if a.IsAnonymous && engine.IsConflict(err) {
		return step.Outcome{Verb: planner.Reuse} // another container has the volume now
	}
	return s.removalOutcome("volume", a.Volume.Name, a.IsRequired, err)
}

// removalOutcome is the outcome of the removal of a network or volume. A resource in use stays, with a warning, unless
// the removal is required. A missing resource counts as removed.
func (s removeStep) removalOutcome(kind, name string, isRequired bool, err error) step.Outcome {
	switch {
	case err == nil || engine.IsNotFound(err):
		return step.Outcome{}
	case isRequired || !engine.IsConflict(err):
		return step.Outcome{Err: fmt.Errorf("%s %s: %w", kind, name, err)}
	}
	s.Warn("%s %s is kept: %s; the next command of the project removes the %s", kind, name, err, kind)
	return step.Outcome{Verb: planner.Reuse}
}
