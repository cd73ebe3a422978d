package executor

import (
	"context"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/executor/hook"
)

// runPostStartHooks runs the hooks after the start of a service's container. A
// failed hook fails the start, but the container keeps running, as with Compose.
func (s startStep) runPostStartHooks(ctx context.Context, id, service string, hooks []types.ServiceHook) error {
	if failed := hook.Run(ctx, s.Engine, id, service, "post_start", hooks); failed != nil {
		return failed
	}
	return nil
}
