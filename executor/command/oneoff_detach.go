package command

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"tasks/executor/step"
)

// detach starts the container and leaves it running, as `docker-compose run
// --detach` does. The container's name is the only output. Without a reader of the name
// the container runs all the same.
func (o *oneOffRun) detach(ctx context.Context) step.Outcome {
	if err := o.Engine.StartContainer(ctx, o.container.ID); err != nil {
		err = o.startError(ctx, err)
		return step.Outcome{Err: err, Code: commandExitCode(err)}
	}
	o.container.IsStarted = true
	o.Emit(step.CommandStarted{})
	code := 0
	_, printErr := fmt.Fprintln(o.streams.Out, o.container.Name)
	switch {
	case errors.Is(printErr, syscall.EPIPE):
		code = CodeReaderGone
	case printErr != nil:
		return step.Outcome{Err: fmt.Errorf(
			"container %s runs, but its name could not be printed: %w", o.container.Name, printErr,
		)}
	}
	o.isDetached = true
	hooks, cancel := o.startPostStartHooks(ctx)
	err := o.waitHooks(ctx, hooks, cancel)
	return step.Outcome{Code: code, Err: err, ApplyFacts: RecordResult(o.task, code, o.capture)}
}
