package planner

import (
	"slices"

	"tasks/planner/observed"
)

// removeOrphans removes containers of the project without a service or job, and ended one-offs, like
// `--remove-orphans` of Compose. A running one-off may have a user. The flag applies to the root project only.
func removeOrphans(p *scopeSteps) {
	if p.key != "" || p.project == nil {
		return
	}
	services := slices.Concat(p.project.ServiceNames(), p.project.JobNames())
	for _, c := range p.snapshot.Containers {
		code, isOrphan := orphanReason(c, services)
		if isOrphan && !p.hasStep(abandonedID(c.Name)) {
			p.addStep(&Step{
				ID: p.stepID("orphan", c.Name), Verb: Remove, Action: &RemoveContainer{Container: c}, Reason: because(code),
			})
		}
	}
}

// orphanReason decides whether a container is an orphan. A helper container ends soon, and a process waits for the
// result.
func orphanReason(c *observed.Container, services []string) (code ReasonCode, isOrphan bool) {
	switch {
	case c.IsHelper():
		return 0, false
	case c.IsOneOff():
		return ReasonOrphanOneOff, c.State.HasEnded()
	}
	return ReasonOrphanService, !slices.Contains(services, c.Service())
}
