package view

import (
	"cmp"
	"fmt"
	"strings"
	"text/tabwriter"

	"tasks/internal/composeproject"
	"tasks/internal/coord"
	"tasks/planner"
)

// PrintContainers writes the table of `tasks ps` to stdout.
func PrintContainers(p *Printer, containers []*planner.ObservedContainer) error {
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tSERVICE\tSTATE\tBELONGS TO")
	for _, c := range containers {
		service := cmp.Or(c.Labels[composeproject.LabelService], "-")
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", c.Name, service, stateText(c), ownerText(c))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	return p.PrintText(text.String())
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

// ownerText names the owner of a container: the project, or a run with the process.
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

// processText describes the process of an owner label, empty without a process.
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
