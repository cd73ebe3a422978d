package view

import (
	"cmp"
	"fmt"
	"strings"
	"text/tabwriter"

	"tasks/internal/composeproject"
	"tasks/internal/coord"
	"tasks/planner/observed"
)

// PrintContainers writes the table of `tasks ps` to stdout.
func PrintContainers(p *Printer, containers []*observed.Container) error {
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
func stateText(c *observed.Container) string {
	switch {
	case c.State.IsRunning() && c.Health != "":
		return "running (" + c.Health + ")"
	case c.State.HasExited():
		return fmt.Sprintf("exited (%d)", c.ExitCode)
	}
	return string(c.State)
}

// ownerText names the owner of a container: the project, or a run with the process.
func ownerText(c *observed.Container) string {
	return roleText(c) + processText(c.Labels[observed.LabelOwner]) + privateText(c)
}

func roleText(c *observed.Container) string {
	switch service := c.Labels[observed.LabelProbe]; {
	case service != "":
		return "a probe of service " + service
	case c.IsOneOff():
		return oneOffText(c)
	case observed.IsTransient(c.Labels):
		return "the runs that use it"
	case c.Labels[observed.LabelOriginal] != "":
		return "a run"
	}
	return "the project"
}

func oneOffText(c *observed.Container) string {
	text := "a one-off"
	if task := c.Labels[observed.LabelTask]; task != "" {
		text = "task " + task
	}
	if c.Labels[observed.LabelOwner] == "" {
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

func privateText(c *observed.Container) string {
	if c.Labels[observed.LabelOriginal] == "" {
		return ""
	}
	return ", private project " + c.Labels[composeproject.LabelProject]
}
