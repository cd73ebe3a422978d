package main

import (
	"context"

	"github.com/spf13/cobra"

	"tasks/internal/view"
)

func newPsCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "ps",
		Short: "Show the project's containers, and whose they are; remove what runs that were killed have left",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return runUntilSignal(func(ctx context.Context) error { return runPs(ctx, a) })
		},
	}
}

// runPs performs `tasks ps`: it prints the containers of the project, from tasks and from Compose.
func runPs(ctx context.Context, a *app) error {
	ws, err := a.openByLabels()
	if err != nil {
		return err
	}
	containers, err := ws.ListContainers(ctx, cleanupObserver{a})
	if err := a.report(ws, nil, err); err != nil {
		return err
	}
	return view.PrintContainers(a.printer, containers)
}
