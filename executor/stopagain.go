package executor

import (
	"context"

	"tasks/planner"
)

// findMarked finds the containers of services in use that were down before some run started them.
func (l *leaving) findMarked() {
	if l.cfg.Containers == nil {
		return
	}
	for _, start := range l.cfg.Containers.Starts(l.project) {
		if _, used := l.services[start.Service]; used {
			l.marked[start.ID] = start
		}
	}
}

// stopsAgain says that a container still runs since the start that was noted. One that somebody else has started since is his.
func (l *leaving) stopsAgain(ctx context.Context, c *planner.ObservedContainer) bool {
	start, marked := l.marked[c.ID]
	if !marked {
		return false
	}
	state, err := l.cfg.Engine.InspectContainer(ctx, c.ID)
	if err == nil && !state.Started.Equal(start.At) {
		delete(l.marked, c.ID)
		err = l.cfg.Containers.Stopped(c.ID)
	}
	if err != nil && !IsNotFound(err) {
		l.warn("whether container %s is to be stopped is not known: %s", c.Name, err)
		return false
	}
	_, marked = l.marked[c.ID]
	return marked && err == nil
}
