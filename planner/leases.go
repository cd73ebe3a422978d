package planner

import (
	"slices"

	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// ProjectLeases names the leases on all services and networks of a project. A run takes them before the snapshot, so
// that the last user among other runs removes nothing in the snapshot. A private project has no other users, and no
// leases.
func ProjectLeases(project *composeproject.Project) []string {
	if project.IsPrivate() {
		return nil
	}
	model := project.Model()
	var names []string
	for _, service := range sortedKeys(model.Services) {
		names = append(names, observed.ServiceLease(project.Name(), service))
	}
	for _, key := range sortedKeys(model.Networks) {
		names = append(names, observed.NetworkLease(model.Networks[key].Name))
	}
	return names
}

// Leases names the leases on the services and networks of a plan.
func (p *Plan) Leases() []string { return stepLeases(p.Steps, p.Scopes) }

// LeasesIn names the leases of a plan in one compose project.
func (p *Plan) LeasesIn(project string) []string {
	steps := slices.DeleteFunc(slices.Clone(p.Steps), func(s *Step) bool { return p.ProjectOf(s) != project })
	return stepLeases(steps, p.Scopes)
}

func stepLeases(steps []*Step, scopes map[string]Scope) []string {
	var names []string
	for _, s := range steps {
		if scopes[s.Scope].PrivateTask != "" {
			continue
		}
		switch a := s.Action.(type) {
		case *InspectService:
			names = append(names, scopes[s.Scope].Lease(ServiceOf(a.Replica)))
		case *Network:
			names = append(names, observed.NetworkLease(a.Name))
		case *Container:
			names = append(names, scopes[s.Scope].Lease(ServiceOf(a.Replica)))
		}
	}
	return observed.Unique(names)
}
