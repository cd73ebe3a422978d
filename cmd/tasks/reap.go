package main

import (
	"context"
	"fmt"

	"tasks/executor"
	"tasks/hclspec"
	"tasks/planner"
)

// reaper tells what is removed of what dead runs have left.
type reaper struct {
	app *app
	// removed are the ids of containers.
	removed map[string]bool
}

// reap removes what dead runs have left, and returns the ids of the containers among that. What cannot be removed is told of.
func (a *app) reap(ctx context.Context, cfg executor.Config, plan *planner.Plan) (removed map[string]bool) {
	r := &reaper{app: a, removed: map[string]bool{}}
	cfg.Observer = r
	executor.NewSession(cfg).Run(ctx, plan, nil)
	return r.removed
}

// Notice implements [executor.Observer].
func (r *reaper) Notice(n executor.Notice) {
	switch {
	case n.Happening == executor.Warned && n.Err != nil:
		r.app.warn(n.Err.Error())
	case n.Happening == executor.Warned:
		r.app.warn(n.Text)
	case n.Happening == executor.Done && n.Verb == planner.Remove:
		kind, name := n.Step.What()
		fmt.Fprintf(r.app.stderr, "%s %s  removed: %s\n", kind, name, n.Step.Reason)
		if c, ok := n.Step.Action.(*planner.RemoveOrphan); ok {
			r.removed[c.Have.ID] = true
		}
	}
}

// StreamsOf and TerminalOf implement [executor.Observer]: no task runs.
func (r *reaper) StreamsOf(*hclspec.Task) executor.Streams   { return executor.Streams{} }
func (r *reaper) TerminalOf(*hclspec.Task) executor.Terminal { return nil }
