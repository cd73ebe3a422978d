package executor

import (
	"context"
	"fmt"
)

// detach starts the container and leaves it, as `docker-compose run --detach` does: its name is all that is printed.
func (o *oneOffRun) detach(ctx context.Context) outcome {
	if err := o.cfg.Engine.StartContainer(ctx, o.container.id); err != nil {
		err = o.startError(ctx, err)
		return outcome{err: err, code: commandExitCode(err)}
	}
	o.container.isStarted = true
	o.outcomes <- outcome{id: o.step.ID, commandStarted: true}
	if _, err := fmt.Fprintln(o.streams.Out, o.container.name); err != nil {
		return outcome{err: fmt.Errorf("container %s runs, but its name could not be printed: %w", o.container.name, err)}
	}
	o.isDetached = true
	hooks, cancel := o.startPostStartHooks(ctx)
	err := o.waitHooks(ctx, hooks, cancel)
	return outcome{err: err, applyFacts: recordTaskResult(o.task, 0, o.capture)}
}
