package executor

import (
	"context"
	"errors"
	"fmt"

	"tasks/executor/engine"
	"tasks/executor/release"
	"tasks/executor/step"
	"tasks/planner"
	"tasks/planner/observed"
)

// startStep starts the container of a service.
type startStep struct {
	resourceStep
	leases  release.Leases
	journal ContainerJournal
}

// startService starts the container of a service, unless the container runs. Its published ports are ports of this
// machine afterwards.
func (s startStep) startService(ctx context.Context, a *planner.StartService) step.Outcome {
	o := s.startIfNeeded(ctx, a)
	if o.Err == nil {
		if err := engine.ForwardPorts(ctx, s.Engine, s.facts.Containers[a.Replica]); err != nil {
			o.Err = fmt.Errorf("dependency service %s: %w", a.Replica, err)
		}
	}
	return o
}

func (s startStep) startIfNeeded(ctx context.Context, a *planner.StartService) step.Outcome {
	id := s.facts.Containers[a.Replica]
	if (a.IsRunning || a.HasCompleted) && !s.facts.Recreated[a.Replica] && !s.facts.Restarted[a.Replica] {
		return step.Outcome{Verb: planner.Reuse}
	}
	if err := s.checkHealthcheck(ctx, a, id); err != nil {
		return step.Outcome{Err: err}
	}
	shouldStop, err := s.shouldStopAfterUse(ctx, a, id)
	if err != nil {
		return step.Outcome{Err: fmt.Errorf("dependency service %s: %w", a.Replica, err)}
	}
	var o step.Outcome
	if a.Hooks.HasAny() {
		o = s.startWithHooks(ctx, a, id)
	} else {
		o = s.startOrUnpause(ctx, a, id)
	}
	if shouldStop && o.StartedID != "" && o.Verb != planner.Reuse {
		if err := s.recordStart(ctx, a, id); err != nil && o.Err == nil {
			o.Err = fmt.Errorf("dependency service %s: %w", a.Replica, err)
		}
	}
	return o
}

// checkHealthcheck refuses a container without the healthcheck that a dependent waits for.
func (s startStep) checkHealthcheck(ctx context.Context, a *planner.StartService, id string) error {
	if a.NoHealthcheckError == "" {
		return nil
	}
	state, err := s.Engine.InspectContainer(ctx, id)
	if err == nil && state.Probe == nil {
		err = errors.New(a.NoHealthcheckError)
	}
	return err
}

// shouldStopAfterUse reports whether the last user has to stop a container again, because the container is stopped now.
func (s startStep) shouldStopAfterUse(ctx context.Context, a *planner.StartService, id string) (bool, error) {
	if !a.StopAfterUse || s.leases == nil || s.journal == nil {
		return false, nil
	}
	state, err := s.Engine.InspectContainer(ctx, id)
	// Another process may have started the container. A transient container is removed anyway.
	return err == nil && !state.State.IsUp() && !observed.IsTransient(state.Labels), err
}

// recordStart lets the last user stop a container again. The record counts for this
// start alone: a later start by others, after the end of all runs, stays.
func (s startStep) recordStart(ctx context.Context, a *planner.StartService, id string) error {
	call, cancel := s.Uncancelled(ctx)
	defer cancel()
	state, err := s.Engine.InspectContainer(call, id)
	if err != nil {
		return err
	}
	return s.journal.RecordStart(StartEntry{
		Project: s.Project, Service: planner.ServiceOf(a.Replica), ID: id, StartedAt: state.StartedAt,
	})
}

func (s startStep) startOrUnpause(ctx context.Context, a *planner.StartService, id string) step.Outcome {
	verb := planner.Start
	err := s.Engine.StartContainer(ctx, id)
	if engine.IsConflict(err) { // the engine refuses to start a paused container
		verb, err = planner.Unpause, s.Engine.UnpauseContainer(ctx, id)
	}
	if err != nil && ctx.Err() != nil {
		return step.Outcome{Err: err}
	}
	if err != nil {
		prefix := fmt.Sprintf("dependency service %s does not start", a.Replica)
		return step.Outcome{StartedID: id, Err: step.ExplainStart(prefix, err, a.Ports, a.Locate)}
	}
	return step.Outcome{Verb: verb, StartedID: id}
}
