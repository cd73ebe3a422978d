package executor

import (
	"context"
	"fmt"

	"tasks/planner"
)

// replace makes the new container beside the old one under a name of its own, then takes the old one away and its name
// over, as Compose does: where the new one cannot be made, or the old one not be taken away, the old one stays alone. Once
// the old one is being stopped, the rest is done whatever happens to the run: half-way there would be none.
func (w *worker) replace(ctx context.Context, a *planner.Container, old *planner.ObservedContainer, spec planner.ContainerSpec) outcome {
	final := spec.Name
	spec.Name = planner.TemporaryName(old.ID, final)
	settled := w.noteReplacing(old.ID)
	id, err := w.create(ctx, a.Service, spec)
	if IsConflict(err) && id == "" {
		settled() // the name is somebody else's
		return w.takeOver(ctx, a, fmt.Errorf("replacing its container: %w", err))
	}
	if id == "" {
		return outcome{err: fmt.Errorf("service %s: %w", a.Service, err)}
	}
	r := &replacing{worker: w, action: a, old: old, id: id, temporary: spec.Name, final: final, inherits: len(spec.Inherit) > 0, settled: settled}
	if err != nil {
		return r.takeBack(ctx, err)
	}
	w.preStop(ctx, old, a.Service, a.PreStop)
	if err := ctx.Err(); err != nil {
		return r.takeBack(ctx, err)
	}
	return r.swap(ctx)
}

// replacing is a replacement whose new container has been made.
type replacing struct {
	*worker
	action *planner.Container
	old    *planner.ObservedContainer
	// id is the new container's, which has the temporary name until it gets the final one.
	id, temporary, final string
	// inherits says that it has anonymous volumes of the old one.
	inherits bool
	// settled takes away the note that it is under way.
	settled func()
}

// noteReplacing has a later run know whose a container is that this one makes to take another's place, should it die. The note
// is about the other one, as it stands before the engine is asked: a killed run's request may still be done.
func (w *worker) noteReplacing(id string) (settled func()) {
	if w.cfg.Containers == nil || w.private() || w.cfg.Containers.Replacing(w.project(), id) != nil {
		return func() {} // without a note the time tells
	}
	return func() { w.settled(id) }
}

// settled takes the note away. Where that fails, it goes with the container that it is about.
func (w *worker) settled(id string) {
	if w.cfg.Containers != nil {
		_ = w.cfg.Containers.Settled(id)
	}
}

// takeBack removes the new container again, whatever has become of the run: two of one number would each be taken for the
// service's. What cannot be removed the next run finds.
func (r *replacing) takeBack(ctx context.Context, because error) outcome {
	call, cancel := r.uncancelled(ctx)
	defer cancel()
	o := outcome{err: fmt.Errorf("service %s: replacing its container: %w", r.action.Service, because)}
	if r.cfg.Engine.RemoveContainer(call, r.id, RemoveVolumes) == nil {
		r.settled()
		o.removed = []string{r.id}
	}
	return o
}

// swap takes the old container away and has the new one take its name.
func (r *replacing) swap(ctx context.Context) outcome {
	call, cancel := r.uncancelled(ctx)
	defer cancel()
	policy := VolumePolicy(RemoveVolumes)
	if r.inherits {
		policy = KeepVolumes
	}
	err := r.stopForNow(call, r.action.Service, r.old)
	if err == nil {
		err = r.claimService(r.action.Service).remove(call, r.old, policy)
	}
	if err != nil {
		there, known := r.oldIsThere(ctx)
		switch {
		case there:
			return r.takeBack(ctx, err)
		case !known: // without an answer both stay: the next run knows them apart
			return outcome{err: fmt.Errorf("service %s: replacing its container: %w", r.action.Service, err)}
		}
	}
	err = r.cfg.Engine.RenameContainer(call, r.id, r.final)
	if IsConflict(err) { // between the removal and the renaming somebody has taken the name
		because := err
		if err = r.cfg.Engine.RemoveContainer(call, r.id, policy); err == nil {
			r.settled()
			o := r.takeOver(ctx, r.action, because)
			o.removed = append(o.removed, r.old.ID, r.id)
			return o
		}
	}
	o := outcome{removed: []string{r.old.ID}, replaced: &replacement{id: r.id, name: r.final, ran: ran(r.old) || r.facts.Restarted[r.action.Service]}}
	if err != nil { // it stands in for the old one all the same, and the next run names it
		o.replaced.name = r.temporary
		o.err = fmt.Errorf("service %s: replacing its container: %w", r.action.Service, err)
		return o
	}
	r.settled()
	o.verb, o.learn = planner.Recreate, knows(r.action.Service, r.id, true)
	return o
}

// oldIsThere says whether the old container is still there after its removal has failed: the answer alone may be lost.
func (r *replacing) oldIsThere(ctx context.Context) (there, known bool) {
	call, cancel := r.uncancelled(ctx)
	defer cancel()
	_, err := r.cfg.Engine.InspectContainer(call, r.old.ID)
	return err == nil, err == nil || IsNotFound(err)
}

// rename gives a container its name that has taken another's place before, when its maker died. It can be used without.
func (w *worker) rename(ctx context.Context, a *planner.Container, have *planner.ObservedContainer) {
	call, cancel := w.uncancelled(ctx)
	defer cancel()
	if err := w.claimService(a.Service).rename(call, have, a.Name); err != nil {
		w.warn("container %s keeps its temporary name: %s", have.Name, err)
	}
}

// removeReplacement takes away a container that was to take another's place, unless something has become of it since the look,
// or of the other one: who has the lock may have been at it just then.
func (w *worker) removeReplacement(ctx context.Context, a *planner.RemoveOrphan) outcome {
	unlock, err := w.lock(ctx, "service/"+a.Instance)
	if err != nil {
		return outcome{err: err}
	}
	defer unlock()
	state, err := w.cfg.Engine.InspectContainer(ctx, a.Have.ID)
	if err == nil && (state.Name != a.Have.Name || state.State != "created") {
		return outcome{verb: planner.Reuse}
	}
	if err == nil {
		_, err = w.cfg.Engine.InspectContainer(ctx, a.Of.ID)
	}
	if IsNotFound(err) {
		return outcome{verb: planner.Reuse}
	}
	if err == nil {
		err = w.claimService(a.Instance).remove(ctx, a.Have, RemoveVolumes)
	}
	if err != nil {
		return outcome{err: fmt.Errorf("container %s: %w", a.Have.Name, err)}
	}
	w.settled(a.Of.ID)
	return outcome{}
}
