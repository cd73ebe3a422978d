package main

import (
	"tasks/executor"
	"tasks/executor/command"
	"tasks/hclspec"
	"tasks/planner"
)

// cleanupObserver prints the removals of a cleanup.
type cleanupObserver struct{ app *app }

// Notice implements [executor.Observer].
func (o cleanupObserver) Notice(n executor.Notice) {
	switch {
	case n.Kind == executor.Warned && n.Err != nil:
		o.app.printer.PrintWarning(n.Err.Error())
	case n.Kind == executor.Warned:
		o.app.printer.PrintWarning(n.Text)
	case n.Kind == executor.Done && n.Verb == planner.Remove:
		kind, name := n.Step.Subject()
		o.app.printer.PrintRemoved(kind, name, n.Step.Reason.String())
	}
}

// StreamsOf implements [executor.Observer]. No task runs in a cleanup.
func (cleanupObserver) StreamsOf(*hclspec.Task) command.Streams { return command.Streams{} }

// TerminalOf implements [executor.Observer].
func (cleanupObserver) TerminalOf(*hclspec.Task) command.Terminal { return nil }
