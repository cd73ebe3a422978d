package workspace

import (
	"context"
	"slices"

	"tasks/executor"
	"tasks/internal/coord"
	"tasks/planner"
)

// SnapshotEngine is an engine that takes snapshots of projects. executor/docker implements the interface.
type SnapshotEngine interface {
	executor.Engine
	Snapshot(ctx context.Context, query planner.Query) (*planner.Snapshot, error)
}

// TakeSnapshot reads the state of a project from the engine, and applies entries of the journal from before the
// snapshot. With sweepAllowed TakeSnapshot removes the entries of missing containers.
func TakeSnapshot(
	ctx context.Context, engine SnapshotEngine, journal *coord.Journal, query planner.Query,
	entries coord.ContainerEntries, sweepAllowed bool,
) (*planner.Snapshot, error) {
	snapshot, err := engine.Snapshot(ctx, query)
	if err != nil {
		return nil, err
	}
	if sweepAllowed {
		journal.SweepContainers(entries, query.Project, func(id string) bool {
			return slices.ContainsFunc(snapshot.Containers, func(c *planner.ObservedContainer) bool { return c.ID == id })
		})
	}
	snapshot.Containers = OwnershipFrom(entries).ApplyNotes(snapshot.Containers)
	return snapshot, nil
}
