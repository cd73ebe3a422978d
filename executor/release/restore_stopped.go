package release

import (
	"context"
	"fmt"

	"tasks/executor/engine"
	"tasks/planner/observed"
)

// findToStop finds the containers of used services without a running command before some run started them.
func (r *releaser) findToStop() {
	if r.cfg.Journal == nil {
		return
	}
	for _, start := range r.cfg.Journal.StartEntries(r.project) {
		if _, isUsed := r.services[start.Service]; isUsed {
			r.toStop[start.ID] = start
		}
	}
}

// shouldStop reports whether a container still runs since its recorded start. A container restarted by others is
// theirs, and is left running.
func (r *releaser) shouldStop(ctx context.Context, c *observed.Container) bool {
	start, isToStop := r.toStop[c.ID]
	if !isToStop {
		return false
	}
	state, err := r.cfg.Engine.InspectContainer(ctx, c.ID)
	if err == nil && !state.StartedAt.Equal(start.StartedAt) {
		delete(r.toStop, c.ID)
		err = r.cfg.Journal.ClearStart(c.ID)
	}
	if err != nil && !engine.IsNotFound(err) {
		r.warn(fmt.Sprintf("whether container %s is to be stopped is not known: %s", c.Name, err))
		return false
	}
	_, isToStop = r.toStop[c.ID]
	return isToStop && err == nil
}
