package workspace

import (
	"context"
	"slices"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/internal/coord"
	"tasks/planner"
	"tasks/planner/observed"
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

// takeSnapshots reads the state of each project from the engine, or takes the early snapshots. isEarly reports whether
// there is an early snapshot. The journal may have newer entries than an early snapshot, so that no entry is swept.
func (ws *Workspace) takeSnapshots(
	ctx context.Context, engine SnapshotEngine, projects map[string]*composeproject.Project, spec *hclspec.Spec,
	entries coord.ContainerEntries, early *EarlySnapshots,
) (states map[string]planner.ProjectState, isEarly bool, err error) {
	journal := ws.config.Coordination.Store(ws.Root()).Journal()
	var queries []observed.Query
	states, queriesRunResources := map[string]planner.ProjectState{}, ws.mayHavePrivateProjects(projects)
	for scope, project := range projects {
		query := planner.QueryFor(planner.SpecOfScope(spec, scope), project)
		query.WithRunResources = query.WithRunResources || queriesRunResources
		sweepAllowed := ws.config.WritesState && !ws.config.Engine.isChosen() // entries may be of the other engine
		source := engine
		if taken := early.take(ctx, query); taken != nil {
			source, sweepAllowed, isEarly = &takenSnapshot{engine, taken}, false, true
		}
		snapshot, err := TakeSnapshot(ctx, source, journal, query, entries, sweepAllowed)
		if err != nil {
			return nil, false, &RunError{err}
		}
		states[scope] = planner.ProjectState{Project: project, Snapshot: snapshot}
		if !project.IsPrivate() { // a private project is another one for each run
			queries = append(queries, query)
		}
	}
	early.remember(engine, queries)
	return states, isEarly, nil
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
