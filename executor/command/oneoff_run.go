package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"tasks/executor/engine"
	"tasks/executor/removal"
	"tasks/executor/step"
	"tasks/hclspec"
	"tasks/planner"
)

// CreateOneOff creates the container of a task. The dependencies of the task may not have started yet.
func (r *Runner) CreateOneOff(ctx context.Context, a *planner.CreateOneOff) step.Outcome {
	if takeStandby(ctx, r, a) != nil {
		return step.Outcome{}
	}
	_, err := r.createOneOffContainer(ctx, a)
	return step.Outcome{Err: err}
}

// createOneOffContainer creates a container for a task, and records it in the ledger.
func (r *Runner) createOneOffContainer(ctx context.Context, a *planner.CreateOneOff) (*step.OneOff, error) {
	terminal := r.Observer.TerminalOf(a.Task)
	spec, diags := a.Spec(r.Facts, terminal != nil, r.NewSlug())
	if diags.HasErrors() {
		return nil, &step.DiagnosticsError{Diagnostics: diags}
	}
	if terminal != nil && spec.TTY {
		spec.Rows, spec.Columns, _ = terminal.Size() // without a size the terminal is resized later
	}
	spec, err := engine.Prepare(ctx, r.Engine, spec, r.Progress)
	if err != nil {
		return nil, fmt.Errorf("creating the container of task %s: %w", a.Task.Name, err)
	}
	call, cancel := r.Uncancelled(ctx)
	defer cancel()
	id, err := r.Engine.CreateContainer(call, spec)
	var container *step.OneOff
	if id != "" {
		container = recordOneOff(r, a.Task, id, spec, nil)
	}
	if engine.IsConflict(err) && a.Task.ContainerName != "" {
		return nil, fmt.Errorf(
			"the name %s is taken by another container: remove that one, or choose another name: %w", spec.Name, err,
		)
	}
	if err != nil {
		return nil, engine.Explain(err, "creating the container of task %s", a.Task.Name)
	}
	return container, nil
}

// recordOneOff records the container of a task in the ledger. held is the waiting process of a standby, or nil.
func recordOneOff(
	r *Runner, task *hclspec.Task, id string, spec planner.ContainerSpec, held *step.Held,
) *step.OneOff {
	container := &step.OneOff{
		ID: id, Name: spec.Name, Held: held, Step: r.StepID, TTY: spec.TTY, Stdin: spec.StdinOpen,
		RemoveAfterRun: task.RM && !task.Detach, GracePeriod: stopGracePeriod(spec),
		PostStart: spec.Service.PostStart, Ports: spec.Service.Ports, Locate: spec.Locate,
	}
	if !task.ServicePorts && spec.Locate != nil {
		container.Locate = func(path ...string) string {
			if path[0] == "ports" {
				return hclspec.PlaceText(task.Ranges["ports"])
			}
			return spec.Locate(path...)
		}
	}
	r.Record(step.Entry{
		Kind: step.OneOffEntry, ID: id, Name: spec.Name, HasOtherName: held != nil, OneOff: container,
	})
	return container
}

// stopGracePeriod is the stop_grace_period of a one-off; 0: none.
func stopGracePeriod(spec planner.ContainerSpec) time.Duration {
	if spec.Service.StopGracePeriod == nil {
		return 0
	}
	return time.Duration(*spec.Service.StopGracePeriod)
}

// resolvedTask is a task with its run-time values. The streams need its secrets.
// The container was made with the same values.
func (r *Runner) resolvedTask(task *hclspec.Task) *hclspec.Task {
	if resolved, diags := task.Resolve(r.Facts.Results()); !diags.HasErrors() {
		return resolved
	}
	return task
}

