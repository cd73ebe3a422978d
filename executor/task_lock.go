package executor

import (
	"context"
	"errors"
	"fmt"

	"tasks/executor/release"
	"tasks/executor/removal"
	"tasks/executor/step"
	"tasks/planner"
	"tasks/planner/observed"
)

// OrphanKiller ends the commands of dead runs on the host and in containers of services.
type OrphanKiller interface {
	// KillOrphans ends all such commands, and returns the number of ended host commands.
	KillOrphans(ctx context.Context) (ended int, err error)
}

// performLocked performs the step under the lock of its task. A waiting step has no slot, and its time does not run.
func (w *worker) performLocked(ctx context.Context) step.Outcome {
	name := taskLockName(w.step)
	if name == "" {
		return w.performAction(ctx)
	}
	var crashed *HolderInfo
	unlock, err := w.cfg.Locks.LockFor(ctx, "task/"+name, LockRequest{
		Purpose: w.lockPurpose(), Holder: w.lockHolder(),
		OnWait: func(holder string) {
			w.Progress(fmt.Sprintf("waiting for the lock %q, which is held by %s", name, holder))
		},
		OnStaleLock: func(holder HolderInfo) { crashed = &holder },
	})
	if err != nil {
		return step.Outcome{Err: err}
	}
	defer unlock()
	if crashed != nil {
		w.killOrphans(ctx, *crashed)
	}
	w.Emit(step.SlotRequested{})
	select {
	case <-w.control.Slot:
		return w.performAction(ctx)
	case <-ctx.Done():
		return step.Outcome{Err: errors.New("it waited for its turn")}
	}
}

// lockPurpose is the purpose of the lock, for the messages of waiting processes.
func (w *worker) lockPurpose() string { return "task " + planner.TaskOf(w.step).Name }

// lockHolder is the information about this holder for the next holder, in case this process dies.
func (w *worker) lockHolder() HolderInfo {
	h := HolderInfo{Owner: w.cfg.Ownership.Self, Task: planner.TaskOf(w.step).Name}
	if _, runs := w.step.Action.(*planner.RunOneOff); runs {
		h.Project = w.Project
	}
	return h
}

// killOrphans ends the remains of a run that died with the lock. The lock keeps such remains from
// running beside this step's command. Remains of other dead runs are ended only before the first step.
func (w *worker) killOrphans(ctx context.Context, crashed HolderInfo) {
	if crashed.Owner != "" && !release.WaitOwnerExit(ctx, w.cfg.Ownership, crashed.Owner) &&
		w.cfg.Ownership.IsAlive != nil && w.cfg.Ownership.IsAlive(crashed.Owner) {
		return // the file of the holder is not from the holder: a living process keeps its lock
	}
	if w.cfg.Orphans != nil {
		killed, err := w.cfg.Orphans.KillOrphans(ctx)
		if err != nil {
			w.Warn("%s", err)
		}
		if killed > 0 {
			w.Progress(fmt.Sprintf("host commands ended, as the runs that they belonged to were killed: %d", killed))
		}
	}
	if err := w.removeOneOffsOf(ctx, crashed); err != nil {
		w.Warn("a container of a run that was killed may go on: %s", err)
	}
}

// removeOneOffsOf removes the one-offs of a dead lock holder, and stops the one-off to keep.
func (w *worker) removeOneOffsOf(ctx context.Context, crashed HolderInfo) error {
	if crashed.Owner == "" || crashed.Project == "" {
		return nil
	}
	if w.Engine == nil {
		return errors.New("there is no engine to ask")
	}
	all, err := w.Engine.ProjectContainers(ctx, crashed.Project)
	if err != nil {
		return err
	}
	var errs []error
	remover, claim := newRemover(w.Env), planner.OneOffClaim(crashed.Project)
	for _, c := range all {
		switch {
		case !c.IsOneOff():
		case c.Labels[observed.LabelOwner] == crashed.Owner:
			errs = append(errs, remover.StopAndRemove(ctx, removal.Request{Container: c, Claim: claim, IsKill: true}))
		case c.Labels[observed.LabelStarter] == crashed.Owner && c.Labels[observed.LabelTask] == crashed.Task:
			errs = append(errs, remover.StopAndRemove(
				ctx, removal.Request{Container: c, Claim: claim, IsKill: true, IsStopOnly: true},
			))
		}
	}
	return errors.Join(errs...)
}
