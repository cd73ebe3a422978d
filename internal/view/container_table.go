package view

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"tasks/internal/composeproject"
	"tasks/internal/coord"
	"tasks/internal/plaintext"
	"tasks/planner/observed"
)

// ContainerList is the list of `tasks ps`.
type ContainerList struct {
	Project    string
	Containers []*observed.Container
	// TakenAt is the time of the list, by the clock of the engine.
	TakenAt time.Time
}

// PrintTable writes the table of `tasks ps` to stdout.
func (l ContainerList) PrintTable(p *Printer) error {
	rows := [][]string{{"NAME", "IMAGE", "SERVICE", "STATE", "AGE", "PORTS", "BELONGS TO"}}
	for _, c := range l.Containers {
		service, ports := cmp.Or(c.Service(), "-"), cmp.Or(portsText(c.Ports), "-")
		cells := []string{c.Name, imageText(c), service, stateText(c), l.ageText(c), ports, ownerText(c)}
		for i, cell := range cells { // a tab of a label would begin another column
			cells[i] = plaintext.Escape(cell)
		}
		rows = append(rows, cells)
	}
	if slices.ContainsFunc(l.Containers, func(c *observed.Container) bool { return c.Node != "" }) {
		rows[0] = slices.Insert(rows[0], 1, "NODE")
		for i, c := range l.Containers {
			rows[i+1] = slices.Insert(rows[i+1], 1, plaintext.Escape(c.Node))
		}
	}
	text, err := tableText(rows, p.StdoutWidth())
	if err != nil {
		return err
	}
	return p.PrintText(text)
}

// tableText renders a table for a terminal. Columns with less important facts are left out until the lines fit. On a
// narrow terminal, the rest of a row stands below the name. Width 0: no terminal.
func tableText(rows [][]string, width int) (string, error) {
	for _, optional := range []string{"", "IMAGE", "AGE", "PORTS", "SERVICE"} {
		if i := slices.Index(rows[0], optional); i >= 0 {
			for row := range rows {
				rows[row] = slices.Delete(rows[row], i, i+1)
			}
		}
		var text strings.Builder
		table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
		for _, cells := range rows {
			fmt.Fprintln(table, strings.Join(cells, "\t"))
		}
		if err := table.Flush(); err != nil {
			return "", err
		}
		isTooWide := func(line string) bool { return columns(line) > width }
		if width <= 0 || !slices.ContainsFunc(strings.Split(text.String(), "\n"), isTooWide) {
			return text.String(), nil
		}
	}
	var text strings.Builder
	for _, cells := range rows {
		text.WriteString(cells[0] + "\n  " + strings.Join(cells[1:], "  ") + "\n")
	}
	return text.String(), nil
}

// PrintIDs writes the ids of the containers to stdout, one in a line.
func (l ContainerList) PrintIDs(p *Printer) error {
	var text strings.Builder
	for _, c := range l.Containers {
		fmt.Fprintln(&text, plaintext.Escape(c.ID))
	}
	return p.PrintText(text.String())
}

// ageText is "-" for an unknown age.
func (l ContainerList) ageText(c *observed.Container) string {
	age := observed.AgeOf(c.CreatedAt, l.TakenAt)
	switch {
	case c.CreatedAt.Unix() <= 0 || l.TakenAt.Unix() <= 0:
		return "-"
	case age < time.Minute:
		return fmt.Sprintf("%ds", int(age.Seconds()))
	case age < time.Hour:
		return fmt.Sprintf("%dm", int(age.Minutes()))
	case age < 2*day:
		return fmt.Sprintf("%dh", int(age.Hours()))
	}
	return fmt.Sprintf("%dd", int(age/day))
}

const day = 24 * time.Hour

// imageText shortens the id of an image without a name.
func imageText(c *observed.Container) string {
	const digits = 12
	if hash, isID := strings.CutPrefix(c.Image, "sha256:"); isID {
		return hash[:min(len(hash), digits)]
	}
	return cmp.Or(c.Image, "-")
}

// portsText is "127.0.0.1:8080->80/tcp". A port of all addresses of the host appears without the address.
func portsText(ports []observed.PublishedPort) string {
	var all []string
	for _, p := range ports {
		host := strconv.Itoa(p.HostPort)
		if address, err := netip.ParseAddr(p.HostIP); err == nil && !address.IsUnspecified() {
			host = net.JoinHostPort(p.HostIP, host)
		}
		if text := fmt.Sprintf("%s->%d/%s", host, p.ContainerPort, p.Protocol); !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return strings.Join(all, ", ")
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
	if c.IsStandby() {
		text = "the next run of " + text
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
