package workspace

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/containerd/errdefs"
	"github.com/hashicorp/hcl/v2"

	"tasks/executor"
	"tasks/executor/engine"
	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner"
	"tasks/planner/observed"
)

// ProjectState holds the workspace's own compose project and the state of the project on the engine.
type ProjectState struct {
	Engine   Engine
	Project  *composeproject.Project
	Snapshot *observed.Snapshot
	// Ownership is from before the snapshot.
	Ownership observed.Ownership
}

// Connect loads the workspace's own compose project, and connects to the engine.
func (ws *Workspace) Connect() (*composeproject.Project, Engine, error) {
	project, err := ws.Project("")
	if err != nil {
		return nil, nil, err
	}
	engine, err := ws.config.Engine.Connect()
	return project, engine, err
}

// observeProject kills commands of crashed runs, and reads the state of the workspace's own project with the
// resources of runs.
func (ws *Workspace) observeProject(ctx context.Context, withAnonymousVolumes bool) (ProjectState, error) {
	project, engine, err := ws.Connect()
	if err != nil {
		return ProjectState{}, err
	}
	store := ws.config.Coordination.Store(ws.Root())
	ws.config.warn(store.ForeignWarning())
	ws.config.killOrphans(ctx, store)
	ws.config.removeLostVolumes(ctx, store)
	entries := store.Journal().ContainerEntries()
	query := observed.Query{
		Project: project.Name(), Original: project.Name(), WithRunResources: true, AnonymousVolumes: withAnonymousVolumes,
	}
	snapshot, err := TakeSnapshot(ctx, engine, store.Journal(), query, entries, !ws.config.Engine.isChosen())
	if err != nil {
		return ProjectState{}, &RunError{err}
	}
	ownership := OwnershipFrom(entries)
	ownership.LeaseLocations = store.Leases().VisibleLocations()
	return ProjectState{Engine: engine, Project: project, Snapshot: snapshot, Ownership: ownership}, nil
}

// ContainerList has the containers of a project, and of runs.
type ContainerList struct {
	Project    string
	Containers []*observed.Container
	// TakenAt is the time of the list, by the clock of the engine.
	TakenAt time.Time
}

// ListContainers removes abandoned resources of crashed runs, and returns the remaining containers of the project
// and of runs. The observer receives the removals. Services limit the list; none: everything.
func (ws *Workspace) ListContainers(
	ctx context.Context, services []string, observer executor.Observer,
) (ContainerList, error) {
	state, err := ws.observeProject(ctx, false)
	if err != nil {
		return ContainerList{}, err
	}
	cleanup := planner.PlanCrashCleanup(state.Snapshot, state.Project.Name(), state.Ownership)
	removed := ws.removeAbandoned(ctx, state.Engine, observer, cleanup)
	containers := slices.Concat(state.Snapshot.Containers, state.Snapshot.RunResources.Containers)
	containers = slices.DeleteFunc(containers, func(c *observed.Container) bool { return removed[c.ID] })
	if diags := ws.CheckServices(services, containers); diags.HasErrors() {
		return ContainerList{}, diags
	}
	if len(services) > 0 {
		containers = slices.DeleteFunc(containers, func(c *observed.Container) bool {
			return !slices.Contains(services, c.Service())
		})
	}
	if err := inspectExited(ctx, state.Engine, containers); err != nil {
		return ContainerList{}, &RunError{err}
	}
	return ContainerList{state.Project.Name(), containers, state.Snapshot.TakenAt}, nil
}

// removeAbandoned performs a cleanup plan, and returns the ids of the removed containers. The observer receives
// failures.
func (ws *Workspace) removeAbandoned(
	ctx context.Context, connected engine.Engine, observer executor.Observer, plan *planner.Plan,
) map[string]bool {
	store := ws.config.Coordination.Store(ws.Root())
	recorder := &removalRecorder{Observer: observer, containers: map[string]bool{}}
	executor.NewSession(executor.Config{
		Engine: connected, Locks: store, Leases: store.Leases(), ContainerJournal: store.Journal(), Observer: recorder,
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
func inspectExited(ctx context.Context, connected engine.Engine, containers []*observed.Container) error {
	for i, c := range containers {
		if !c.State.HasExited() {
			continue
		}
		inspected, err := connected.InspectContainer(ctx, c.ID)
		switch {
		case err == nil:
			containers[i] = &inspected.Container
		case !errdefs.IsNotFound(err):
			return err
		}
	}
	return nil
}

// Teardown holds a plan of `tasks down`.
type Teardown struct {
	ProjectState
	Plan planner.Teardown
	// NamesInUse are the display names of resources with a lease of a run.
	NamesInUse []string
}

// TeardownOptions select the resources of a teardown.
type TeardownOptions struct {
	// Volumes selects the volumes too.
	Volumes bool
	// Services limits the teardown to some services; empty: everything.
	Services []string
}

// PlanTeardown plans the removal of the project by the labels on the engine. The plan includes resources that the
// compose files have lost. Unknown services give [hcl.Diagnostics] as the error.
func (ws *Workspace) PlanTeardown(ctx context.Context, options TeardownOptions) (Teardown, error) {
	state, err := ws.observeProject(ctx, true)
	if err != nil {
		return Teardown{}, err
	}
	name := state.Project.Name()
	plan := planner.PlanTeardown(state.Snapshot, name, options.Volumes)
	if len(options.Services) > 0 {
		if diags := ws.CheckServices(options.Services, state.Snapshot.Containers); diags.HasErrors() {
			return Teardown{}, diags
		}
		plan = planner.PlanServiceTeardown(state.Snapshot, name, options.Services, options.Volumes)
	}
	if ws.Labels.NameOnly && !options.Volumes {
		plan.AnonymousVolumes = nil // a compose file may declare a volume with such a name
	}
	plan.ProtectDeclared(state.Project)
	plan.ExcludeAbandoned(state.Ownership, state.Snapshot.TakenAt)
	leased := ws.config.Coordination.Leased(ws.Root())
	return Teardown{ProjectState: state, Plan: plan, NamesInUse: leased.InUse(plan.LeasedResources)}, nil
}

// CheckServices returns errors for names that neither the compose files nor the labels of containers have. Without
// compose files a missing service may be gone already; then there is only a warning.
func (ws *Workspace) CheckServices(names []string, containers []*observed.Container) (diags hcl.Diagnostics) {
	project, err := ws.Project("")
	if err != nil {
		return nil // reported before
	}
	known := project.ServiceNames()
	for _, c := range containers {
		known = append(known, c.Service())
	}
	for _, name := range names {
		switch {
		case slices.Contains(known, name):
		case ws.Labels.NameOnly:
			ws.config.warn(fmt.Sprintf("project %s has no container of a service %q", project.Name(), name))
		default:
			diags = append(diags, hclspec.UnknownServiceError(project, name))
		}
	}
	return diags
}
