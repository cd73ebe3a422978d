package executor

import (
	"context"

	"tasks/executor/command"
	"tasks/executor/step"
	"tasks/hclspec"
	"tasks/planner"
)

// Fingerprints decide whether a task is up to date, by the record of its last
// success. internal/fingerprint implements Fingerprints.
type Fingerprints interface {
	Check(ctx context.Context, q planner.UpToDateQuery) (Freshness, error)
	// Invalidate makes a task out of date until its next success. It precedes a run,
	// because a run may be killed. It also follows a failed run: another run may have
	// succeeded in between, but the failed run may have left anything behind.
	Invalidate(q planner.UpToDateQuery) error
}

// Freshness is the state of a task's inputs before its run.
type Freshness interface {
	// Reason is the reason for a run; empty: the task is up to date.
	Reason() string
	// Remember stores the computed hashes.
	Remember() error
	// Succeeded stores the record of a success; changed reports whether an input has changed during the run.
	Succeeded(ctx context.Context) (changed bool, err error)
}

// runUnlessUpToDate runs a task, unless its inputs and its configuration are as at
// the last success. An unknown state is a reason to run, not to fail. A shard without items does not run either.
func (w *worker) runUnlessUpToDate(ctx context.Context, task *hclspec.Task, run func() step.Outcome) step.Outcome {
	if task.Shard.Count > 0 && len(task.Deferred) > 0 {
		if resolved, diags := task.Resolve(w.facts.Results()); !diags.HasErrors() && resolved.DisabledReason != "" {
			o := w.skipTask(ctx, task)
			o.SkipReason = resolved.DisabledReason
			return o
		}
	}
	if w.step.Check == nil || w.cfg.Fingerprints == nil {
		return run()
	}
	query, diags := w.step.Check.Query(w.facts)
	if diags.HasErrors() {
		return step.Outcome{Err: &step.DiagnosticsError{Diagnostics: diags}}
	}
	freshness, err := w.cfg.Fingerprints.Check(ctx, query)
	if err == nil {
		err = freshness.Remember()
	}
	switch {
	case ctx.Err() != nil:
		return step.Outcome{Err: context.Cause(ctx)}
	case err != nil:
		w.Warn("it runs: cannot tell whether it is up to date: %v", err)
	case w.step.Check.AlwaysRun:
	case freshness.Reason() == "":
		return w.skipTask(ctx, task)
	default:
		w.Progress("not up to date: " + freshness.Reason())
	}
	w.invalidate(query)
	o := run()
	switch {
	case o.Err != nil || o.Code != 0 || ctx.Err() != nil || w.control.IsAskedToEnd():
		w.invalidate(query)
	case err == nil:
		w.saveSuccess(ctx, freshness)
	}
	return o
}

// invalidate forgets an earlier success.
func (w *worker) invalidate(q planner.UpToDateQuery) {
	if err := w.cfg.Fingerprints.Invalidate(q); err != nil {
		w.Warn("it may be taken for up to date the next time, though this run fails: %v. Run it with --force then", err)
	}
}

// saveSuccess stores the record of a success.
func (w *worker) saveSuccess(ctx context.Context, freshness Freshness) {
	changed, err := freshness.Succeeded(ctx)
	switch {
	case err != nil && ctx.Err() == nil:
		w.Warn("it will run again the next time: %v", err)
	case changed:
		w.Warn("an input has changed during the run, so that it will run again the next time")
	}
}

// skipTask ends the step of a task that is up to date, or has nothing to do. An earlier step made the container, before
// the state was known.
func (w *worker) skipTask(ctx context.Context, task *hclspec.Task) step.Outcome {
	o := step.Outcome{Verb: planner.Skip, ApplyFacts: command.RecordResult(task, 0, nil)}
	if w.oneOff != nil && w.oneOff.RemoveAfterRun {
		o.Removed = w.runner().RemoveOneOff(ctx)
	}
	if action, isOneOff := w.step.Action.(*planner.RunOneOff); isOneOff {
		command.PrepareStandby(w.runner(), action, false, nil)
	}
	return o
}
