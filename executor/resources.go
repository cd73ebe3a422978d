package executor

import (
	"context"
	"errors"
	"fmt"

	"tasks/planner"
)

func (w *worker) network(ctx context.Context, a *planner.Network) outcome {
	learn := func(id string) func(*planner.Facts) {
		return func(f *planner.Facts) { f.Networks[a.Key] = id }
	}
	switch {
	case a.Changed:
		return w.renewNetwork(ctx, a)
	case a.ExistingID != "":
		return outcome{learn: learn(a.ExistingID)}
	case a.Missing != "":
		return outcome{err: errors.New(a.Missing)}
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
		w.made(entry{kind: networkMade, id: id, name: a.Name, transient: planner.Transient(a.Labels), lease: planner.NetworkLease(a.Name)})
	}
	if err != nil {
		return outcome{err: fmt.Errorf("network %s: %w", a.Name, err)}
	}
	return outcome{learn: learn(id), verb: madeOr(made, planner.Create)}
}

// madeOr is the verb to show: reuse where another run was faster.
func madeOr(made bool, verb planner.Verb) planner.Verb {
	if made {
		return verb
	}
	return planner.Reuse
}

func (w *worker) volume(ctx context.Context, a *planner.Volume) outcome {
	learn := func(created string) func(*planner.Facts) {
		return func(f *planner.Facts) { f.Volumes[a.Name] = created }
	}
	if a.Exists {
		return outcome{learn: learn(a.Created)}
	}
	if a.Missing != "" {
		return outcome{err: errors.New(a.Missing)}
	}
	if a.External {
		return outcome{err: fmt.Errorf("volume %s is external and does not exist: create it with `docker volume create %s`", a.Name, a.Name)}
	}
	call, cancel := w.uncancelled(ctx)
	defer cancel()
	created, made, err := w.cfg.Engine.CreateVolume(call, a)
	if made {
		w.made(entry{kind: volumeMade, id: a.Name, name: a.Name})
	}
	if err != nil {
		return outcome{err: fmt.Errorf("volume %s: %w", a.Name, err)}
	}
	return outcome{learn: learn(created), verb: madeOr(made, planner.Create)}
}
