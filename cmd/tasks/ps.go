package main

import (
	"context"
	"slices"

	"github.com/containerd/errdefs"
	"github.com/spf13/cobra"

	"tasks/executor"
	"tasks/internal/state"
	"tasks/internal/view"
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
	a.tellForeign(ws.Inputs.Root)
	a.killOrphanedExecs(ctx, a.killOrphans(ws.Inputs.Root))
	root := ws.Inputs.Root
	journal := a.containerJournal(root)
	entries := journal.Entries()
	observed, err := journal.Snapshot(ctx, engine, planner.Query{Project: project.Name(), Original: project.Name(), WithRunResources: true}, entries, true)
	if err != nil {
		return err
	}
	cfg := executor.Config{Engine: engine, Locks: Locker{state.OpenProjectDir(root), a.sharedDir()}, Leases: a.projectLeases(root), ContainerJournal: journal}
	removed := a.reap(ctx, cfg, planner.PlanCrashCleanup(observed, project.Name(), OwnershipFrom(entries)))
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
