package main

import (
	"context"

	"github.com/spf13/cobra"

	"tasks/internal/view"
)

// psOptions are the flags of `tasks ps`.
type psOptions struct{ isJSON, isQuiet bool }

func newPsCommand(a *app) *cobra.Command {
	var options psOptions
	cmd := &cobra.Command{
		Use: "ps [flags] [SERVICE...]",

		ValidArgsFunction: completer{a}.completeRemainingServices,

		Short: "Show the project's containers, and whose they are; remove what runs that were killed have left",
		RunE: func(_ *cobra.Command, services []string) error {
			return a.runUntilSignal(func(ctx context.Context) error { return runPs(ctx, a, services, options) })
		},
	}
	cmd.Flags().BoolVar(&options.isJSON, "json", false, "print JSON")
	cmd.Flags().BoolVarP(&options.isQuiet, "quiet", "q", false, "print only the ids of the containers")
	cmd.MarkFlagsMutuallyExclusive("json", "quiet")
	return cmd
}

// runPs performs `tasks ps`: it prints the containers of the project, from tasks and from Compose.
func runPs(ctx context.Context, a *app, services []string, options psOptions) error {
	ws, err := a.openByLabels()
	if err != nil {
		return err
	}
	found, err := ws.ListContainers(ctx, services, cleanupObserver{a})
	if err := a.report(ws, nil, err); err != nil {
		return err
	}
	list := view.ContainerList(found)
	switch {
	case options.isJSON:
		return list.PrintJSON(a.printer)
	case options.isQuiet:
		return list.PrintIDs(a.printer)
	}
	return list.PrintTable(a.printer)
}
