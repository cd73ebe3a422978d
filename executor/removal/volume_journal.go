package removal

import (
	"context"

	"tasks/executor/engine"
	"tasks/planner"
	"tasks/planner/observed"
)

// VolumeJournal records the anonymous volumes of containers for the next command. It is safe for concurrent use.
type VolumeJournal interface {
	// RecordVolumes precedes the removal of the container, ClearVolumes follows the end of the volumes.
	RecordVolumes(project, container string, names []string) error
	ClearVolumes(container string) error
}

// removeRecorded removes a container of the run's own making, and records its anonymous volumes before. An engine that
// is being stopped answers with success, but keeps the volumes. The next command removes recorded volumes. A failure of
// the record has no effect on the removal.
func (r Remover) removeRecorded(ctx context.Context, project, id string) error {
	names := r.anonymousVolumes(ctx, id)
	if len(names) > 0 {
		_ = r.Volumes.RecordVolumes(project, id, names)
	}
	err := r.RemoveOwn(ctx, id, engine.RemoveVolumes)
	if len(names) > 0 && err == nil && r.areGone(ctx, names) {
		_ = r.Volumes.ClearVolumes(id)
	}
	return err
}

// anonymousVolumes returns the volumes of a container with generated names.
func (r Remover) anonymousVolumes(ctx context.Context, id string) (names []string) {
	state, err := r.Engine.InspectContainer(ctx, id)
	if err != nil {
		return nil
	}
	for _, m := range state.Mounts {
		if m.Type == "volume" && observed.IsGeneratedName(m.Name) {
			names = append(names, m.Name)
		}
	}
	return names
}

// areGone reports whether the engine knows none of the volumes.
func (r Remover) areGone(ctx context.Context, names []string) bool {
	for _, name := range names {
		if _, err := r.Engine.InspectVolume(ctx, name); !engine.IsNotFound(err) {
			return false
		}
	}
	return true
}

// RemoveLostVolumes removes recorded volumes that no container uses. It returns the removed volumes, and whether the
// record is of no more use.
func (r Remover) RemoveLostVolumes(
	ctx context.Context, project string, names []string,
) (removed []string, isDone bool) {
	isDone = true
	for _, name := range names {
		found, err := r.Engine.InspectVolume(ctx, name)
		if engine.IsNotFound(err) || err == nil && !found.IsAnonymous() { // a user has made a volume with such a name
			continue
		}
		if err == nil {
			err = r.RemoveVolume(ctx, planner.Claim{Project: project, Original: project}, name, true)
		}
		if err != nil {
			isDone = false // the next command tries again
			continue
		}
		removed = append(removed, name)
	}
	return removed, isDone
}
