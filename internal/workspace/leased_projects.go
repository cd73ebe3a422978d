package workspace

import (
	"context"
	"maps"
	"sync"

	"tasks/executor"
	"tasks/internal/composeproject"
	"tasks/internal/coord"
	"tasks/planner"
	"tasks/planner/observed"
)

// LeasedProjects are the compose projects with leases of this process. LeasedProjects releases the leases
// that no plan uses, and removes transient resources without another user.
type LeasedProjects struct {
	Store *coord.Store
	// forcedCtx ends all removals; nil: never.
	forcedCtx context.Context
	mu        sync.Mutex
	// projects are by name, each with the last snapshot since the leases were taken.
	projects map[string]leasedProject
}

type leasedProject struct {
	engine   SnapshotEngine
	project  *composeproject.Project
	snapshot *observed.Snapshot
}

// NewLeasedProjects returns an empty set over the leases of a store.
func NewLeasedProjects(store *coord.Store) *LeasedProjects {
	return &LeasedProjects{Store: store, projects: map[string]leasedProject{}}
}

// Leases returns the leases of this process.
func (l *LeasedProjects) Leases() *coord.Leases { return l.Store.Leases() }

// Record keeps the snapshots of projects. No other process knows a private project, so that a private project
// has no leases.
func (l *LeasedProjects) Record(states map[string]planner.ProjectState, engine SnapshotEngine) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, state := range states {
		if !state.Project.IsPrivate() {
			l.projects[state.Project.Name()] = leasedProject{engine, state.Project, state.Snapshot}
		}
	}
}

// Retain releases the leases that neither this plan nor an earlier plan uses; see [coord.Leases.Retain].
func (l *LeasedProjects) Retain(plan *planner.Plan) {
	l.Leases().Retain(plan.Leases(), l.transientNames())
}

// transientNames returns the leases on resources that the last user removes or stops.
func (l *LeasedProjects) transientNames() map[string]bool {
	names := map[string]bool{}
	for name, leased := range l.recorded() {
		for _, lease := range leased.snapshot.TransientLeases() {
			names[lease] = true
		}
		for _, start := range l.Store.Journal().StartEntries(name) {
			names[planner.Scope{Project: name}.Lease(start.Service)] = true
		}
	}
	return names
}

func (l *LeasedProjects) recorded() map[string]leasedProject {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.projects)
}

// InUse returns the display names of the resources with a lease of some process.
func (l *LeasedProjects) InUse(resources []planner.LeasedResource) (inUse []string) {
	for _, resource := range resources {
		if l.Leases().IsInUse(resource.Lease, resource.DisplayName) {
			inUse = append(inUse, resource.DisplayName)
		}
	}
	return inUse
}

// ReleaseIdle releases the deferred leases, and removes the transient resources without another user. The end
// of stopCtx ends the grace period of stopping containers.
func (l *LeasedProjects) ReleaseIdle(stopCtx context.Context, observer executor.Observer) {
	names := l.Leases().TakeDeferred()
	if len(names) == 0 {
		return
	}
	for _, project := range l.recorded() {
		l.release(stopCtx, observer, project, func(lease string) bool { return names[lease] })
	}
}

// ReleaseAll releases the leases of a plan that does not run, after the answer "no", say. Another run may
// have ended before, and may have left transient resources to this process. So ReleaseAll takes new
// snapshots.
func (l *LeasedProjects) ReleaseAll(stopCtx context.Context, observer executor.Observer) {
	l.Leases().TakeDeferred()
	for name, project := range l.recorded() {
		snapshot, err := project.engine.Snapshot(stopCtx, observed.Query{Project: name, Original: name})
		if err != nil {
			continue // the next command of the project tries again
		}
		project.snapshot = snapshot
		l.release(stopCtx, observer, project, func(string) bool { return true })
	}
}

// release releases leases of a project, and removes the unused transient resources.
func (l *LeasedProjects) release(
	stopCtx context.Context, observer executor.Observer, project leasedProject, isReleased func(lease string) bool,
) {
	ownership := CurrentOwnership()
	ownership.LeaseLocations = l.Leases().Locations()
	session := executor.NewSession(executor.Config{
		Engine: project.engine, Leases: l.Leases(), ContainerJournal: l.Store.Journal(),
		Ownership: ownership, Observer: observer, ForcedCtx: l.forcedCtx,
	})
	session.ReleaseUnused(project.project, project.snapshot, isReleased)
	session.Close(stopCtx)
}
