package executor

import (
	"context"
	"errors"
	"fmt"

	"tasks/planner"
)

func (w *worker) ensureNetwork(ctx context.Context, a *planner.Network) outcome {
	learn := func(id string) func(*planner.Facts) {
		return func(f *planner.Facts) { f.Networks[a.Key] = id }
	}
	switch {
	case a.IsChanged:
		return w.recreateNetwork(ctx, a)
	case a.ExistingID != "":
		return outcome{applyFacts: learn(a.ExistingID)}
	case a.MissingError != "":
		return outcome{err: errors.New(a.MissingError)}
	case a.External:
		return outcome{err: fmt.Errorf("network %s is external and does not exist: create it with `docker network create %s`", a.Name, a.Name)}
	}
	unlock, err := w.lock(ctx, "network/"+a.Name)
	if err != nil {
		return outcome{err: err}
	}
	defer unlock()
	call, cancel := w.uncancelled(ctx)
	defer cancel()
	id, made, err := w.cfg.Engine.CreateNetwork(call, a)
	if made {
		w.recordEntries(entry{kind: networkEntry, id: id, name: a.Name, isTransient: planner.IsTransient(a.Labels), lease: planner.NetworkLease(a.Name)})
	}
	if err != nil {
		return outcome{err: fmt.Errorf("network %s: %w", a.Name, err)}
	}
	return outcome{applyFacts: learn(id), verb: verbIfCreated(made, planner.Create)}
}

// verbIfCreated is the verb to show: reuse where another run was faster.
func verbIfCreated(made bool, verb planner.Verb) planner.Verb {
	if made {
		return verb
	}
	return planner.Reuse
}

func (w *worker) ensureVolume(ctx context.Context, a *planner.Volume) outcome {
	learn := func(created string) func(*planner.Facts) {
		return func(f *planner.Facts) { f.Volumes[a.Name] = created }
	}
	if a.Exists {
		return outcome{applyFacts: learn(a.CreatedAt)}
	}
	if a.MissingError != "" {
		return outcome{err: errors.New(a.MissingError)}
	}
	if a.External {
		return outcome{err: fmt.Errorf("volume %s is external and does not exist: create it with `docker volume create %s`", a.Name, a.Name)}
	}
	call, cancel := w.uncancelled(ctx)
	defer cancel()
	created, made, err := w.cfg.Engine.CreateVolume(call, a)
	if made {
		w.recordEntries(entry{kind: volumeEntry, id: a.Name, name: a.Name})
	}
	if err != nil {
		return outcome{err: fmt.Errorf("volume %s: %w", a.Name, err)}
	}
	return outcome{applyFacts: learn(created), verb: verbIfCreated(made, planner.Create)}
}
