package executor

import (
	"context"
	"fmt"

	"tasks/planner"
)

// removeOrphan takes away a container that belongs to no service, or no run, any more.
func (w *worker) removeOrphan(ctx context.Context, a *planner.RemoveOrphan) outcome {
	if a.Of != nil {
		return w.removeReplacement(ctx, a)
	}
	done, free := w.unleased(a.Lease)
	if !free {
		return outcome{verb: planner.Reuse}
	}
	defer done()
	away := w.claimProject().stopAndRemove
	if a.Kill {
		away = func(ctx context.Context, c *planner.ObservedContainer) error {
			return w.claimProject().remove(ctx, c, RemoveVolumes)
		}
	}
	if err := away(ctx, a.Have); err != nil {
		return outcome{err: fmt.Errorf("container %s: %w", a.Have.Name, err)}
	}
	return outcome{}
}

// unleased says that nobody has a lease, and that nobody gets one until done is called.
func (w *worker) unleased(lease string) (done func(), free bool) {
	if lease == "" || w.cfg.Leases == nil {
		return func() {}, true
	}
	return w.cfg.Leases.Last(lease)
}

// removeNetwork takes away a network that belongs to no run any more. The engine would not keep one for containers that do
// not run.
func (w *worker) removeNetwork(ctx context.Context, a *planner.RemoveNetwork) outcome {
	done, free := w.unleased(a.Lease)
	if !free {
		return outcome{verb: planner.Reuse}
	}
	defer done()
	state, err := w.cfg.Engine.InspectNetwork(ctx, a.Have.ID)
	if err == nil && len(state.Members) > 0 {
		return outcome{verb: planner.Reuse}
	}
	if err == nil {
		err = w.cfg.Engine.RemoveNetwork(ctx, a.Have.ID)
	}
	if err != nil && !IsNotFound(err) && !IsConflict(err) {
		return outcome{err: fmt.Errorf("network %s: %w", a.Have.Name, err)}
	}
	return outcome{}
}

// removeVolume takes away a volume that belongs to no run any more.
func (w *worker) removeVolume(ctx context.Context, a *planner.RemoveVolume) outcome {
	if err := w.cfg.Engine.RemoveVolume(ctx, a.Have.Name); err != nil && !IsConflict(err) {
		return outcome{err: fmt.Errorf("volume %s: %w", a.Have.Name, err)}
	}
	return outcome{}
}
