package workspace

import (
	"context"
	"slices"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/internal/coord"
	"tasks/planner"
)

// acquireLeases takes leases on all resources that the projects can touch. Leases come before the snapshot, so that
// no other process removes an observed resource. Without a place for leases, a run without transient services still
// works.
func (ws *Workspace) acquireLeases(
	ctx context.Context, projects map[string]*composeproject.Project, spec *hclspec.Spec,
) error {
	if !ws.config.WritesState {
		return nil
	}
	var names []string
	for _, project := range projects {
		if project.IsPrivate() {
			continue // no other process knows the project
		}
		names = append(names, planner.ProjectLeases(project)...)
	}
	slices.Sort(names)
	leases := ws.config.Coordination.Leased(ws.Root()).Leases()
	err := leases.Acquire(ctx, slices.Compact(names), ws.config.Reporter.PrintWaiting)
	if err != nil && (ctx.Err() != nil || usesTransient(spec)) {
		return &RunError{err}
	}
	return nil
}

func usesTransient(spec *hclspec.Spec) bool {
	for _, t := range spec.Tasks {
		if t.Policy == hclspec.PolicyTransient {
			return true
		}
	}
	return false
}

// takeSnapshots reads the state of each project from the engine.
func (ws *Workspace) takeSnapshots(
	ctx context.Context, engine SnapshotEngine, projects map[string]*composeproject.Project, spec *hclspec.Spec,
	entries coord.ContainerEntries,
) (map[string]planner.ProjectState, error) {
	journal := ws.config.Coordination.Store(ws.Root()).Journal()
	states, queriesRunResources := map[string]planner.ProjectState{}, ws.mayHavePrivateProjects(projects)
	for scope, project := range projects {
		query := planner.QueryFor(planner.SpecOfScope(spec, scope), project)
		query.WithRunResources = query.WithRunResources || queriesRunResources
		sweepAllowed := ws.config.WritesState && !ws.config.Engine.isChosen() // entries may be of the other engine
		snapshot, err := TakeSnapshot(ctx, engine, journal, query, entries, sweepAllowed)
		if err != nil {
			return nil, &RunError{err}
		}
		states[scope] = planner.ProjectState{Project: project, Snapshot: snapshot}
	}
	return states, nil
}

// privateMarkFile exists after the first run with a private project.
const privateMarkFile = "private"

// mayHavePrivateProjects reports whether crashed runs may have left private projects without a network. A project
// without the mark file needs no query for them. The first run with a private project writes the mark file.
func (ws *Workspace) mayHavePrivateProjects(projects map[string]*composeproject.Project) bool {
	dir := coord.OpenProjectDir(ws.Root())
	content, err := dir.ReadIfExists(privateMarkFile)
	if err == nil && content != nil {
		return true
	}
	for _, project := range projects {
		if project.IsPrivate() && ws.config.WritesState {
			_ = dir.WriteFile(privateMarkFile, []byte("yes\n")) // without the mark, networks still reveal most projects
			return true
		}
	}
	return false
}
