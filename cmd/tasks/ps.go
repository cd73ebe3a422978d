package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/containerd/errdefs"
	"github.com/spf13/cobra"

	"tasks/executor"
	"tasks/internal/composeproject"
	"tasks/internal/coord"
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
	return writeContainers(a.stdout, remaining)
}

func writeContainers(out io.Writer, containers []*planner.ObservedContainer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tSERVICE\tSTATE\tBELONGS TO")
	for _, c := range containers {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", c.Name, cmp.Or(c.Labels[composeproject.LabelService], "-"), stateText(c), ownerText(c))
	}
	return table.Flush()
}

// stateText is "running (healthy)", "exited (3)".
func stateText(c *planner.ObservedContainer) string {
	switch {
	case c.State == "running" && c.Health != "":
		return "running (" + c.Health + ")"
	case c.State == "exited":
		return fmt.Sprintf("exited (%d)", c.ExitCode)
	}
	return string(c.State)
}

// ownerText says whose a container is: the project's, or a run's.
func ownerText(c *planner.ObservedContainer) string {
	return roleText(c) + processText(c.Labels[planner.LabelOwner]) + privateText(c)
}

func roleText(c *planner.ObservedContainer) string {
	switch service := c.Labels[planner.LabelProbe]; {
	case service != "":
		return "a probe of service " + service
	case c.Labels[composeproject.LabelOneOff] == composeproject.OneOffTrue:
		return oneOffText(c)
	case planner.IsTransient(c.Labels):
		return "the runs that use it"
	case c.Labels[planner.LabelOriginal] != "":
		return "a run"
	}
	return "the project"
}

func oneOffText(c *planner.ObservedContainer) string {
	text := "a one-off"
	if task := c.Labels[planner.LabelTask]; task != "" {
		text = "task " + task
	}
	if c.Labels[planner.LabelOwner] == "" {
		text += ", kept"
	}
	return text
}

// processText tells of the process that a label names; nothing, where there is none.
func processText(label string) string {
	if of, ok := coord.ParseOwner(label); ok {
		return fmt.Sprintf(", process %d on %s", of.Pid, of.Host)
	}
	return ""
}

func privateText(c *planner.ObservedContainer) string {
	if c.Labels[planner.LabelOriginal] == "" {
		return ""
	}
	return ", private project " + c.Labels[composeproject.LabelProject]
}
