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

// replaceContainer makes the new container beside the old container under a temporary name,
// removes the old container, and takes over its name, as Compose does. If the creation or
// the removal fails, only the old container stays. After the stop of the old container the
// replacement is completed, even if the run ends: half-way the service has no container.
func (s containerStep) replaceContainer(ctx context.Context, a *planner.Container, old *observed.Container, spec planner.ContainerSpec) step.Outcome {
	final := spec.Name
	spec.Name = observed.TemporaryName(old.ID, final)
	clearEntry := s.recordReplacing(old.ID)
	id, err := s.createContainer(ctx, a.Replica, spec)
	if engine.IsConflict(err) && id == "" {
		clearEntry() // another process holds the name
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

// containerReplacement is a replacement after the creation of the new container.
type containerReplacement struct {
	containerStep
	action *planner.Container
	old    *observed.Container
	// id is the id of the new container. Its name is temporary until it gets the final name.
	id, temporary, final string
	// inheritsVolumes reports whether the new container has anonymous volumes of the old container.
	inheritsVolumes bool
	// clearEntry removes the journal entry about the replacement.
	clearEntry func()
}

// recordReplacing adds a journal entry, so that a later run knows the new container if this process dies. The entry
// has the id of the old container and precedes the creation: the engine may still serve the request of a killed run.
func (s containerStep) recordReplacing(id string) (settled func()) {
	if s.journal == nil || s.IsPrivate || s.journal.RecordReplacing(s.Project, id) != nil {
		return func() {} // without an entry the age tells
	}
	return func() { s.clearReplacing(id) }
}

// clearReplacing removes the journal entry. After a failure the entry goes with its container.
func (s containerStep) clearReplacing(id string) {
	if s.journal != nil {
		_ = s.journal.ClearReplacing(id)
	}
}

// rollBack removes the new container, whatever the state of the run. Otherwise the service would have
// two containers of the same number. The next run finds a container that rollBack cannot remove.
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

// swap removes the old container and gives its name to the new container.
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
		case !isKnown: // without an answer both stay: the next run tells both apart
			return step.Outcome{Err: fmt.Errorf("service %s: replacing its container: %w", r.action.Replica, err)}
		}
	}
	err = r.Engine.RenameContainer(call, r.id, r.final)
	if engine.IsConflict(err) { // another process took the name between the removal and the renaming
		cause := err
		if err = r.remover().RemoveOwn(call, r.id, policy); err == nil {
			r.clearEntry()
			o := r.adoptExisting(ctx, r.action, cause)
			o.Removed = append(o.Removed, r.old.ID, r.id)
			return o
		}
	}
	o := step.Outcome{Removed: []string{r.old.ID}, Replaced: &step.Replacement{ID: r.id, Name: r.final, WasRunning: r.old.State.IsRunning() || r.facts.Restarted[r.action.Replica]}}
	if err != nil { // the new container takes the place anyway, and the next run renames it
		o.Replaced.Name = r.temporary
		o.Err = fmt.Errorf("service %s: replacing its container: %w", r.action.Replica, err)
		return o
	}
	r.clearEntry()
	o.Verb, o.ApplyFacts = planner.Recreate, recordContainer(r.action.Replica, r.id, true)
	return o
}

// oldExists reports whether the old container still exists after a failed removal: perhaps only the answer is lost.
func (r *containerReplacement) oldExists(ctx context.Context) (exists, known bool) {
	call, cancel := r.Uncancelled(ctx)
	defer cancel()
	_, err := r.Engine.InspectContainer(call, r.old.ID)
	return err == nil, err == nil || engine.IsNotFound(err)
}

// renameContainer gives the final name to a replacement of a dead process. The temporary name is usable, too.
func (s containerStep) renameContainer(ctx context.Context, a *planner.Container, existing *observed.Container) {
	call, cancel := s.Uncancelled(ctx)
	defer cancel()
	if err := s.claimService(a.Replica).Rename(call, existing, a.Name); err != nil {
		s.Warn("container %s keeps its temporary name: %s", existing.Name, err)
	}
}

// removeReplacement removes the leftover container of an interrupted replacement. A change of either
// container since the snapshot prevents the removal: another process may have held the lock just then.
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
