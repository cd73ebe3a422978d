package main

import (
	"github.com/spf13/cobra"

	"tasks/internal/view"
)

func newGraphCommand(a *app) *cobra.Command {
	var format graphFormat
	cmd := &cobra.Command{
		Use:   "graph [flags] [TASK]",
		Short: "Show which tasks and services depend on which",

		ValidArgsFunction: completer{a}.completeTask,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := format.check(); err != nil {
				return err
			}
			return runGraph(a, args, format)
		},
	}
	format.add(cmd.Flags())
	return cmd
}

// runGraph performs `tasks graph` for one task, or for all tasks.
func runGraph(a *app, args []string, format graphFormat) error {
	if len(args) > 1 {
		return usageError("which task? Write `tasks graph TASK`, or `tasks graph` for all of them")
	}
	ws, err := a.openWorkspace(a.config().Offline())
	if err != nil {
		return err
	}
	var roots []string
	for _, arg := range args {
		name, diags := ws.File.ResolveTaskName(ws.Inputs, arg)
		if err := a.report(ws, diags, nil); err != nil {
			return err
		}
		roots = append(roots, name)
	}
	dependencies, err := ws.ServiceDependencies()
	if err := a.report(ws, nil, err); err != nil {
		return err
	}
	g := view.TaskGraph(ws.File.TaskSummaries(), dependencies, roots...)
	switch {
	case format.asJSON:
		err = view.PrintJSON(a.printer, g)
	case format.format != "":
		err = view.PrintDrawing(a.printer, g, format.format)
	default:
		err = view.PrintTaskTree(a.printer, g, roots)
	}
	return runFailed(err)
}
