package planner

import (
	"slices"

	"tasks/internal/composeproject"
)

// removeOrphans makes a step for each container of the project that no service of its files owns, and for each one-off that
// has ended: what `--remove-orphans` of Compose takes for orphans. One-offs that run are somebody's. Other projects that the
// plan touches keep theirs: the flag is about the project of the files.
func (b *builder) removeOrphans() {
	if b.scope != "" || b.in.Project == nil || !b.in.RemoveOrphans {
		return
	}
	services := b.in.Project.ServiceNames()
	for _, c := range b.in.Observed.Containers {
		reason := ""
		switch {
		case b.has(abandonedID(c.Name)):
		case c.Labels[LabelProbe] != "": // somebody waits for what it says, and it goes by itself
		case oneOffLabel(c):
			if c.State == "exited" || c.State == "dead" {
				reason = "a one-off that has ended, and orphans go"
			}
		case !slices.Contains(services, c.Labels[composeproject.LabelService]):
			reason = "no service of the compose file, and orphans go"
		}
		if reason != "" {
			b.add(&Step{ID: b.id("orphan", c.Name), Verb: Remove, Action: &RemoveOrphan{Have: c}, Reason: reason})
		}
	}
}
