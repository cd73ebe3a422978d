package main

import (
	"context"
	"slices"

	"github.com/containerd/errdefs"
	"github.com/spf13/cobra"

	"tasks/executor"
	"tasks/internal/view"
	"tasks/internal/workspace"
	"tasks/planner"
)

func newPsCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "ps",
		Short: "Show the project's containers, and whose they are; remove what runs that were killed have left",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := a.checkVarFlags(); err != nil {
				return err
			}
			return runUntilSignal(a.ps)
		},
	}
}

// ps is `tasks ps`: what runs for the project, from tasks or from Compose.
func (a *app) ps(ctx context.Context) error {
	engine, ws, project, err := a.engineAndProject()
	if err != nil {
		return err
	}
	store := a.coordStore(ws.Inputs.Root)
	a.warnForeign(store)
	a.killOrphans(ctx, store)
	journal := store.Journal()
	entries := journal.ContainerEntries()
	query := planner.Query{Project: project.Name(), Original: project.Name(), WithRunResources: true}
	observed, err := workspace.TakeSnapshot(ctx, engine, journal, query, entries, true)
	if err != nil {
		return &exitError{code: codeRunFailed, err: err}
	}
	cfg := executor.Config{Engine: engine, Locks: store, Leases: store.Leases(), ContainerJournal: journal}
	removed := a.reap(ctx, cfg, planner.PlanCrashCleanup(observed, project.Name(), workspace.OwnershipFrom(entries)))
	remaining := slices.DeleteFunc(slices.Concat(observed.Containers, observed.RunResources.Containers), func(c *planner.ObservedContainer) bool { return removed[c.ID] })
	for i, c := range remaining {
		if c.State != "exited" {
			continue // the list tells all but the exit code
		}
		if inspected, err := engine.InspectContainer(ctx, c.ID); err == nil {
			remaining[i] = &inspected.ObservedContainer
		} else if !errdefs.IsNotFound(err) {
			return &exitError{code: codeRunFailed, err: err}
		}
	}
	return view.PrintContainers(a.printer, remaining)
}
