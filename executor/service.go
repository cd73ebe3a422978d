package executor

import (
	"context"
	"fmt"

	"tasks/executor/engine"
	"tasks/executor/step"
	"tasks/planner"
	"tasks/planner/observed"
)

// containerStep makes, replaces or stops the container of a service.
type containerStep struct {
	resourceStep
	journal ContainerJournal
}

// ensureContainer makes sure that a dependency service has its container. A change happens under a
// lock between processes, after a second inspection: another run may have made the change already.
func (s containerStep) ensureContainer(ctx context.Context, a *planner.Container) step.Outcome {
	decision := a.Decide(a.Existing, s.facts)
	if decision.Verb == planner.Reuse && !a.HasTemporaryName(a.Existing) {
		return s.reuse(a, a.Existing)
	}
	unlock, err := s.lock(ctx, "service/"+a.Replica)
	if err != nil {
		return step.Outcome{Err: err}
	}
	defer unlock()
	existing, err := s.inspectCurrent(ctx, a)
	if err == nil {
		err = s.recordImageVolumes(ctx, existing)
	}
	if err != nil {
		return step.Outcome{Err: fmt.Errorf("service %s: %w", a.Replica, err)}
	}
	switch decision = a.Decide(existing, s.facts); decision.Verb {
	case planner.Reuse:
		if a.HasTemporaryName(existing) {
			s.renameContainer(ctx, a, existing)
		}
		return s.reuse(a, existing)
	case planner.Recreate:
		if err := s.checkName(ctx, a, existing); err != nil {
			return step.Outcome{Err: fmt.Errorf("service %s: %w", a.Replica, err)}
		}
		return s.replaceContainer(ctx, a, existing, decision.Spec)
	}
	id, err := s.createContainer(ctx, a.Replica, decision.Spec)
	if engine.IsConflict(err) {
		return s.adoptExisting(ctx, a, err)
	}
	if err != nil {
		return step.Outcome{Err: engine.Explain(err, "service %s", a.Replica)}
	}
	return step.Outcome{Verb: planner.Create, ApplyFacts: recordContainer(a.Replica, id, false)}
}

// reuse uses a container of the service as it is.
func (s containerStep) reuse(a *planner.Container, have *observed.Container) step.Outcome {
	id, err := s.claimService(a.Replica).Take(have)
	if err != nil {
		return step.Outcome{Err: fmt.Errorf("service %s: %w", a.Replica, err)}
	}
	return step.Outcome{
		Verb: planner.Reuse, ApplyFacts: recordContainer(a.Replica, id, false), IsTransient: have.IsTransient(),
	}
}

func recordContainer(service, id string, recreated bool) func(*planner.Facts) {
	return func(f *planner.Facts) {
		f.Containers[service] = id
		if recreated {
			f.Recreated[service] = true
		}
	}
}

// inspectCurrent returns the service's current container; nil: none. A container of others with the name is an error.
func (s containerStep) inspectCurrent(ctx context.Context, a *planner.Container) (*observed.Container, error) {
	name := a.Name
	if a.Existing != nil {
		name = a.Existing.Name
	}
	state, err := s.claimService(a.Replica).Named(ctx, name)
	if state == nil && err == nil && name != a.Name { // a replacement may have its final name by now
		state, err = s.claimService(a.Replica).Named(ctx, a.Name)
	}
	if state == nil || err != nil {
		return nil, err
	}
	return &state.Container, nil
}

// checkName refuses a replacement while others hold the name of the new container.
// At the later rename the old container would be gone.
func (s containerStep) checkName(ctx context.Context, a *planner.Container, have *observed.Container) error {
	if have.Name == a.Name {
		return nil
	}
	_, err := s.claimService(a.Replica).Named(ctx, a.Name)
	return err
}

func (s containerStep) createContainer(
	ctx context.Context, service string, spec planner.ContainerSpec,
) (string, error) {
	spec, err := engine.Prepare(ctx, s.Engine, spec, s.Progress)
	if err != nil {
		return "", err
	}
	call, cancel := s.Uncancelled(ctx)
	defer cancel()
	id, err := s.Engine.CreateContainer(call, spec)
	if id != "" {
		lease := planner.Scope{Project: s.Project}.Lease(planner.ServiceOf(service))
		s.Record(step.Entry{
			Kind: step.ServiceEntry, ID: id, Name: spec.Name, IsTransient: observed.IsTransient(spec.Labels), Lease: lease,
		})
	}
	return id, err
}

// stopService stops a container before the change of a dependency; a later step
// starts the container again. Without a change the container keeps running.
func (s containerStep) stopService(ctx context.Context, a *planner.StopService) step.Outcome {
	if a.StopReason(s.facts) == "" {
		return step.Outcome{Verb: planner.Reuse}
	}
	s.remover().RunPreStop(ctx, a.Existing, a.PreStop)
	if err := ctx.Err(); err != nil {
		return step.Outcome{Err: err}
	}
	call, cancel := s.Uncancelled(ctx)
	defer cancel()
	if err := s.stopTemporarily(call, a.Replica, a.Existing); err != nil {
		return step.Outcome{Err: fmt.Errorf("service %s: %w", a.Replica, err)}
	}
	return step.Outcome{Verb: planner.Stop, ApplyFacts: func(f *planner.Facts) { f.Restarted[a.Replica] = true }}
}

// recordImageVolumes records the declared mount points of a container's image, so that a replacement keeps their
// content. The image is looked up by id, because its name may have moved. A missing image declares no mount point.
func (s containerStep) recordImageVolumes(ctx context.Context, existing *observed.Container) error {
	if existing == nil {
		return nil
	}
	image, err := s.Engine.InspectImage(ctx, existing.ImageID, "")
	if err != nil && !engine.IsNotFound(err) {
		return err
	}
	s.facts.ImageVolumes[existing.ImageID] = image.Volumes
	return nil
}
