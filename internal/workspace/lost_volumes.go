package workspace

import (
	"context"

	"tasks/executor/removal"
	"tasks/internal/coord"
)

// removeLostVolumes removes the anonymous volumes that an engine has kept, because it was stopped during a run. Without
// an answer of the engine the next command tries again.
func (c Config) removeLostVolumes(ctx context.Context, store *coord.Store) {
	for _, entry := range store.Journal().VolumeEntries() {
		connected, err := c.Engine.Connect()
		if err != nil {
			return
		}
		removed, isDone := removal.Remover{Engine: connected}.RemoveLostVolumes(ctx, entry.Project, entry.Data)
		for _, name := range removed {
			c.Reporter.PrintRemoved("volume", name, "the engine kept it when it was stopped during a run")
		}
		if isDone {
			_ = store.Journal().ClearVolumes(entry.ID) // the next command tries again
		}
	}
}
