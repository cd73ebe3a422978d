package executor

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/executor/engine"
	"tasks/executor/hook"
	"tasks/internal/composeproject"
	"tasks/planner"
)

// TeardownOptions says what else belongs to taking a project away. Its functions are called by one goroutine at a time, but for
// PreStop.
type TeardownOptions struct {
	// PreStop are the hooks to be run in a container before it is stopped; nil: there are none.
	PreStop func(*planner.ObservedContainer) []types.ServiceHook
	// OnRemoved is told of each thing that is gone, Warned of hooks that failed.
	OnRemoved func(kind, name string)
	OnWarning func(text string)
}

func (d TeardownOptions) runPreStopHooks(ctx context.Context, e engine.Engine, c *planner.ObservedContainer) *hook.Error {
	if d.PreStop == nil {
		return nil
	}
	failed := hook.Run(ctx, e, c.ID, c.Labels[composeproject.LabelService], "pre_stop", d.PreStop(c))
	if !failed.IsReportable(ctx) {
		return nil
	}
	return failed
}

// Teardown takes a project away: containers wave by wave, those of a wave at the same time, then networks and volumes. It goes
// on after errors and returns them all.
func Teardown(ctx context.Context, e engine.Engine, t planner.Teardown, options TeardownOptions) error {
	var mu sync.Mutex
	var errs []error
	report := func(kind, name string, err error) {
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			errs = append(errs, fmt.Errorf("%s %s: %w", kind, name, err))
			return
		}
		options.OnRemoved(kind, name)
	}
	for _, wave := range t.Waves {
		var all sync.WaitGroup
		for _, c := range wave {
			all.Go(func() {
				if failed := options.runPreStopHooks(ctx, e, c); failed != nil {
					mu.Lock()
					options.OnWarning(failed.Error() + "\n" + hook.StopContinues)
					mu.Unlock()
				}
				report("container", c.Name, claimed{engine: e, claim: t.Claim}.stopAndRemove(ctx, c))
			})
		}
		all.Wait()
	}
	for _, n := range t.Networks {
		report("network", n.Name, e.RemoveNetwork(ctx, n.ID))
	}
	for _, name := range t.AnonymousVolumes {
		if err := e.RemoveVolume(ctx, name); err != nil && !engine.IsConflict(err) {
			report("volume", name, err)
		}
	}
	for _, v := range t.Volumes {
		report("volume", v.Name, e.RemoveVolume(ctx, v.Name))
	}
	return errors.Join(errs...)
}
