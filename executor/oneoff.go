package executor

import (
	"context"
	"fmt"
	"time"

	"tasks/executor/engine"
	"tasks/hclspec"
	"tasks/planner"
)

// createOneOff creates the container of a task; its dependencies may still be starting.
func (w *worker) createOneOff(ctx context.Context, a *planner.CreateOneOff) outcome {
	_, err := w.createOneOffContainer(ctx, a)
	return outcome{err: err}
}

// createOneOffContainer creates a container for a task, and enters it into the ledger.
func (w *worker) createOneOffContainer(ctx context.Context, a *planner.CreateOneOff) (*oneOffContainer, error) {
	terminal := w.cfg.Observer.TerminalOf(a.Task)
	spec, diags := a.Spec(w.facts, terminal != nil, w.cfg.NewSlug())
	if diags.HasErrors() {
		return nil, &DiagnosticsError{Diagnostics: diags}
	}
	if terminal != nil && spec.TTY {
		spec.Rows, spec.Columns, _ = terminal.Size() // without one it is resized later
	}
	call, cancel := w.uncancelled(ctx)
	defer cancel()
	id, err := w.cfg.Engine.CreateContainer(call, spec)
	var container *oneOffContainer
	if id != "" {
		container = &oneOffContainer{
			id: id, name: spec.Name, step: w.step.ID, tty: spec.TTY, stdin: spec.StdinOpen,
			removeAfterRun: a.Task.RM && !a.Task.Detach, gracePeriod: stopGracePeriod(spec), postStart: spec.Service.PostStart,
		}
		w.recordEntries(entry{kind: oneOffEntry, id: id, name: spec.Name, oneOff: container})
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
func (w *worker) runOneOff(ctx context.Context, a *planner.RunOneOff) outcome {
	o := &oneOffRun{worker: w, container: w.oneOff, task: a.Task}
	o.streams, o.capture = captureOutput(w.cfg.Observer.StreamsOf(w.resolvedTask(a.Task)), a.Task)
	defer o.streams.Close()
	if a.Task.Detach {
		return o.detach(ctx)
	}
	if err := o.start(ctx); err != nil {
		return outcome{err: err, code: commandExitCode(err)}
	}
	defer o.end()
	hooks, cancelHooks := o.startPostStartHooks(ctx)
	code, err := o.waitExit(ctx)
	if hookErr := o.waitHooks(ctx, hooks, cancelHooks); err == nil && code == 0 {
		err = hookErr
	}
	result := outcome{code: code, err: err, applyFacts: recordTaskResult(a.Task, code, o.capture)}
	if o.container.removeAfterRun && (err == nil || isTimeout(err)) {
		result.removed = o.removeOneOff(ctx)
	}
	return result
}

// remove takes the container away at once. What fails here is tried again, and told of, by the cleanup.
func (o *oneOffRun) removeOneOff(ctx context.Context) []string {
	ctx, cancel := o.uncancelled(ctx)
	defer cancel()
	if err := o.cfg.Engine.RemoveContainer(ctx, o.container.id, engine.RemoveVolumes); err != nil {
		return nil
	}
	o.container.isRemoved = true
	return []string{o.container.id}
}
