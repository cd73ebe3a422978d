package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/planner/observed"
)

// removeOrphans removes containers of the project without a service or job, and ended one-offs, like
// `--remove-orphans` of Compose. A running one-off may have a user. The flag applies to the root project only.
func removeOrphans(g *graph, p *scopeSteps) {
	if p.key != "" || p.project == nil {
		return
	}
	services := declaredNames(g, p)
	for _, c := range p.snapshot.Containers {
		code, isOrphan := orphanReason(c, services)
		if isOrphan && !p.hasStep(abandonedID(c.Name)) {
			p.addStep(&Step{
				ID: p.stepID("orphan", c.Name), Verb: Remove, Action: &RemoveContainer{Container: c}, Reason: because(code),
			})
		}
	}
}

// orphanWarnings names the service containers without a service, like Compose. Ended one-offs are no news: tasks and
// `once` keep one-offs on request. Without a compose file no container is an orphan.
func orphanWarnings(g *graph, p *scopeSteps) hcl.Diagnostics {
	if p.key != "" || p.project == nil || len(p.model.ComposeFiles) == 0 {
		return nil
	}
	services := declaredNames(g, p)
	var names []string
	for _, c := range p.snapshot.Containers {
		_, isOrphan := orphanReason(c, services)
		if isOrphan && c.IsServiceContainer() && !p.hasStep(abandonedID(c.Name)) {
			names = append(names, fmt.Sprintf("%s (service %s)", c.Name, c.Service()))
		}
	}
	if len(names) == 0 {
		return nil
	}
	return hcl.Diagnostics{{
		Severity: hcl.DiagWarning, Summary: "orphan containers: " + strings.Join(names, ", "),
		Detail: fmt.Sprintf("Project %s has no such service any more. --remove-orphans removes the containers, as with "+
			"Compose; COMPOSE_IGNORE_ORPHANS=true hides this warning.", p.project.Name()),
	}}
}

// declaredNames returns the names of all services and jobs of the root project, with the services of the overlays in
// the run. Jobs have containers too.
func declaredNames(g *graph, root *scopeSteps) []string {
	names := root.project.JobNames()
	for key, p := range g.planners {
		if p.project != nil && !p.isPrivate() && hclspec.FileScope(key) == "" {
			names = append(names, p.project.ServiceNames()...)
		}
	}
	return names
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
