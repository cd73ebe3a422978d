package workspace

import (
	"context"
	"slices"

	"github.com/containerd/errdefs"

	"tasks/executor"
	"tasks/internal/composeproject"
	"tasks/planner"
)

// projectSnapshot returns the state of the workspace's own project, with the resources of runs, and the ownership from
// before the snapshot.
func (ws *Workspace) projectSnapshot(ctx context.Context, engine SnapshotEngine, project *composeproject.Project, withAnonymousVolumes bool) (
	*planner.Snapshot, planner.Ownership, error,
) {
	journal := ws.config.Coordination.Store(ws.Root()).Journal()
	entries := journal.ContainerEntries()
	query := planner.Query{
		Project: project.Name(), Original: project.Name(), WithRunResources: true, AnonymousVolumes: withAnonymousVolumes,
	}
	snapshot, err := TakeSnapshot(ctx, engine, journal, query, entries, true)
	if err != nil {
		return nil, planner.Ownership{}, &RunError{err}
	}
	return snapshot, OwnershipFrom(entries), nil
}

// ListContainers removes abandoned resources of crashed runs, and returns the remaining containers of the project and of
// runs. The observer receives the removals.
func (ws *Workspace) ListContainers(ctx context.Context, observer executor.Observer) ([]*planner.ObservedContainer, error) {
	project, err := ws.Project("")
	if err != nil {
		return nil, err
	}
	engine, err := ws.config.Engine.Connect()
	if err != nil {
		return nil, err
	}
	snapshot, ownership, err := ws.projectSnapshot(ctx, engine, project, false)
	if err != nil {
		return nil, err
	}
	removed := ws.removeAbandoned(ctx, engine, observer, planner.PlanCrashCleanup(snapshot, project.Name(), ownership))
	containers := slices.Concat(snapshot.Containers, snapshot.RunResources.Containers)
	containers = slices.DeleteFunc(containers, func(c *planner.ObservedContainer) bool { return removed[c.ID] })
	if err := inspectExited(ctx, engine, containers); err != nil {
		return nil, &RunError{err}
	}
	return containers, nil
}

// removeAbandoned performs a cleanup plan, and returns the ids of the removed containers. The observer receives failures.
func (ws *Workspace) removeAbandoned(ctx context.Context, engine executor.Engine, observer executor.Observer, plan *planner.Plan) map[string]bool {
	store := ws.config.Coordination.Store(ws.Root())
	recorder := &removalRecorder{Observer: observer, containers: map[string]bool{}}
	executor.NewSession(executor.Config{
		Engine: engine, Locks: store, Leases: store.Leases(), ContainerJournal: store.Journal(), Observer: recorder,
	}).Run(ctx, plan, nil)
	return recorder.containers
}

// removalRecorder records the ids of removed containers, and passes all notices on.
type removalRecorder struct {
	executor.Observer
	containers map[string]bool
}

// Notice implements [executor.Observer].
func (r *removalRecorder) Notice(n executor.Notice) {
	if n.Kind == executor.Done && n.Verb == planner.Remove {
		if action, ok := n.Step.Action.(*planner.RemoveContainer); ok {
			r.containers[action.Container.ID] = true
		}
	}
	r.Observer.Notice(n)
}

// inspectExited replaces exited containers by their inspected state: a snapshot has no exit codes.
func inspectExited(ctx context.Context, engine executor.Engine, containers []*planner.ObservedContainer) error {
	for i, c := range containers {
		if c.State != "exited" {
			continue
		}
		inspected, err := engine.InspectContainer(ctx, c.ID)
		switch {
		case err == nil:
			containers[i] = &inspected.ObservedContainer
		case !errdefs.IsNotFound(err):
			return err
		}
	}
	return nil
}

// Teardown holds a plan of `tasks down`.
type Teardown struct {
	planner.Teardown
	Engine  Engine
	Project *composeproject.Project
	// LeasedNames are the display names of resources in use by other runs.
	LeasedNames []string
}

// PlanTeardown plans the removal of the project by the labels on the engine. The plan includes resources that the compose
// files have lost.
func (ws *Workspace) PlanTeardown(ctx context.Context, withVolumes bool) (Teardown, error) {
	project, err := ws.Project("")
	if err != nil {
		return Teardown{}, err
	}
	engine, err := ws.config.Engine.Connect()
	if err != nil {
		return Teardown{}, err
	}
	snapshot, ownership, err := ws.projectSnapshot(ctx, engine, project, true)
	if err != nil {
		return Teardown{}, err
	}
	teardown := planner.PlanTeardown(snapshot, project.Name(), withVolumes)
	teardown.ProtectDeclared(project)
	teardown.ExcludeAbandoned(ownership, snapshot.TakenAt)
	inUse := ws.config.Coordination.Leased(ws.Root()).InUse(teardown.LeasedResources)
	return Teardown{Teardown: teardown, Engine: engine, Project: project, LeasedNames: inUse}, nil
}
