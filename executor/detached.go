package executor

import (
	"context"
	"fmt"

	"tasks/planner"
)

// detach starts the container and leaves it, as `docker-compose run --detach` does: its name is all that is printed.
func (o *oneOffRun) detach(ctx context.Context) outcome {
	if err := o.cfg.Engine.StartContainer(ctx, o.container.id); err != nil {
		err = o.startError(ctx, err)
		return outcome{err: err, code: codeIfCommand(err)}
	}
	o.container.started = true
	o.send <- outcome{id: o.step.ID, commandStarted: true}
	if _, err := fmt.Fprintln(o.streams.Out, o.container.name); err != nil {
		return outcome{err: fmt.Errorf("container %s runs, but its name could not be printed: %w", o.container.name, err)}
	}
	o.left = true
	hooks, cancel := o.postStartBeside(ctx)
	err := o.hooksEnded(ctx, hooks, cancel)
	return outcome{err: err, learn: learnTask(o.task, 0, o.captured)}
}

// removeOrphan takes away a container that belongs to no service, or no run, any more.
func (w *worker) removeOrphan(ctx context.Context, a *planner.RemoveOrphan) outcome {
	away := takeDown
	if a.Kill {
		away = func(ctx context.Context, engine Engine, id string) error {
			return engine.RemoveContainer(ctx, id, RemoveVolumes)
		}
	}
	if err := away(ctx, w.cfg.Engine, a.Have.ID); err != nil {
		return outcome{err: fmt.Errorf("container %s: %w", a.Have.Name, err)}
	}
	return outcome{}
}
