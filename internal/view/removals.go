package view

import (
	"fmt"
	"slices"
	"strings"

	"tasks/executor"
	"tasks/internal/plaintext"
	"tasks/planner"
	"tasks/planner/observed"
)

// RemovalDisplay shows the removals of a teardown at a terminal. Permanent lines of the printer appear above.
type RemovalDisplay struct{ notices *NoticePrinter }

// NewRemovalDisplay returns a display on stderr. Without isLive, the display shows nothing.
func NewRemovalDisplay(p *Printer, isLive bool) RemovalDisplay {
	notices := NewNoticePrinter(styledStderr(p), NoticeOptions{}, error.Error)
	if isLive {
		enableLive(p, notices)
	}
	p.notices.Store(notices)
	return RemovalDisplay{notices}
}

// Begin prepares the display for a plan.
func (d RemovalDisplay) Begin(plan *planner.Plan) { d.notices.beginLive(plan) }

// Notice updates the display.
func (d RemovalDisplay) Notice(n executor.Notice) { d.notices.printAbove(n, func() {}) }

// RemovalQuestion is the question of `tasks down` about resources in use and about data, with a list of all that would
// go. It is empty if nothing needs a question. inUse are resources with a lease of another process.
func RemovalQuestion(t planner.Teardown, inUse []string) string {
	var volumes []string
	for _, v := range t.Volumes {
		if v.Labels[observed.LabelOriginal] == "" { // not part of a private project
			volumes = append(volumes, fmt.Sprintf("volume %s, with its data", v.Name))
		}
	}
	if len(t.InUse)+len(inUse)+len(t.PrivateProjects)+len(volumes) == 0 {
		return ""
	}
	var all []string
	for _, c := range t.InUse {
		all = append(all, inUseText(c))
	}
	for _, wave := range t.Waves {
		for _, c := range wave {
			if !slices.ContainsFunc(t.InUse, func(other *observed.Container) bool { return other.ID == c.ID }) {
				all = append(all, "container "+c.Name)
			}
		}
	}
	for _, n := range t.Networks {
		all = append(all, "network "+n.Name)
	}
	all = append(all, volumes...)
	for _, p := range t.PrivateProjects {
		all = append(all, fmt.Sprintf("private project %s of a run%s", p.Name, processText(p.Owner)))
	}
	if len(inUse) > 0 {
		all = append(all, "in use by a run under way: "+strings.Join(inUse, ", "))
	}
	for i, line := range all {
		all[i] = plaintext.Escape(line)
	}
	return "down removes:\n  " + strings.Join(all, "\n  ") + "\nRemove all of this?"
}

// ConfirmQuestion is the question of a task before the run.
func ConfirmQuestion(task, question string) string {
	return fmt.Sprintf("task %s: %s", plaintext.Escape(task), question)
}

func inUseText(c *observed.Container) string {
	switch {
	case observed.IsTransient(c.Labels):
		return fmt.Sprintf("container %s, transient and perhaps in use", c.Name)
	case c.State.IsCreated():
		return fmt.Sprintf("one-off %s (%s), about to start", c.Name, ownerText(c))
	}
	return fmt.Sprintf("one-off %s (%s), %s", c.Name, ownerText(c), c.State)
}
