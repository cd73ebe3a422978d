package executor

import (
	"tasks/internal/composeproject"
	"tasks/planner"
)

// ReleaseUnused has the end of the session look at a project of which this process has had leases without a run that used it: for as long
// others were not the last, and left to this one what is transient. seen is what the engine has of it, wanted says which leases it is
// about.
func (s *Session) ReleaseUnused(project *composeproject.Project, snapshot *planner.Snapshot, isUnused func(lease string) bool) {
	u, model, names := s.usageOf(project.Name()), project.Model(), map[string]bool{}
	u.hasTransient = u.hasTransient || len(snapshot.TransientLeases()) > 0
	for name, service := range model.Services {
		if isUnused(planner.Scope{Project: u.project}.Lease(name)) {
			u.services[name] = service.PreStop
		}
	}
	for _, n := range model.Networks {
		names[n.Name] = !bool(n.External) && isUnused(planner.NetworkLease(n.Name))
	}
	for _, n := range snapshot.Networks {
		if names[n.Name] {
			u.networks[n.ID] = n.Name
		}
	}
	for _, v := range model.Volumes {
		u.volumes[v.Name] = true
	}
}
