package executor

import (
	"context"
	"errors"
	"fmt"

	"tasks/planner"
)

// locked does the step, and holds the lock of its task meanwhile. Who waits for a lock takes no slot, and its time does not run.
func (w *worker) locked(ctx context.Context) outcome {
	name := lockOf(w.step)
	if name == "" {
		return w.act(ctx)
	}
	unlock, err := w.cfg.Locks.LockFor(ctx, "task/"+name, w.purpose(), func(holder string) {
		w.progress(fmt.Sprintf("waiting for the lock %q, which is held by %s", name, holder))
	})
	if err != nil {
		return outcome{err: err}
	}
	defer unlock()
	w.send <- outcome{id: w.step.ID, locked: true}
	select {
	case <-w.control.slot:
		return w.act(ctx)
	case <-ctx.Done():
		return outcome{err: errors.New("it waited for its turn")}
	}
}

// purpose is what those who wait are told.
func (w *worker) purpose() string { return "task " + planner.TaskOf(w.step).Name }
