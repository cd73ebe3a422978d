package executor

import (
	"context"
	"fmt"

	"tasks/executor/engine"
	"tasks/executor/readiness"
	"tasks/executor/removal"
	"tasks/executor/step"
	"tasks/planner"
	"tasks/planner/observed"
)

// container makes sure that a dependency service has its container. What changes something is done under a lock between
// processes, after a second look: another run may have done it already.
func (w *worker) ensureContainer(ctx context.Context, a *planner.Container) step.Outcome {
	decision := a.Decide(a.Existing, w.facts)
	if decision.Verb == planner.Reuse && !a.HasTemporaryName(a.Existing) {
		return w.reuse(a, a.Existing)
	}
	unlock, err := w.lock(ctx, "service/"+a.Replica)
	if err != nil {
		return step.Outcome{Err: err}
	}
	defer unlock()
	existing, err := w.inspectCurrent(ctx, a)
	if err == nil {
		err = w.recordImageVolumes(ctx, existing)
	}
	if err != nil {
		return step.Outcome{Err: fmt.Errorf("service %s: %w", a.Replica, err)}
	}
	switch decision = a.Decide(existing, w.facts); decision.Verb {
	case planner.Reuse:
		if a.HasTemporaryName(existing) {
			w.renameContainer(ctx, a, existing)
		}
		return w.reuse(a, existing)
	case planner.Recreate:
		if err := w.checkName(ctx, a, existing); err != nil {
			return step.Outcome{Err: fmt.Errorf("service %s: %w", a.Replica, err)}
		}
		return w.replaceContainer(ctx, a, existing, decision.Spec)
	}
	id, err := w.createContainer(ctx, a.Replica, decision.Spec)
	if engine.IsConflict(err) {
		return w.adoptExisting(ctx, a, err)
	}
	if err != nil {
		return step.Outcome{Err: fmt.Errorf("service %s: %w", a.Replica, err)}
	}
	return step.Outcome{Verb: planner.Create, ApplyFacts: recordContainer(a.Replica, id, false)}
}

// reuse takes a container of the service as it is.
func (w *worker) reuse(a *planner.Container, have *observed.Container) step.Outcome {
	id, err := w.claimService(a.Replica).Take(have)
	if err != nil {
		return step.Outcome{Err: fmt.Errorf("service %s: %w", a.Replica, err)}
	}
	return step.Outcome{Verb: planner.Reuse, ApplyFacts: recordContainer(a.Replica, id, false), IsTransient: have.IsTransient()}
}

func recordContainer(service, id string, recreated bool) func(*planner.Facts) {
	return func(f *planner.Facts) {
		f.Containers[service] = id
		if recreated {
			f.Recreated[service] = true
		}
	}
}

// look finds the service's container as it is now; nil: none. A container of others that has the name is an error.
func (w *worker) inspectCurrent(ctx context.Context, a *planner.Container) (*observed.Container, error) {
	name := a.Name
	if a.Existing != nil {
		name = a.Existing.Name
	}
	state, err := w.claimService(a.Replica).Named(ctx, name)
	if state == nil && err == nil && name != a.Name { // a replacement may have its final name by now
		state, err = w.claimService(a.Replica).Named(ctx, a.Name)
	}
	if state == nil || err != nil {
		return nil, err
	}
	return &state.ObservedContainer, nil
}

// checkName refuses to replace a container where others have the name of the new container. Later the old container
// would be gone already.
func (w *worker) checkName(ctx context.Context, a *planner.Container, have *observed.Container) error {
	if have.Name == a.Name {
		return nil
	}
	_, err := w.claimService(a.Replica).Named(ctx, a.Name)
	return err
}

func (w *worker) createContainer(ctx context.Context, service string, spec planner.ContainerSpec) (string, error) {
	call, cancel := w.Uncancelled(ctx)
	defer cancel()
	id, err := w.Engine.CreateContainer(call, spec)
	if id != "" {
		lease := planner.Scope{Project: w.Project}.Lease(planner.ServiceOf(service))
		w.Record(step.Entry{Kind: step.ServiceEntry, ID: id, Name: spec.Name, IsTransient: observed.IsTransient(spec.Labels), Lease: lease})
	}
	return id, err
}

// stopTemporarily stops a service's container. The end of the run starts a container that ran again, unless a step does.
func (w *worker) stopTemporarily(ctx context.Context, replica string, c *observed.Container) error {
	w.recordStopped(c)
	return w.remover().StopAndRemove(ctx, removal.Request{Container: c, Claim: w.serviceClaim(replica), IsStopOnly: true})
}

