package executor

import (
	"context"
	"fmt"

	"tasks/planner"
)

// container makes sure that a dependency service has its container. What changes something is done under a lock between
// processes, after a second look: another run may have done it already.
func (w *worker) container(ctx context.Context, a *planner.Container) outcome {
	d := a.Decide(a.Have, w.facts)
	if d.Verb == planner.Reuse && !a.Misnamed(a.Have) {
		return w.reuse(a, a.Have)
	}
	unlock, err := w.lock(ctx, "service/"+a.Service)
	if err != nil {
		return outcome{err: err}
	}
	defer unlock()
	have, err := w.look(ctx, a)
	if err == nil {
		err = w.learnVolumes(ctx, have)
	}
	if err != nil {
		return outcome{err: fmt.Errorf("service %s: %w", a.Service, err)}
	}
	switch d = a.Decide(have, w.facts); d.Verb {
	case planner.Reuse:
		if a.Misnamed(have) {
			w.rename(ctx, a, have)
		}
		return w.reuse(a, have)
	case planner.Recreate:
		if err := w.checkName(ctx, a, have); err != nil {
			return outcome{err: fmt.Errorf("service %s: %w", a.Service, err)}
		}
		return w.replace(ctx, a, have, d.Spec)
	}
	id, err := w.create(ctx, a.Service, d.Spec)
	if IsConflict(err) {
		return w.takeOver(ctx, a, err)
	}
	if err != nil {
		return outcome{err: fmt.Errorf("service %s: %w", a.Service, err)}
	}
	return outcome{verb: planner.Create, learn: knows(a.Service, id, false)}
}

// reuse takes a container of the service as it is.
func (w *worker) reuse(a *planner.Container, have *planner.ObservedContainer) outcome {
	id, err := w.claimService(a.Service).take(have)
	if err != nil {
		return outcome{err: fmt.Errorf("service %s: %w", a.Service, err)}
	}
	return outcome{verb: planner.Reuse, learn: knows(a.Service, id, false), transient: planner.Transient(have.Labels)}
}

func knows(service, id string, recreated bool) func(*planner.Facts) {
	return func(f *planner.Facts) {
		f.Containers[service] = id
		if recreated {
			f.Recreated[service] = true
		}
	}
}

// look finds the service's container as it is now; nil: none. A container of others that has the name is an error.
func (w *worker) look(ctx context.Context, a *planner.Container) (*planner.ObservedContainer, error) {
	name := a.Name
	if a.Have != nil {
		name = a.Have.Name
	}
	state, err := w.claimService(a.Service).named(ctx, name)
	if state == nil && err == nil && name != a.Name { // a replacement may have its final name by now
		state, err = w.claimService(a.Service).named(ctx, a.Name)
	}
	if state == nil || err != nil {
		return nil, err
	}
	return &state.ObservedContainer, nil
}

// checkName refuses to replace a container where others have the name of the new container. Later the old container
// would be gone already.
func (w *worker) checkName(ctx context.Context, a *planner.Container, have *planner.ObservedContainer) error {
	if have.Name == a.Name {
		return nil
	}
	_, err := w.claimService(a.Service).named(ctx, a.Name)
	return err
}

func (w *worker) create(ctx context.Context, service string, spec planner.ContainerSpec) (string, error) {
	call, cancel := w.uncancelled(ctx)
	defer cancel()
	id, err := w.cfg.Engine.CreateContainer(call, spec)
	if id != "" {
		lease := planner.Scope{Project: w.project()}.Lease(planner.ServiceOf(service))
		w.made(entry{kind: serviceMade, id: id, name: spec.Name, transient: planner.Transient(spec.Labels), lease: lease})
	}
	return id, err
}

func ran(c *planner.ObservedContainer) bool { return c.State == "running" }

// stopForNow stops a service's container. One that ran is started again when the run ends before it got to do that.
func (w *worker) stopForNow(ctx context.Context, instance string, c *planner.ObservedContainer) error {
	if ran(c) {
		w.made(entry{kind: serviceDown, id: c.ID, name: c.Name})
	}
	return w.claimService(instance).stop(ctx, c, nil)
}

// startService starts the container of a service unless it runs.
func (w *worker) startService(ctx context.Context, a *planner.StartService) outcome {
	id := w.facts.Containers[a.Service]
	if (a.Running || a.Finished) && !w.facts.Recreated[a.Service] && !w.facts.Restarted[a.Service] {
		return outcome{verb: planner.Reuse}
	}
	stopAfter, err := w.stopAfter(ctx, a, id)
	if err != nil {
		return outcome{err: fmt.Errorf("dependency service %s: %w", a.Service, err)}
	}
	var o outcome
	if a.Hooks.Any() {
		o = w.startWithHooks(ctx, a, id)
	} else {
		o = w.bringUp(ctx, a, id)
	}
	if stopAfter && o.started != "" && o.verb != planner.Reuse {
		if err := w.noteStart(ctx, a, id); err != nil && o.err == nil {
			o.err = fmt.Errorf("dependency service %s: %w", a.Service, err)
		}
	}
	return o
}

// stopAfter says that the last run that uses a container is to stop it again, as it is down now.
func (w *worker) stopAfter(ctx context.Context, a *planner.StartService, id string) (bool, error) {
	if !a.StopAfter || w.cfg.Leases == nil || w.cfg.Containers == nil {
		return false, nil
	}
	state, err := w.cfg.Engine.InspectContainer(ctx, id)
	// Somebody else may have been faster, and what is transient is removed anyway.
	return err == nil && !isUp(&state.ObservedContainer) && !planner.Transient(state.Labels), err
}

// noteStart has the last run that uses a container stop it again. It counts for this start alone: who starts it later, after
// all runs have died, does so for himself.
func (w *worker) noteStart(ctx context.Context, a *planner.StartService, id string) error {
	call, cancel := w.uncancelled(ctx)
	defer cancel()
	state, err := w.cfg.Engine.InspectContainer(call, id)
	if err != nil {
		return err
	}
	return w.cfg.Containers.Started(StartNote{Project: w.project(), Service: planner.ServiceOf(a.Service), ID: id, At: state.Started})
}

func (w *worker) bringUp(ctx context.Context, a *planner.StartService, id string) outcome {
	verb := planner.Start
	err := w.cfg.Engine.StartContainer(ctx, id)
	if IsConflict(err) { // the engine refuses to start what is paused
		verb, err = planner.Unpause, w.cfg.Engine.UnpauseContainer(ctx, id)
	}
	if err != nil && ctx.Err() != nil {
		return outcome{err: err}
	}
	if err != nil {
		return outcome{started: id, err: fmt.Errorf("dependency service %s does not start: %w", a.Service, err)}
	}
	return outcome{verb: verb, started: id}
}

// stopService stops a container that is started again once what it depends on has changed; where that turns out to stay
// as it is, it is left alone.
func (w *worker) stopService(ctx context.Context, a *planner.StopService) outcome {
	if a.Because(w.facts) == "" {
		return outcome{verb: planner.Reuse}
	}
	w.preStop(ctx, a.Have, a.Service, a.PreStop)
	if err := ctx.Err(); err != nil {
		return outcome{err: err}
	}
	call, cancel := w.uncancelled(ctx)
	defer cancel()
	if err := w.stopForNow(call, a.Service, a.Have); err != nil {
		return outcome{err: fmt.Errorf("service %s: %w", a.Service, err)}
	}
	return outcome{verb: planner.Stop, learn: func(f *planner.Facts) { f.Restarted[a.Service] = true }}
}
