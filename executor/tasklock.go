package executor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tasks/planner"
)

// Left is what runs that have died have left running, but for containers of their own: commands on the host, and in containers
// of services.
type Left interface {
	// End ends all of it, and returns how many commands on the host these were.
	End(ctx context.Context) (ended int, err error)
}

// locked does the step, and holds the lock of its task meanwhile. Who waits for a lock takes no slot, and its time does not run.
func (w *worker) locked(ctx context.Context) outcome {
	name := lockOf(w.step)
	if name == "" {
		return w.act(ctx)
	}
	var dead *LockHolder
	unlock, err := w.cfg.Locks.LockFor(ctx, "task/"+name, LockRequest{
		Purpose: w.purpose(), Holder: w.holder(),
		Waiting: func(holder string) {
			w.progress(fmt.Sprintf("waiting for the lock %q, which is held by %s", name, holder))
		},
		Died: func(holder LockHolder) { dead = &holder },
	})
	if err != nil {
		return outcome{err: err}
	}
	defer unlock()
	if dead != nil {
		w.endLeft(ctx, *dead)
	}
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

// holder is what those are told who come after a death.
func (w *worker) holder() LockHolder {
	h := LockHolder{Owner: w.cfg.Owners.Self, Task: planner.TaskOf(w.step).Name}
	if _, runs := w.step.Action.(*planner.RunOneOff); runs {
		h.Project = w.project()
	}
	return h
}

// endLeft ends what goes on of a run that died with the lock. The lock is there for it not to run beside this one's command,
// and what dead runs have left is else ended only before the first step.
func (w *worker) endLeft(ctx context.Context, dead LockHolder) {
	w.awaitEnd(ctx, dead.Owner)
	if w.cfg.Left != nil {
		ended, err := w.cfg.Left.End(ctx)
		if err != nil {
			w.warn("%s", err)
		}
		if ended > 0 {
			w.progress(fmt.Sprintf("host commands ended, as the runs that they belonged to were killed: %d", ended))
		}
	}
	if err := w.endOneOffs(ctx, dead); err != nil {
		w.warn("a container of a run that was killed may go on: %s", err)
	}
}

// awaitEnd waits a moment for the end of a process: one that is killed gives up its locks before.
func (w *worker) awaitEnd(ctx context.Context, owner string) {
	if owner == "" || w.cfg.Owners.Dead == nil {
		return
	}
	for end := time.Now().Add(exitTime); !w.cfg.Owners.Dead(owner, 0) && time.Now().Before(end) && ctx.Err() == nil; {
		time.Sleep(lookAtDying)
	}
}

// lookAtDying is short: a process that is killed is gone at once.
const lookAtDying = 10 * time.Millisecond

// endOneOffs removes the one-offs of who died with a lock, and stops the one that is to be kept.
func (w *worker) endOneOffs(ctx context.Context, dead LockHolder) error {
	if dead.Owner == "" || dead.Project == "" {
		return nil
	}
	if w.cfg.Engine == nil {
		return errors.New("there is no engine to ask")
	}
	all, err := w.cfg.Engine.ProjectContainers(ctx, dead.Project)
	if err != nil {
		return err
	}
	var errs []error
	own := claimed{engine: w.cfg.Engine, claim: planner.OneOffClaim(dead.Project)}
	for _, c := range all {
		switch {
		case !oneOffOf(c):
		case c.Labels[planner.LabelOwner] == dead.Owner:
			errs = append(errs, own.remove(ctx, c, RemoveVolumes))
		case c.Labels[planner.LabelStarter] == dead.Owner && c.Labels[planner.LabelTask] == dead.Task:
			errs = append(errs, own.stop(ctx, c, new(time.Duration)))
		}
	}
	return errors.Join(errs...)
}
