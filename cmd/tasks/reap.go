package main

import (
	"context"

	"tasks/executor"
	"tasks/executor/command"
	"tasks/hclspec"
	"tasks/planner"
)

// reapObserver tells what is removed of what dead runs have left.
type reapObserver struct {
	app *app
	// removed are the ids of containers.
	removed map[string]bool
}

// reap removes what dead runs have left, and returns the ids of the containers among that. What cannot be removed is told of.
func (a *app) reap(ctx context.Context, cfg executor.Config, plan *planner.Plan) (removed map[string]bool) {
	observer := &reapObserver{app: a, removed: map[string]bool{}}
	cfg.Observer = observer
	executor.NewSession(cfg).Run(ctx, plan, nil)
	return observer.removed
}

// Notice implements [executor.Observer].
func (r *reapObserver) Notice(n executor.Notice) {
	switch {
	case n.Kind == executor.Warned && n.Err != nil:
		r.app.printWarning(n.Err.Error())
	case n.Kind == executor.Warned:
		r.app.printWarning(n.Text)
	case n.Kind == executor.Done && n.Verb == planner.Remove:
		kind, name := n.Step.Subject()
		r.app.printer.PrintRemoved(kind, name, n.Step.Reason.String())
		if c, ok := n.Step.Action.(*planner.RemoveContainer); ok {
			r.removed[c.Container.ID] = true
		}
	}
}

// StreamsOf and TerminalOf implement [executor.Observer]: no task runs.
func (r *reapObserver) StreamsOf(*hclspec.Task) command.Streams   { return command.Streams{} }
func (r *reapObserver) TerminalOf(*hclspec.Task) command.Terminal { return nil }
