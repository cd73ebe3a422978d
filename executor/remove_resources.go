package executor

import (
	"context"
	"fmt"

	"tasks/executor/engine"
	"tasks/executor/step"
	"tasks/planner"
)

// removeContainer takes away a container that belongs to no service, or no run, any more.
func (w *worker) removeContainer(ctx context.Context, a *planner.RemoveContainer) step.Outcome {
	if a.Replaced != nil {
		return w.removeReplacement(ctx, a)
	}
	unlock, isFree := w.lockUnleased(a.Lease)
	if !isFree {
		return step.Outcome{Verb: planner.Reuse}
	}
	defer unlock()
	remove := w.claimProject().stopAndRemove
	if a.Kill {
		remove = func(ctx context.Context, c *planner.ObservedContainer) error {
			return w.claimProject().remove(ctx, c, engine.RemoveVolumes)
		}
	}
	if err := remove(ctx, a.Container); err != nil {
		return step.Outcome{Err: fmt.Errorf("container %s: %w", a.Container.Name, err)}
	}
	return step.Outcome{}
}

// lockUnleased says that nobody has a lease, and that nobody gets one until done is called.
func (w *worker) lockUnleased(lease string) (unlock func(), isFree bool) {
	if lease == "" || w.cfg.Leases == nil {
		return func() {}, true
	}
	return w.cfg.Leases.ReleaseLast(lease)
}

// removeNetwork takes away a network that belongs to no run any more. The engine would not keep one for containers that do
// not run.
func (w *worker) removeNetwork(ctx context.Context, a *planner.RemoveNetwork) step.Outcome {
	unlock, isFree := w.lockUnleased(a.Lease)
	if !isFree {
		return step.Outcome{Verb: planner.Reuse}
	}
	defer unlock()
	state, err := w.Engine.InspectNetwork(ctx, a.Network.ID)
	if err == nil && len(state.Members) > 0 {
		return step.Outcome{Verb: planner.Reuse}
	}
	if err == nil {
		err = w.Engine.RemoveNetwork(ctx, a.Network.ID)
	}
	if err != nil && !engine.IsNotFound(err) && !engine.IsConflict(err) {
		return step.Outcome{Err: fmt.Errorf("network %s: %w", a.Network.Name, err)}
	}
	return step.Outcome{}
}

// removeVolume takes away a volume that belongs to no run any more.
func (w *worker) removeVolume(ctx context.Context, a *planner.RemoveVolume) step.Outcome {
	if err := w.Engine.RemoveVolume(ctx, a.Volume.Name); err != nil && !engine.IsConflict(err) {
		return step.Outcome{Err: fmt.Errorf("volume %s: %w", a.Volume.Name, err)}
	}
	return step.Outcome{}
}
