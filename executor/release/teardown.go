package release

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/executor/engine"
	"tasks/executor/removal"
	"tasks/planner"
	"tasks/planner/observed"
)

// TeardownOptions are the options of a teardown. A single goroutine at a time calls OnRemoved and OnWarning.
type TeardownOptions struct {
	// PreStop returns the hooks before the stop of a container; nil: none.
	PreStop func(*observed.Container) []types.ServiceHook
	// OnRemoved gets each removed resource, OnWarning failed hooks.
	OnRemoved func(kind, name string)
	OnWarning func(text string)
}

// teardown is the state of a teardown.
type teardown struct {
	engine  engine.Engine
	options TeardownOptions
	mu      sync.Mutex
	errs    []error
}

// Teardown removes a project: containers wave by wave, a wave at the same time, then networks and volumes. Teardown
// goes on after errors and returns all errors.
func Teardown(ctx context.Context, e engine.Engine, t planner.Teardown, options TeardownOptions) error {
	d := &teardown{engine: e, options: options}
	remover := removal.Remover{Engine: e, Warn: d.warn}
	for _, wave := range t.Waves {
		var all sync.WaitGroup
		for _, c := range wave {
			all.Go(func() {
				d.report("container", c.Name, remover.StopAndRemove(
					ctx, removal.Request{Container: c, Claim: t.Claim, PreStop: d.preStop(c)},
				))
			})
		}
		all.Wait()
	}
	for _, n := range t.Networks {
		d.report("network", n.Name, remover.RemoveNetwork(ctx, n.ID, n.Name))
	}
	for _, name := range t.AnonymousVolumes {
		if err := remover.RemoveVolume(ctx, name); err != nil && !engine.IsConflict(err) {
			d.report("volume", name, err)
		}
	}
	for _, v := range t.Volumes {
		d.report("volume", v.Name, remover.RemoveVolume(ctx, v.Name))
	}
	return errors.Join(d.errs...)
}

func (d *teardown) preStop(c *observed.Container) []types.ServiceHook {
	if d.options.PreStop == nil {
		return nil
	}
	return d.options.PreStop(c)
}

func (d *teardown) report(kind, name string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil {
		d.errs = append(d.errs, fmt.Errorf("%s %s: %w", kind, name, err))
		return
	}
	d.options.OnRemoved(kind, name)
}

func (d *teardown) warn(text string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.options.OnWarning(text)
}
