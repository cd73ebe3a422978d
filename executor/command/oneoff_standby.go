package command

import (
	"context"
	"errors"
	"io"

	"tasks/executor/engine"
	"tasks/executor/standby"
	"tasks/executor/step"
	"tasks/planner"
)

// errStandbyLost reports a standby that could not become the command of the task. The command has not begun.
var errStandbyLost = errors.New("the standby is lost")

// takeStandby takes the standby of a task for this run, and records the container; nil: there is none for this
// configuration.
func takeStandby(ctx context.Context, r *Runner, a *planner.CreateOneOff) *step.OneOff {
	if r.Standbys == nil {
		return nil
	}
	taken := r.Standbys.Take(ctx, a.Task.Name, specOf(r, a))
	if taken == nil {
		return nil
	}
	return recordOneOff(r, a.Task, taken.ID, taken.Spec, taken.Held)
}

// specOf returns the function that completes the container of a task with the facts of this run.
func specOf(r *Runner, a *planner.CreateOneOff) standby.SpecFunc {
	hasTerminal := r.Observer.TerminalOf(a.Task) != nil
	return func(slug string) (planner.ContainerSpec, bool) {
		spec, diags := a.Spec(r.Facts, hasTerminal, slug)
		return spec, !diags.HasErrors()
	}
}

// PrepareStandby makes the container of the next run. isRunning reports whether the container of this run is there.
// outputBegun is closed at the first output of the command; nil: no command runs.
func PrepareStandby(r *Runner, a *planner.RunOneOff, isRunning bool, outputBegun <-chan struct{}) {
	if r.Standbys == nil || r.Control.IsAskedToEnd() {
		return
	}
	r.Standbys.Prepare(standby.Request{
		Task: a.Task.Name, Project: r.Project, IsPrivate: r.IsPrivate, IsRunning: isRunning,
		Spec: specOf(r, r.createActionOf(a)), Images: r.Facts.LocalImages, DetachKeys: r.detachKeys(),
		OutputBegun: outputBegun,
	})
}

// release makes the command of a standby begin.
func (o *oneOffRun) release(ctx context.Context, outputBegun <-chan struct{}) error {
	held := o.container.Held
	o.attachment, o.exit = held.Attachment, held.Exit
	o.undo = append(o.undo, held.Close)
	switch err := held.Release(ctx, outputBegun); {
	case engine.IsConflict(err) || engine.IsNotFound(err):
		return errStandbyLost
	case err != nil:
		return err
	}
	refusal := &refusalFilter{refusal: held.Refusal, next: o.streams.Err}
	if o.container.TTY {
		refusal.next, o.streams.Out = o.streams.Out, refusal
	} else {
		o.streams.Err = refusal
	}
	o.refusal = refusal
	return nil
}

// refusalFilter keeps the refusal of a standby from the output of the command. Output of a command may begin like the
// refusal. The filter writes such a beginning with the next byte.
type refusalFilter struct {
	refusal string
	next    io.Writer
	// matched is the number of equal bytes at the beginning of the output; -1: the output differs.
	matched int
}

// Write implements [io.Writer].
func (f *refusalFilter) Write(p []byte) (int, error) {
	rest := p
	for f.matched >= 0 && len(rest) > 0 {
		if f.matched < len(f.refusal) && rest[0] == f.refusal[f.matched] {
			f.matched++
			rest = rest[1:]
			continue
		}
		if err := f.giveBack(); err != nil {
			return 0, err
		}
	}
	if len(rest) > 0 {
		if n, err := f.next.Write(rest); err != nil {
			return len(p) - len(rest) + n, err
		}
	}
	return len(p), nil
}

// giveBack writes the beginning of the refusal as the output of the command.
func (f *refusalFilter) giveBack() error {
	held := f.refusal[:max(f.matched, 0)]
	f.matched = -1
	if held == "" {
		return nil
	}
	_, err := io.WriteString(f.next, held)
	return err
}

// isRefused reports whether the whole output is the refusal. Any other held output is written.
func (f *refusalFilter) isRefused() (bool, error) {
	if f == nil {
		return false, nil
	}
	if f.matched == len(f.refusal) {
		return true, nil
	}
	return false, f.giveBack()
}
