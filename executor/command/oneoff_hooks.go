package command

import (
	"context"
	"time"

	"tasks/executor/engine"
	"tasks/executor/hook"
	"tasks/executor/step"
)

// startPostStartHooks runs the post_start hooks of a one-off beside its attached
// command. The channel yields the result; cancel stops waiting for a hook.
func (o *oneOffRun) startPostStartHooks(ctx context.Context) (result <-chan *hook.Error, cancel func()) {
	if len(o.container.PostStart) == 0 {
		done := make(chan *hook.Error)
		close(done)
		return done, func() {}
	}
	ctx, cancel = context.WithCancel(ctx)
	done := make(chan *hook.Error, 1)
	o.goRestoring(func() {
		done <- hook.Run(ctx, o.Engine, o.container.ID, o.task.Service, "post_start", o.container.PostStart)
	})
	return done, cancel
}

// waitHooks waits for the hooks of a one-off. The end of the container ends the hooks: an interrupted
// hook is a warning, no failure. The hooks of a detached container have no time limit, until a signal.
func (o *oneOffRun) waitHooks(ctx context.Context, result <-chan *hook.Error, cancel func()) error {
	defer cancel()
	var timeout <-chan time.Time
	if !o.isDetached {
		timeout = time.After(drainTimeout)
	}
	signals, kill := o.Control.Signals, o.Control.Kill
	for {
		select {
		case failed := <-result:
			return o.hookResult(ctx, failed)
		case <-timeout:
			timeout = nil
			cancel()
		case <-kill:
			kill = nil
			cancel()
		case sig := <-signals:
			if step.IsStopSignal(sig) {
				cancel()
			}
		}
	}
}

func (o *oneOffRun) hookResult(ctx context.Context, failed *hook.Error) error {
	switch {
	case failed == nil:
		return nil
	case failed.MayBeInterrupted() && o.hasEnded(ctx):
		o.Warn("service %s: post_start[%d] did not get to its end: the command had ended before", failed.Service, failed.Index)
		return nil
	}
	return failed
}

// hasEnded reports whether the container has ended.
func (o *oneOffRun) hasEnded(ctx context.Context) bool {
	ctx, cancel := o.Uncancelled(ctx)
	defer cancel()
	state, err := o.Engine.InspectContainer(ctx, o.container.ID)
	return engine.IsNotFound(err) || err == nil && !state.State.IsRunning() && state.State != "paused"
}
