package command

import (
	"context"
	"fmt"

	"tasks/executor/step"
)

// detach starts the container and leaves it running, as `docker-compose run
// --detach` does. The container's name is the only output.
func (o *oneOffRun) detach(ctx context.Context) step.Outcome {
	if err := o.Engine.StartContainer(ctx, o.container.ID); err != nil {
		err = o.startError(ctx, err)
		return step.Outcome{Err: err, Code: commandExitCode(err)}
	}
	o.container.IsStarted = true
	o.Emit(step.CommandStarted{})
	if _, err := fmt.Fprintln(o.streams.Out, o.container.Name); err != nil {
		return step.Outcome{Err: fmt.Errorf("container %s runs, but its name could not be printed: %w", o.container.Name, err)}
	}
	o.isDetached = true
	hooks, cancel := o.startPostStartHooks(ctx)
	err := o.waitHooks(ctx, hooks, cancel)
	return step.Outcome{Err: err, ApplyFacts: RecordResult(o.task, 0, o.capture)}
}
