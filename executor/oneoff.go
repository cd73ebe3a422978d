package executor

import (
	"context"
	"fmt"
	"time"

	"tasks/executor/engine"
	"tasks/executor/step"
	"tasks/hclspec"
	"tasks/planner"
)

// createOneOff creates the container of a task; its dependencies may still be starting.
func (w *worker) createOneOff(ctx context.Context, a *planner.CreateOneOff) step.Outcome {
	_, err := w.createOneOffContainer(ctx, a)
	return step.Outcome{Err: err}
}

// createOneOffContainer creates a container for a task, and enters it into the ledger.
func (w *worker) createOneOffContainer(ctx context.Context, a *planner.CreateOneOff) (*step.OneOff, error) {
	terminal := w.cfg.Observer.TerminalOf(a.Task)
	spec, diags := a.Spec(w.facts, terminal != nil, w.NewSlug())
	if diags.HasErrors() {
		return nil, &step.DiagnosticsError{Diagnostics: diags}
	}
	if terminal != nil && spec.TTY {
		spec.Rows, spec.Columns, _ = terminal.Size() // without one it is resized later
	}
	call, cancel := w.Uncancelled(ctx)
	defer cancel()
	id, err := w.Engine.CreateContainer(call, spec)
	var container *step.OneOff
	if id != "" {
		container = &step.OneOff{
			ID: id, Name: spec.Name, Step: w.step.ID, TTY: spec.TTY, Stdin: spec.StdinOpen,
			RemoveAfterRun: a.Task.RM && !a.Task.Detach, GracePeriod: stopGracePeriod(spec), PostStart: spec.Service.PostStart,
		}
		w.Record(step.Entry{Kind: step.OneOffEntry, ID: id, Name: spec.Name, OneOff: container})
	}
	if engine.IsConflict(err) && a.Task.ContainerName != "" {
		return nil, fmt.Errorf("the name %s is taken by another container: remove that one, or choose another name: %w", spec.Name, err)
	}
	if err != nil {
		return nil, fmt.Errorf("creating the container of task %s: %w", a.Task.Name, err)
	}
	return container, nil
}

// stopGracePeriod is the stop_grace_period of a one-off; 0: none is given.
func stopGracePeriod(spec planner.ContainerSpec) time.Duration {
	if spec.Service.StopGracePeriod == nil {
		return 0
	}
	return time.Duration(*spec.Service.StopGracePeriod)
}

// resolvedTask is a task with its run-time values, whose secrets its streams have to know. Its container was made of them.
func (w *worker) resolvedTask(task *hclspec.Task) *hclspec.Task {
	if resolved, diags := task.Resolve(w.facts.Results()); !diags.HasErrors() {
		return resolved
	}
	return task
}

// runOneOff starts the container of a task and stays with it to its end.
func (w *worker) runOneOff(ctx context.Context, a *planner.RunOneOff) step.Outcome {
	o := &oneOffRun{worker: w, container: w.oneOff, task: a.Task}
	o.streams, o.capture = captureOutput(w.cfg.Observer.StreamsOf(w.resolvedTask(a.Task)), a.Task)
	defer o.streams.Close()
	if a.Task.Detach {
		return o.detach(ctx)
	}
	if err := o.start(ctx); err != nil {
		return step.Outcome{Err: err, Code: commandExitCode(err)}
	}
	defer o.end()
	hooks, cancelHooks := o.startPostStartHooks(ctx)
	code, err := o.waitExit(ctx)
	if hookErr := o.waitHooks(ctx, hooks, cancelHooks); err == nil && code == 0 {
		err = hookErr
	}
	result := step.Outcome{Code: code, Err: err, ApplyFacts: recordTaskResult(a.Task, code, o.capture)}
	if o.container.RemoveAfterRun && (err == nil || isTimeout(err)) {
		result.Removed = o.removeOneOff(ctx)
	}
	return result
}

// remove takes the container away at once. What fails here is tried again, and told of, by the cleanup.
func (o *oneOffRun) removeOneOff(ctx context.Context) []string {
	ctx, cancel := o.Uncancelled(ctx)
	defer cancel()
	if err := o.remover().RemoveOwn(ctx, o.container.ID, engine.RemoveVolumes); err != nil {
		return nil
	}
	o.container.IsRemoved = true
	return []string{o.container.ID}
}
