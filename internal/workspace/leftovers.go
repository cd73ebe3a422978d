package workspace

import (
	"context"

	"tasks/planner"
	"tasks/planner/observed"
)

// Abandoned returns the names of the resources of killed runs in a workspace's own project. Abandoned removes nothing,
// neither from the engine nor from the journal.
func Abandoned(ctx context.Context, ws *Workspace) ([]string, error) {
	project, engine, err := ws.Connect()
	if err != nil {
		return nil, err
	}
	journal := ws.config.Coordination.Store(ws.Root()).Journal()
	entries := journal.ContainerEntries()
	query := observed.Query{Project: project.Name(), Original: project.Name(), WithRunResources: true}
	snapshot, err := TakeSnapshot(ctx, engine, journal, query, entries, false)
	if err != nil {
		return nil, &RunError{err}
	}
	var names []string
	for _, step := range planner.PlanCrashCleanup(snapshot, project.Name(), OwnershipFrom(entries)).Steps {
		kind, name := step.Subject()
		names = append(names, kind+" "+name)
	}
	return names, nil
}
