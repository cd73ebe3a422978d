package executor

import (
	"context"
	"errors"
	"fmt"

	"tasks/executor/engine"
	"tasks/executor/step"
	"tasks/planner"
	"tasks/planner/observed"
)

// networkStep makes a network, or makes a network again.
type networkStep struct {
	resourceStep
	plan  *planner.Plan
	scope string
}

// ensureNetwork makes sure that a network exists with its current configuration.
func (s networkStep) ensureNetwork(ctx context.Context, a *planner.Network) step.Outcome {
	learn := func(id string) func(*planner.Facts) {
		return func(f *planner.Facts) { f.Networks[a.Key] = id }
	}
	switch {
	case a.IsChanged:
		return s.recreateNetwork(ctx, a)
	case a.ExistingID != "":
		return step.Outcome{ApplyFacts: learn(a.ExistingID)}
	case a.MissingError != "":
		return step.Outcome{Err: errors.New(a.MissingError)}
	case a.External:
		return step.Outcome{Err: fmt.Errorf(
			"network %s is external and does not exist: create it with `docker network create %s`", a.Name, a.Name,
		)}
	}
	unlock, err := s.lock(ctx, "network/"+a.Name)
	if err != nil {
		return step.Outcome{Err: err}
	}
	defer unlock()
	call, cancel := s.Uncancelled(ctx)
	defer cancel()
	id, made, err := s.Engine.CreateNetwork(call, a)
	if made {
		s.Record(step.Entry{
			Kind: step.NetworkEntry, ID: id, Name: a.Name,
			IsTransient: observed.IsTransient(a.Labels), Lease: observed.NetworkLease(a.Name),
		})
	}
	if err != nil {
		return step.Outcome{Err: engine.Explain(engine.WithPlace(err, a.Locate), "network %s", a.Name)}
	}
	if !made {
		s.warnForeign(s.claimProject().CheckNetworkID(ctx, id))
	}
	return step.Outcome{ApplyFacts: learn(id), Verb: verbIfCreated(made, planner.Create)}
}

// warnForeign warns about a network or volume that others made after the snapshot. The run uses the resource, as
// Compose does. The plan warns about earlier resources.
func (s resourceStep) warnForeign(err error) {
	if foreign, ok := errors.AsType[*planner.ForeignError](err); ok {
		s.Warn("%s; it is used as it is: write `external: true` if that is wanted", foreign)
	}
}

// verbIfCreated is the performed action: reuse, if another run was faster.
func verbIfCreated(made bool, verb planner.Verb) planner.Verb {
	if made {
		return verb
	}
	return planner.Reuse
}

// ensureVolume makes sure that a volume exists.
func (s resourceStep) ensureVolume(ctx context.Context, a *planner.Volume) step.Outcome {
	learn := func(created string) func(*planner.Facts) {
		return func(f *planner.Facts) { f.Volumes[a.Name] = created }
	}
	if a.Exists {
		return step.Outcome{ApplyFacts: learn(a.CreatedAt)}
	}
	if a.MissingError != "" {
		return step.Outcome{Err: errors.New(a.MissingError)}
	}
	if a.External {
		return step.Outcome{Err: fmt.Errorf(
			"volume %s is external and does not exist: create it with `docker volume create %s`", a.Name, a.Name,
		)}
	}
	call, cancel := s.Uncancelled(ctx)
	defer cancel()
	created, made, err := s.Engine.CreateVolume(call, a)
	if made {
		s.Record(step.Entry{Kind: step.VolumeEntry, ID: a.Name, Name: a.Name})
	}
	if err != nil {
		return step.Outcome{Err: engine.Explain(err, "volume %s", a.Name)}
	}
	if !made {
		s.warnForeign(s.claimProject().CheckVolumeName(ctx, a.Name))
	}
	return step.Outcome{ApplyFacts: learn(created), Verb: verbIfCreated(made, planner.Create)}
}
