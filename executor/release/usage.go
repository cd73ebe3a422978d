package release

import (
	"cmp"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/internal/composeproject"
	"tasks/planner"
	"tasks/planner/observed"
)

// Usage is the use of a compose project by the runs of a session.
type Usage struct {
	project string
	// services are the services of steps, with their pre_stop hooks. networks are names by id.
	services map[string][]types.ServiceHook
	networks map[string]string
	// volumes are the names in the project's files.
	volumes map[string]bool
	// HasTransient reports whether the last user removes a resource of the project.
	HasTransient bool
}

// NewUsage returns the usage of a project without any use.
func NewUsage(project string) *Usage {
	return &Usage{
		project: project, services: map[string][]types.ServiceHook{},
		networks: map[string]string{}, volumes: map[string]bool{},
	}
}

// AddNetwork records the use of a network.
func (u *Usage) AddNetwork(id, name string) { u.networks[id] = name }

// AddStep records the resources of a step.
func (u *Usage) AddStep(s *planner.Step, facts *planner.Facts) {
	switch a := s.Action.(type) {
	case *planner.Container:
		u.services[planner.ServiceOf(a.Replica)] = a.PreStop
	case *planner.InspectService:
		if _, known := u.services[planner.ServiceOf(a.Replica)]; !known {
			u.services[planner.ServiceOf(a.Replica)] = nil
		}
	case *planner.Network:
		if id := cmp.Or(facts.Networks[a.Key], a.ExistingID); id != "" && !a.External {
			u.networks[id] = a.Name
		}
	case *planner.Volume:
		u.volumes[a.Name] = true
	}
}

// AddUnused records a project of leases without a run. Because of these leases, other runs were not the last user, and
// left transient resources. isUnused reports whether a lease is among these leases.
func (u *Usage) AddUnused(
	project *composeproject.Project, snapshot *observed.Snapshot, isUnused func(lease string) bool,
) {
	model, names := project.Model(), map[string]bool{}
	u.HasTransient = u.HasTransient || len(snapshot.TransientLeases()) > 0
	for name, service := range model.Services {
		if isUnused(planner.Scope{Project: u.project}.Lease(name)) {
			u.services[name] = service.PreStop
		}
	}
	for _, n := range model.Networks {
		names[n.Name] = !bool(n.External) && isUnused(observed.NetworkLease(n.Name))
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
