package executor

import (
	"context"

	"tasks/hclspec"
	"tasks/planner"
)

// Records tell whether a task is up to date, by what was kept when it last succeeded. internal/fingerprint has them.
type Records interface {
	Look(ctx context.Context, q planner.Question) (Sight, error)
	// Void lets a task not be up to date until it succeeds again. It is called before a run, which may be killed, and after one
	// that has failed: another run may have succeeded meanwhile, but who knows what this one has left behind.
	Void(q planner.Question) error
}

// Sight is what was seen of a task's inputs before its run.
type Sight interface {
	// Reason is why the task is not up to date; empty: it is.
	Reason() string
	// Remember keeps what the look has cost.
	Remember() error
	// Succeeded keeps the record of a run that has succeeded; changed where an input is not as it was before the run.
	Succeeded(ctx context.Context) (changed bool, err error)
}

// unlessUpToDate runs a task whose inputs, or whatever else it is made from, are not as they were when it last succeeded.
// What cannot be told is no reason to fail, but one to run.
func (w *worker) unlessUpToDate(ctx context.Context, task *hclspec.Task, run func() outcome) outcome {
	if w.step.Check == nil || w.cfg.Records == nil {
		return run()
	}
	question, diags := w.step.Check.Question(w.facts)
	if diags.HasErrors() {
		return outcome{err: &DiagnosticsError{Diagnostics: diags}}
	}
	sight, err := w.cfg.Records.Look(ctx, question)
	if err == nil {
		err = sight.Remember()
	}
	switch {
	case ctx.Err() != nil:
		return outcome{err: context.Cause(ctx)}
	case err != nil:
		w.warn("it runs, because whether it is up to date cannot be told: %v", err)
	case w.step.Check.Always:
	case sight.Reason() == "":
		return w.skip(ctx, task)
	default:
		w.progress("it runs because " + sight.Reason())
	}
	w.void(question)
	o := run()
	switch {
	case o.err != nil || o.code != 0 || ctx.Err() != nil || w.control.asked():
		w.void(question)
	case err == nil:
		w.keep(ctx, sight)
	}
	return o
}

// void forgets an earlier success.
func (w *worker) void(q planner.Question) {
	if err := w.cfg.Records.Void(q); err != nil {
		w.warn("it may be taken for up to date the next time, though this run fails: %v. Run it with --force then", err)
	}
}

// keep keeps the record of a success.
func (w *worker) keep(ctx context.Context, sight Sight) {
	changed, err := sight.Succeeded(ctx)
	switch {
	case err != nil && ctx.Err() == nil:
		w.warn("it will run again the next time: %v", err)
	case changed:
		w.warn("an input has changed during the run, so that it will run again the next time")
	}
}

// skip ends the step of a task that is up to date. Its container was made when that could not be known yet.
func (w *worker) skip(ctx context.Context, task *hclspec.Task) outcome {
	o := outcome{verb: planner.Skip, learn: learnTask(task, 0, nil)}
	if w.created != nil && w.created.remove {
		run := &oneOffRun{worker: w, container: w.created, task: task}
		o.removed = run.remove(ctx)
	}
	return o
}
