package executor

import (
	"context"
	"fmt"
	"time"

	"tasks/hclspec"
	"tasks/planner"
)

// createOneOff creates the container of a task; its dependencies may still be starting.
func (w *worker) createOneOff(ctx context.Context, a *planner.CreateOneOff) outcome {
	_, err := w.newOneOff(ctx, a)
	return outcome{err: err}
}

// newOneOff creates a container for a task, and enters it into the ledger.
func (w *worker) newOneOff(ctx context.Context, a *planner.CreateOneOff) (*created, error) {
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
	var container *created
	if id != "" {
		container = &created{
			id: id, name: spec.Name, step: w.step.ID, tty: spec.TTY, stdin: spec.StdinOpen,
			remove: a.Task.RM && !a.Task.Detach, grace: graceOf(spec), postStart: spec.Service.PostStart,
		}
		w.made(entry{kind: oneOffMade, id: id, name: spec.Name, oneOff: container})
	}
	if IsConflict(err) && a.Task.ContainerName != "" {
		return nil, fmt.Errorf("the name %s is taken by another container: remove that one, or choose another name: %w", spec.Name, err)
	}
	if err != nil {
		return nil, fmt.Errorf("creating the container of task %s: %w", a.Task.Name, err)
	}
	return container, nil
}

// graceOf is the stop_grace_period of a one-off; 0: none is given.
func graceOf(spec planner.ContainerSpec) time.Duration {
	if spec.Service.StopGracePeriod == nil {
		return 0
	}
	return time.Duration(*spec.Service.StopGracePeriod)
}

// resolved is a task with its run-time values, whose secrets its streams have to know. Its container was made of them.
func (w *worker) resolved(task *hclspec.Task) *hclspec.Task {
	if whole, diags := task.Resolve(w.facts.Results()); !diags.HasErrors() {
		return whole
	}
	return task
}

// runOneOff starts the container of a task and stays with it to its end.
func (w *worker) runOneOff(ctx context.Context, a *planner.RunOneOff) outcome {
	o := &oneOffRun{worker: w, container: w.created, task: a.Task}
	o.streams, o.captured = captured(w.cfg.Observer.StreamsOf(w.resolved(a.Task)), a.Task)
	defer o.streams.Close()
	if a.Task.Detach {
		return o.detach(ctx)
	}
	if err := o.start(ctx); err != nil {
		return outcome{err: err, code: codeIfCommand(err)}
	}
	defer o.end()
	hooks, cancelHooks := o.postStartBeside(ctx)
	code, err := o.stay(ctx)
	if hookErr := o.hooksEnded(ctx, hooks, cancelHooks); err == nil && code == 0 {
		err = hookErr
	}
	result := outcome{code: code, err: err, learn: learnTask(a.Task, code, o.captured)}
	if o.container.remove && (err == nil || isTimeout(err)) {
		result.removed = o.remove(ctx)
	}
	return result
}

// remove takes the container away at once. What fails here is tried again, and told of, by the cleanup.
func (o *oneOffRun) remove(ctx context.Context) []string {
	ctx, cancel := o.uncancelled(ctx)
	defer cancel()
	if err := o.cfg.Engine.RemoveContainer(ctx, o.container.id, RemoveVolumes); err != nil {
		return nil
	}
	o.container.gone = true
	return []string{o.container.id}
}