// runOneOff starts the container of a task and waits for its end.
func (r *Runner) runOneOff(ctx context.Context, a *planner.RunOneOff) (outcome step.Outcome) {
	o := &oneOffRun{Runner: r, container: r.OneOff, task: a.Task}
	o.streams, o.capture = captureOutput(r.Observer.StreamsOf(r.resolvedTask(a.Task)), a.Task)
	defer func() { outcome = o.streams.close(outcome) }()
	start := newOutputStart()
	o.streams.Out, o.streams.Err = start.of(o.streams.Out), start.of(o.streams.Err)
	if a.Task.Detach {
		return o.detach(ctx)
	}
	if err := o.start(ctx, start.begun); err != nil {
		return step.Outcome{Err: err, Code: commandExitCode(err)}
	}
	defer o.end()
	PrepareStandby(r, a, true, start.begun)
	hooks, cancelHooks := o.startPostStartHooks(ctx)
	code, err := o.waitExit(ctx)
	start.begin()
	if hookErr := o.waitHooks(ctx, hooks, cancelHooks); err == nil && code == 0 {
		err = hookErr
	}
	result := step.Outcome{Code: code, ApplyFacts: RecordResult(a.Task, code, o.capture)}
	_, result.IsLost = errors.AsType[*lostError](err)
	switch {
	case err != nil || code == 0:
	case code == engine.CodeKilled:
		result.ExitReason, result.IsLost, err = o.exitReason(ctx)
	default:
		result.ExitReason = start.exitReason()
	}
	if !result.IsLost {
		err = cmp.Or(err, r.fetchOutputs(ctx, o.container.ID, a.Task))
	}
	result.Err = err
	if o.container.RemoveAfterRun && (err == nil || IsTimeout(err)) {
		result.Removed = o.removeEnded(ctx, code >= codeSignal)
	}
	PrepareStandby(r, a, false, nil)
	return result
}

// fetchOutputs copies the outputs of a command from its container, if the engine has them on another machine. A failed
// command has outputs too.
func (r *Runner) fetchOutputs(ctx context.Context, container string, task *hclspec.Task) error {
	fetcher, isRemote := r.Engine.(engine.OutputFetcher)
	if !isRemote || len(task.Outputs) == 0 || ctx.Err() != nil {
		return nil
	}
	files, err := fetcher.FetchOutputs(ctx, container, task.Dir, task.Outputs)
	if err != nil {
		return fmt.Errorf("the outputs of task %s: %w", task.Name, err)
	}
	r.Progress(fmt.Sprintf("outputs have come back: %d", files))
	return nil
}

// codeSignal is the first exit code of a command that a signal has ended.
const codeSignal = 128

// removeEnded is RemoveOneOff. A signal may be from an engine that is being stopped, and such an engine keeps volumes.
func (r *Runner) removeEnded(ctx context.Context, bySignal bool) (removed []string) {
	remover := r.remover()
	if bySignal {
		remover.Volumes = r.VolumeJournal
	}
	return r.removeOneOff(ctx, remover)
}

// exitReason asks the engine why the container was killed; empty: the engine does not know. isLost reports whether
// another program has removed the container.
// The loss of the node is an error: a stopping engine kills its containers first.
func (o *oneOffRun) exitReason(ctx context.Context) (reason string, isLost bool, err error) {
	ctx, cancel := o.Uncancelled(ctx)
	defer cancel()
	state, err := o.Engine.InspectContainer(ctx, o.container.ID)
	switch {
	case engine.IsNotFound(err), err == nil && state.State.IsLost():
		return removedReason, true, nil
	case engine.IsNodeLost(err):
		return "", true, &lostError{err}
	case err != nil:
		return "", false, nil
	}
	return state.ExitReason(), false, nil
}

// removedReason is the reason for the end of a command after the removal of its container.
const removedReason = "another program has removed its container"

// lostError is the failure of a command without a known end: the connection broke, or the engine does not know the
// container any more. The command may have run.
type lostError struct{ err error }

func (e *lostError) Error() string { return "the engine lost the container: " + e.err.Error() }
func (e *lostError) Unwrap() error { return e.err }

// RemoveOneOff removes the container at once, and returns its id. After a failure the cleanup tries again, and reports
// the failure.
func (r *Runner) RemoveOneOff(ctx context.Context) (removed []string) {
	return r.removeOneOff(ctx, r.remover())
}

func (r *Runner) removeOneOff(ctx context.Context, remover removal.Remover) (removed []string) {
	ctx, cancel := r.Uncancelled(ctx)
	defer cancel()
	if err := remover.RemoveOneOff(ctx, r.Project, r.OneOff.ID); err != nil {
		return nil
	}
	r.OneOff.IsRemoved = true
	return []string{r.OneOff.ID}
}
