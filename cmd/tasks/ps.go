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
	"tasks/internal/owner"
	"tasks/internal/state"
	"tasks/planner"
)

func newPsCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "ps",
		Short: "Show the project's containers, and whose they are; remove what runs that were killed have left",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := a.checkFlags(); err != nil {
				return err
			}
			return untilSignal(a.ps)
		},
	}
}

// ps is `tasks ps`: what runs for the project, from tasks or from Compose.
func (a *app) ps(ctx context.Context) error {
	engine, ws, project, err := a.engineAndProject()
	if err != nil {
		return err
	}
	a.tellForeign(ws.inputs.Root)
	a.endExecs(ctx, a.endOrphans(ws.inputs.Root))
	root := ws.inputs.Root
	notes := a.containerNotes(root)
	noted := notes.read()
	observed, err := notes.snapshot(ctx, engine, planner.Query{Project: project.Name(), Original: project.Name(), Owned: true}, noted, true)
	if err != nil {
		return err
	}
	cfg := executor.Config{Engine: engine, Locks: locks{state.Open(root), a.engineState()}, Leases: a.leasesOf(root), Containers: notes}
	removed := a.reap(ctx, cfg, planner.Reap(observed, project.Name(), ownersWith(noted)))
	rest := slices.DeleteFunc(slices.Concat(observed.Containers, observed.Owned.Containers), func(c *planner.ObservedContainer) bool { return removed[c.ID] })
	for i, c := range rest {
		if c.State != "exited" {
			continue // the list tells all but the exit code
		}
		if state, err := engine.InspectContainer(ctx, c.ID); err == nil {
			rest[i] = &state.ObservedContainer
		} else if !errdefs.IsNotFound(err) {
			return &exitError{code: codeRunFailed, err: err}
		}
	}
	return writeContainers(a.stdout, rest)
}

func writeContainers(out io.Writer, containers []*planner.ObservedContainer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tSERVICE\tSTATE\tBELONGS TO")
	for _, c := range containers {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", c.Name, cmp.Or(c.Labels[composeproject.LabelService], "-"), stateOf(c), holderOf(c))
	}
	return table.Flush()
}

// stateOf is "running (healthy)", "exited (3)".
func stateOf(c *planner.ObservedContainer) string {
	switch {
	case c.State == "running" && c.Health != "":
		return "running (" + c.Health + ")"
	case c.State == "exited":
		return fmt.Sprintf("exited (%d)", c.ExitCode)
	}
	return c.State
}

// holderOf says whose a container is: the project's, or a run's.
func holderOf(c *planner.ObservedContainer) string {
	return whatOf(c) + processOf(c.Labels[planner.LabelOwner]) + privateOf(c)
}

func whatOf(c *planner.ObservedContainer) string {
	switch service := c.Labels[planner.LabelProbe]; {
	case service != "":
		return "a probe of service " + service
	case c.Labels[composeproject.LabelOneOff] == composeproject.OneOffTrue:
		return oneOffText(c)
	case planner.Transient(c.Labels):
		return "the runs that use it"
	case c.Labels[planner.LabelOf] != "":
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

// processOf tells of the process that a label names; nothing, where there is none.
func processOf(label string) string {
	if of, ok := owner.Parse(label); ok {
		return fmt.Sprintf(", process %d on %s", of.Pid, of.Host)
	}
	return ""
}

func privateOf(c *planner.ObservedContainer) string {
	if c.Labels[planner.LabelOf] == "" {
		return ""
	}
	return ", private project " + c.Labels[composeproject.LabelProject]
}
