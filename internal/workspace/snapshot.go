package workspace

import (
	"context"
	"slices"

	"tasks/executor/engine"
	"tasks/internal/coord"
	"tasks/planner/observed"
)

// SnapshotEngine is an engine that takes snapshots of projects. executor/docker implements the interface.
type SnapshotEngine interface {
	engine.Engine
	Snapshot(ctx context.Context, query observed.Query) (*observed.Snapshot, error)
}

// TakeSnapshot reads the state of a project from the engine, and applies entries of the journal from before
// the snapshot. With sweepAllowed TakeSnapshot removes the entries of missing containers.
func TakeSnapshot(
	ctx context.Context, source SnapshotEngine, journal *coord.Journal, query observed.Query,
	entries coord.ContainerEntries, sweepAllowed bool,
) (*observed.Snapshot, error) {
	snapshot, err := source.Snapshot(ctx, query)
	if err != nil {
		return nil, err
	}
	if sweepAllowed {
		journal.SweepContainers(entries, query.Project, func(id string) bool {
			hasID := func(c *observed.Container) bool { return c.ID == id }
			return slices.ContainsFunc(snapshot.Containers, hasID)
		})
	}
	snapshot.Containers = OwnershipFrom(entries).ApplyNotes(snapshot.Containers)
	return snapshot, nil
}
