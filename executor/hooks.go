package executor

import (
	"context"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/executor/hook"
	"tasks/planner"
)

// runPostStartHooks runs what comes after the start of a service's container. A failure is that of the start, though the container
// runs on, as with Compose.
func (w *worker) runPostStartHooks(ctx context.Context, id, service string, hooks []types.ServiceHook) error {
	if failed := hook.Run(ctx, w.Engine, id, service, "post_start", hooks); failed != nil {
		return failed
	}
	return nil
}

// runPreStopHooks runs what comes before the stop of a container, if that runs. The stop does not hang on it.
func (w *worker) runPreStopHooks(ctx context.Context, c *planner.ObservedContainer, replica string, hooks []types.ServiceHook) {
	if !isRunning(c) {
		return
	}
	if failed := hook.Run(ctx, w.Engine, c.ID, planner.ServiceOf(replica), "pre_stop", hooks); failed.IsReportable(ctx) {
		w.Warn("%s\n"+hook.StopContinues, failed)
	}
}
