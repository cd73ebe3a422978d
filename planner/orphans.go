package planner

import "slices"

// removeOrphans makes a step for each container of the project that no service of its files owns, and for each one-off that
// has ended: what `--remove-orphans` of Compose takes for orphans. One-offs that run are somebody's. Other projects that the
// plan touches keep theirs: the flag is about the project of the files.
func removeOrphans(p *scopeSteps) {
	if p.key != "" || p.project == nil {
		return
	}
	services := p.project.ServiceNames()
	for _, c := range p.snapshot.Containers {
		reason := ""
		switch {
		case p.hasStep(abandonedID(c.Name)):
		case c.IsHelper(): // somebody waits for what it says, and it goes by itself
		case c.IsOneOff():
			if c.State.HasEnded() {
				reason = "a one-off that has ended, and orphans go"
			}
		case !slices.Contains(services, c.Service()):
			reason = "no service of the compose file, and orphans go"
		}
		if reason != "" {
			p.addStep(&Step{ID: p.stepID("orphan", c.Name), Verb: Remove, Action: &RemoveContainer{Container: c}, Reason: reason})
		}
	}
}
