package executor

import (
	"context"
	"fmt"

	"tasks/executor/engine"
	"tasks/executor/removal"
	"tasks/executor/step"
	"tasks/planner"
	"tasks/planner/observed"
)

// replaceContainer makes the new container beside the old one under a name of its own, then takes the old one away and its name
// over, as Compose does: where the new one cannot be made, or the old one not be taken away, the old one stays alone. Once
// the old one is being stopped, the rest is done whatever happens to the run: half-way there would be none.
func (s containerStep) replaceContainer(ctx context.Context, a *planner.Container, old *observed.Container, spec planner.ContainerSpec) step.Outcome {
	final := spec.Name
	spec.Name = observed.TemporaryName(old.ID, final)
	clearEntry := s.recordReplacing(old.ID)
	id, err := s.createContainer(ctx, a.Replica, spec)
	if engine.IsConflict(err) && id == "" {
		clearEntry() // the name is somebody else's
		return s.adoptExisting(ctx, a, fmt.Errorf("replacing its container: %w", err))
	}
	if id == "" {
		return step.Outcome{Err: fmt.Errorf("service %s: %w", a.Replica, err)}
	}
	r := &containerReplacement{containerStep: s, action: a, old: old, id: id, temporary: spec.Name, final: final, inheritsVolumes: len(spec.Inherit) > 0, clearEntry: clearEntry}
	if err != nil {
		return r.rollBack(ctx, err)
	}
	s.remover().RunPreStop(ctx, old, a.PreStop)
	if err := ctx.Err(); err != nil {
		return r.rollBack(ctx, err)
	}
	return r.swap(ctx)
}

// containerReplacement is a replacement whose new container has been made.
type containerReplacement struct {
	containerStep
	action *planner.Container
	old    *observed.Container
	// id is the new container's, which has the temporary name until it gets the final one.
	id, temporary, final string
	// inheritsVolumes says that it has anonymous volumes of the old one.
	inheritsVolumes bool
	// settled takes away the note that it is under way.
	clearEntry func()
}

// recordReplacing has a later run know whose a container is that this one makes to take another's place, should it die. The note
// is about the other one, as it stands before the engine is asked: a killed run's request may still be done.
func (s containerStep) recordReplacing(id string) (settled func()) {
	if s.journal == nil || s.IsPrivate || s.journal.RecordReplacing(s.Project, id) != nil {
		return func() {} // without a note the time tells
	}
	return func() { s.clearReplacing(id) }
}

// clearReplacing takes the note away. Where that fails, it goes with the container that it is about.
func (s containerStep) clearReplacing(id string) {
	if s.journal != nil {
		_ = s.journal.ClearReplacing(id)
	}
}

// rollBack removes the new container again, whatever has become of the run: two of one number would each be taken for the
// service's. What cannot be removed the next run finds.
func (r *containerReplacement) rollBack(ctx context.Context, cause error) step.Outcome {
	call, cancel := r.Uncancelled(ctx)
	defer cancel()
	o := step.Outcome{Err: fmt.Errorf("service %s: replacing its container: %w", r.action.Replica, cause)}
	if r.remover().RemoveOwn(call, r.id, engine.RemoveVolumes) == nil {
		r.clearEntry()
		o.Removed = []string{r.id}
	}
	return o
}

// swap takes the old container away and has the new one take its name.
func (r *containerReplacement) swap(ctx context.Context) step.Outcome {
	call, cancel := r.Uncancelled(ctx)
	defer cancel()
	policy := engine.VolumePolicy(engine.RemoveVolumes)
	if r.inheritsVolumes {
		policy = engine.KeepVolumes
	}
	r.recordStopped(r.old)
	err := r.remover().StopAndRemove(call, removal.Request{Container: r.old, Claim: r.serviceClaim(r.action.Replica), Volumes: policy})
	if err != nil {
		exists, isKnown := r.oldExists(ctx)
		switch {
		case exists:
			return r.rollBack(ctx, err)
		case !isKnown: // without an answer both stay: the next run knows them apart
			return step.Outcome{Err: fmt.Errorf("service %s: replacing its container: %w", r.action.Replica, err)}
		}
	}
	err = r.Engine.RenameContainer(call, r.id, r.final)
	if engine.IsConflict(err) { // between the removal and the renaming somebody has taken the name
		cause := err
		if err = r.remover().RemoveOwn(call, r.id, policy); err == nil {
			r.clearEntry()
			o := r.adoptExisting(ctx, r.action, cause)
			o.Removed = append(o.Removed, r.old.ID, r.id)
			return o
		}
	}
	o := step.Outcome{Removed: []string{r.old.ID}, Replaced: &step.Replacement{ID: r.id, Name: r.final, WasRunning: r.old.State.IsRunning() || r.facts.Restarted[r.action.Replica]}}
	if err != nil { // it stands in for the old one all the same, and the next run names it
		o.Replaced.Name = r.temporary
		o.Err = fmt.Errorf("service %s: replacing its container: %w", r.action.Replica, err)
		return o
	}
	r.clearEntry()
	o.Verb, o.ApplyFacts = planner.Recreate, recordContainer(r.action.Replica, r.id, true)
	return o
}

// oldExists says whether the old container is still there after its removal has failed: the answer alone may be lost.
func (r *containerReplacement) oldExists(ctx context.Context) (exists, known bool) {
	call, cancel := r.Uncancelled(ctx)
	defer cancel()
	_, err := r.Engine.InspectContainer(call, r.old.ID)
	return err == nil, err == nil || engine.IsNotFound(err)
}

// renameContainer gives a container its name that has taken another's place before, when its maker died. It can be used without.
func (s containerStep) renameContainer(ctx context.Context, a *planner.Container, existing *observed.Container) {
	call, cancel := s.Uncancelled(ctx)
	defer cancel()
	if err := s.claimService(a.Replica).Rename(call, existing, a.Name); err != nil {
		s.Warn("container %s keeps its temporary name: %s", existing.Name, err)
	}
}

// removeReplacement takes away a container that was to take another's place, unless something has become of it since the look,
// or of the other one: who has the lock may have been at it just then.
func (s containerStep) removeReplacement(ctx context.Context, a *planner.RemoveContainer) step.Outcome {
	unlock, err := s.lock(ctx, "service/"+a.Replica)
	if err != nil {
		return step.Outcome{Err: err}
	}
	defer unlock()
	state, err := s.Engine.InspectContainer(ctx, a.Container.ID)
	if err == nil && (state.Name != a.Container.Name || !state.State.IsCreated()) {
		return step.Outcome{Verb: planner.Reuse}
	}
	if err == nil {
		_, err = s.Engine.InspectContainer(ctx, a.Replaced.ID)
	}
	if engine.IsNotFound(err) {
		return step.Outcome{Verb: planner.Reuse}
	}
	if err == nil {
		err = s.remover().StopAndRemove(ctx, removal.Request{Container: a.Container, Claim: s.serviceClaim(a.Replica), IsKill: true})
	}
	if err != nil {
		return step.Outcome{Err: fmt.Errorf("container %s: %w", a.Container.Name, err)}
	}
	s.clearReplacing(a.Replaced.ID)
	return step.Outcome{}
}
