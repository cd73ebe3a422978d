package executor

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/internal/composeproject"
	"tasks/planner"
)

// Downing says what else belongs to taking a project away. Its functions are called by one goroutine at a time, but for
// PreStop.
type Downing struct {
	// PreStop are the hooks to be run in a container before it is stopped; nil: there are none.
	PreStop func(*planner.ObservedContainer) []types.ServiceHook
	// Removed is told of each thing that is gone, Warned of hooks that failed.
	Removed func(kind, name string)
	Warned  func(text string)
}

func (d Downing) preStop(ctx context.Context, engine Engine, c *planner.ObservedContainer) *hookError {
	if d.PreStop == nil {
		return nil
	}
	failed := runHooks(ctx, engine, c.ID, c.Labels[composeproject.LabelService], "pre_stop", d.PreStop(c))
	if !failed.tells(ctx) {
		return nil
	}
	return failed
}

// Down takes a project away: containers wave by wave, those of a wave at the same time, then networks and volumes. It goes
// on after errors and returns them all.
func Down(ctx context.Context, engine Engine, t planner.Teardown, how Downing) error {
	var mu sync.Mutex
	var errs []error
	done := func(kind, name string, err error) {
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			errs = append(errs, fmt.Errorf("%s %s: %w", kind, name, err))
			return
		}
		how.Removed(kind, name)
	}
	for _, wave := range t.Waves {
		var all sync.WaitGroup
		for _, c := range wave {
			all.Go(func() {
				if failed := how.preStop(ctx, engine, c); failed != nil {
					mu.Lock()
					how.Warned(failed.Error() + "\n" + stoppedAllTheSame)
					mu.Unlock()
				}
				done("container", c.Name, claimed{engine: engine, claim: t.Claim}.stopAndRemove(ctx, c))
			})
		}
		all.Wait()
	}
	for _, n := range t.Networks {
		done("network", n.Name, engine.RemoveNetwork(ctx, n.ID))
	}
	for _, name := range t.Nameless {
		if err := engine.RemoveVolume(ctx, name); err != nil && !IsConflict(err) {
			done("volume", name, err)
		}
	}
	for _, v := range t.Volumes {
		done("volume", v.Name, engine.RemoveVolume(ctx, v.Name))
	}
	return errors.Join(errs...)
}