func (w *worker) recordStopped(c *observed.Container) {
	if c.State.IsRunning() {
		w.Record(step.Entry{Kind: step.StoppedServiceEntry, ID: c.ID, Name: c.Name})
	}
}

// startService starts the container of a service unless it runs.
func (w *worker) startService(ctx context.Context, a *planner.StartService) step.Outcome {
	id := w.facts.Containers[a.Replica]
	if (a.IsRunning || a.HasCompleted) && !w.facts.Recreated[a.Replica] && !w.facts.Restarted[a.Replica] {
		return step.Outcome{Verb: planner.Reuse}
	}
	shouldStop, err := w.shouldStopAfterUse(ctx, a, id)
	if err != nil {
		return step.Outcome{Err: fmt.Errorf("dependency service %s: %w", a.Replica, err)}
	}
	var o step.Outcome
	if a.Hooks.HasAny() {
		o = w.startWithHooks(ctx, a, id)
	} else {
		o = w.startOrUnpause(ctx, a, id)
	}
	if shouldStop && o.StartedID != "" && o.Verb != planner.Reuse {
		if err := w.recordStart(ctx, a, id); err != nil && o.Err == nil {
			o.Err = fmt.Errorf("dependency service %s: %w", a.Replica, err)
		}
	}
	return o
}

// shouldStopAfterUse says that the last run that uses a container is to stop it again, as it is down now.
func (w *worker) shouldStopAfterUse(ctx context.Context, a *planner.StartService, id string) (bool, error) {
	if !a.StopAfterUse || w.cfg.Leases == nil || w.cfg.ContainerJournal == nil {
		return false, nil
	}
	state, err := w.Engine.InspectContainer(ctx, id)
	// Somebody else may have been faster, and what is transient is removed anyway.
	return err == nil && !state.State.IsUp() && !observed.IsTransient(state.Labels), err
}

// recordStart has the last run that uses a container stop it again. It counts for this start alone: who starts it later, after
// all runs have died, does so for himself.
func (w *worker) recordStart(ctx context.Context, a *planner.StartService, id string) error {
	call, cancel := w.Uncancelled(ctx)
	defer cancel()
	state, err := w.Engine.InspectContainer(call, id)
	if err != nil {
		return err
	}
	return w.cfg.ContainerJournal.RecordStart(StartEntry{Project: w.Project, Service: planner.ServiceOf(a.Replica), ID: id, StartedAt: state.StartedAt})
}

func (w *worker) startOrUnpause(ctx context.Context, a *planner.StartService, id string) step.Outcome {
	verb := planner.Start
	err := w.Engine.StartContainer(ctx, id)
	if engine.IsConflict(err) { // the engine refuses to start what is paused
		verb, err = planner.Unpause, w.Engine.UnpauseContainer(ctx, id)
	}
	if err != nil && ctx.Err() != nil {
		return step.Outcome{Err: err}
	}
	if err != nil {
		return step.Outcome{StartedID: id, Err: fmt.Errorf("dependency service %s does not start: %w", a.Replica, err)}
	}
	return step.Outcome{Verb: verb, StartedID: id}
}

// stopService stops a container that is started again once what it depends on has changed; where that turns out to stay
// as it is, it is left alone.
func (w *worker) stopService(ctx context.Context, a *planner.StopService) step.Outcome {
	if a.StopReason(w.facts) == "" {
		return step.Outcome{Verb: planner.Reuse}
	}
	w.remover().RunPreStop(ctx, a.Existing, a.PreStop)
	if err := ctx.Err(); err != nil {
		return step.Outcome{Err: err}
	}
	call, cancel := w.Uncancelled(ctx)
	defer cancel()
	if err := w.stopTemporarily(call, a.Replica, a.Existing); err != nil {
		return step.Outcome{Err: fmt.Errorf("service %s: %w", a.Replica, err)}
	}
	return step.Outcome{Verb: planner.Stop, ApplyFacts: func(f *planner.Facts) { f.Restarted[a.Replica] = true }}
}

// waitService waits until the container of a service meets a condition.
func (w *worker) waitService(ctx context.Context, a *planner.WaitService) step.Outcome {
	if a.IsMet && !w.facts.Recreated[a.Replica] && !w.facts.Restarted[a.Replica] {
		return step.Outcome{Verb: planner.Reuse}
	}
	target := readiness.Target{
		Replica: a.Replica, ID: w.facts.Containers[a.Replica], Condition: a.Condition, Readiness: a.Readiness, Limit: w.cfg.WaitTimeout,
	}
	if err := readiness.Wait(ctx, w.Env, target); err != nil {
		return step.Outcome{Err: err}
	}
	return step.Outcome{Verb: planner.Wait}
}
