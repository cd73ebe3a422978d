package executor

import (
	"context"

	"tasks/executor/engine"
	"tasks/planner"
)

// findToStop finds the containers of services in use that were down before some run started them.
func (l *releaser) findToStop() {
	if l.cfg.ContainerJournal == nil {
		return
	}
	for _, start := range l.cfg.ContainerJournal.StartEntries(l.project) {
		if _, isUsed := l.services[start.Service]; isUsed {
			l.toStop[start.ID] = start
		}
	}
}

// shouldStop says that a container still runs since the start that was noted. One that somebody else has started since is his.
func (l *releaser) shouldStop(ctx context.Context, c *planner.ObservedContainer) bool {
	start, isToStop := l.toStop[c.ID]
	if !isToStop {
		return false
	}
	state, err := l.cfg.Engine.InspectContainer(ctx, c.ID)
	if err == nil && !state.StartedAt.Equal(start.StartedAt) {
		delete(l.toStop, c.ID)
		err = l.cfg.ContainerJournal.ClearStart(c.ID)
	}
	if err != nil && !engine.IsNotFound(err) {
		l.warn("whether container %s is to be stopped is not known: %s", c.Name, err)
		return false
	}
	_, isToStop = l.toStop[c.ID]
	return isToStop && err == nil
}
