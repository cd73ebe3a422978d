package executor

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"

	"tasks/internal/composeproject"
	"tasks/planner"
)

// renewNetwork makes a network anew under its containers, after a second look: another run may have done it already. Once
// the first container is being stopped, it is done to its end, or taken back, whatever happens.
func (w *worker) renewNetwork(ctx context.Context, a *planner.Network) outcome {
	unlock, err := w.lock(ctx, "network/"+a.Name)
	if err != nil {
		return outcome{err: err}
	}
	defer unlock()
	old, err := w.cfg.Engine.InspectNetwork(ctx, a.ExistingID)
	if IsNotFound(err) {
		return w.renewedByAnother(ctx, a)
	}
	r := &renewal{worker: w, want: a, old: old, seats: map[string]Seat{}, unseated: map[string]bool{}}
	if err == nil {
		err = r.look(ctx)
	}
	if err == nil {
		err = r.refuse()
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return outcome{err: fmt.Errorf("network %s: %w", a.Name, err)}
	}
	return r.perform(context.WithoutCancel(ctx)) // no deadline: each container has its own grace period
}

// renewedByAnother takes the network that another run has made in place of the one of the snapshot. The containers of this
// plan may be down because of that.
func (w *worker) renewedByAnother(ctx context.Context, a *planner.Network) outcome {
	call, cancel := w.uncancelled(ctx)
	defer cancel()
	id, made, err := w.cfg.Engine.CreateNetwork(call, a)
	if err != nil {
		return outcome{err: fmt.Errorf("network %s: %w", a.Name, err)}
	}
	restarted := map[string]bool{}
	for instance, c := range w.planned() {
		for _, network := range c.Networks {
			restarted[instance] = restarted[instance] || network == a.ExistingID
		}
	}
	return outcome{verb: madeOr(made, planner.Recreate), learn: renewed(a.Key, id, restarted)}
}

func renewed(key, id string, restarted map[string]bool) func(*planner.Facts) {
	return func(f *planner.Facts) {
		f.Networks[key] = id
		for instance, is := range restarted {
			if is {
				f.Restarted[instance] = true
			}
		}
	}
}

// planned are the containers that are there and that this plan has steps of their own for, by instance.
func (w *worker) planned() map[string]*planner.ObservedContainer {
	all := map[string]*planner.ObservedContainer{}
	for _, s := range w.plan.Steps {
		if c, ok := s.Action.(*planner.Container); ok && c.Have != nil && s.Scope == w.step.Scope {
			all[c.Service] = c.Have
		}
	}
	return all
}

// renewal is a network being made anew.
type renewal struct {
	*worker
	want *planner.Network
	old  NetworkState
	// up are the project's containers that run, on the network or in the network namespace of one that is.
	up []*planner.ObservedContainer
	// seats are the places to give back, by container; unseated are the containers that have none any more.
	seats    map[string]Seat
	unseated map[string]bool
}

// look finds what has to be stopped.
func (r *renewal) look(ctx context.Context) error {
	on := map[string]bool{}
	for _, c := range r.old.Members {
		on[c.ID] = true
		if isUp(c) {
			r.up = append(r.up, c)
		}
	}
	all, err := r.cfg.Engine.ProjectContainers(ctx, r.project())
	if err != nil {
		return err
	}
	for _, c := range all {
		if !isUp(c) || on[c.ID] || c.Labels[planner.LabelProbe] != "" {
			continue
		}
		state, err := r.cfg.Engine.InspectContainer(ctx, c.ID)
		if err != nil && !IsNotFound(err) {
			return err
		}
		if id, shares := strings.CutPrefix(state.NetworkMode, "container:"); shares && on[id] {
			r.up = append(r.up, c)
		}
	}
	return nil
}

func isUp(c *planner.ObservedContainer) bool {
	return c.State == "running" || c.State == "paused" || c.State == "restarting"
}

// refuse leaves alone what others need: the one-offs of their runs, and containers that are not the project's.
func (r *renewal) refuse() error {
	var living, foreign []string
	for _, c := range r.old.Members {
		switch {
		case c.Labels[composeproject.LabelProject] != r.project():
			foreign = append(foreign, c.Name)
		case c.State == "created" && oneOffOf(c): // somebody is about to start it
			living = append(living, c.Name)
		}
	}
	for _, c := range r.up {
		if oneOffOf(c) && c.Labels[composeproject.LabelProject] == r.project() {
			living = append(living, c.Name)
		}
	}
	const changed = "its configuration has changed, and it cannot be made anew while"
	switch {
	case len(foreign) > 0:
		names := strings.Join(foreign, " ")
		return fmt.Errorf("%s containers of others are on it: %s: take them off (`docker network disconnect %s NAME`), or make the network external", changed, names, r.old.Name)
	case len(living) > 0:
		names := strings.Join(living, " ")
		return fmt.Errorf("%s a one-off uses it: %s: wait for its end, or remove it (`docker rm --force %s`)", changed, names, names)
	}
	return nil
}

func oneOffOf(c *planner.ObservedContainer) bool {
	return c.Labels[composeproject.LabelOneOff] == composeproject.OneOffTrue
}

// perform changes the network. What it cannot do it takes back.
func (r *renewal) perform(ctx context.Context) outcome {
	waves := planner.Waves(r.up)
	id, err := "", r.stop(ctx, waves)
	if err == nil {
		id, err = r.replace(ctx)
	}
	if err != nil {
		return outcome{err: fmt.Errorf("network %s: making it anew: %w", r.want.Name, err), removed: r.start(ctx, waves, everyOne)}
	}
	restarted := map[string]bool{}
	mine := map[string]bool{}
	for instance, c := range r.planned() {
		mine[c.ID] = true
		restarted[instance] = r.stopped(c.ID)
	}
	up := r.start(ctx, waves, r.othersAndTheirs(mine))
	for id := range r.unseated {
		up = append(up, id) // it is not to be started
	}
	return outcome{verb: planner.Recreate, removed: up, learn: renewed(r.want.Key, id, restarted)}
}

func (r *renewal) stopped(id string) bool {
	for _, c := range r.up {
		if c.ID == id {
			return true
		}
	}
	return false
}

// stop stops dependents before what they depend on, those of a wave at the same time. What is not started again here is so
// by its own step, or at the end of the run.
func (r *renewal) stop(ctx context.Context, waves [][]*planner.ObservedContainer) error {
	for _, wave := range waves {
		var all sync.WaitGroup
		errs := make(chan error, len(wave))
		for _, c := range wave {
			r.made(entry{kind: serviceDown, id: c.ID, name: c.Name})
			all.Go(func() { errs <- r.claimProject().stop(ctx, c, nil) })
		}
		all.Wait()
		close(errs)
		for err := range errs {
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// replace takes the containers off the old network, removes it, makes the new one and gives them their places in it.
func (r *renewal) replace(ctx context.Context) (id string, err error) {
	for _, c := range r.old.Members {
		seat, err := r.claimProject().disconnect(ctx, r.old.ObservedNetwork, c)
		switch {
		case IsNotFound(err) || c.State == "dead" || c.State == "removing":
		case err != nil:
			r.seat(ctx, r.old.ID, r.old.Made)
			return "", err
		default:
			r.seats[c.ID] = seat
		}
	}
	if err := r.cfg.Engine.RemoveNetwork(ctx, r.old.ID); err != nil {
		r.seat(ctx, r.old.ID, r.old.Made)
		return "", err
	}
	id, _, err = r.cfg.Engine.CreateNetwork(ctx, r.want)
	if err != nil {
		return "", r.takeBack(ctx, err)
	}
	r.seat(ctx, id, r.want)
	return id, nil
}

// takeBack makes the old network once more, where the new one cannot be.
func (r *renewal) takeBack(ctx context.Context, because error) error {
	id, _, err := r.cfg.Engine.CreateNetwork(ctx, r.old.Made)
	if err != nil {
		return fmt.Errorf("%w; it is gone, and its containers have to be made anew: run `tasks down`, then run again (%w)", because, err)
	}
	r.seat(ctx, id, r.old.Made)
	return because
}

// seat connects the containers. One whose fixed address is not in the network gets no place, so that it is made anew.
func (r *renewal) seat(ctx context.Context, id string, n *planner.Network) {
	for _, c := range r.old.Members {
		seat, had := r.seats[c.ID]
		if !had {
			continue
		}
		err := fits(seat, n)
		if mac := r.want.MACs[c.Labels[composeproject.LabelService]]; mac != "" && seat.Config != nil {
			config := *seat.Config
			config.MacAddress = mac
			seat.Config = &config
		}
		if err == nil {
			err = r.cfg.Engine.Connect(ctx, id, c.ID, seat)
		}
		if err == nil || IsNotFound(err) {
			continue
		}
		if r.unseated[c.ID] = true; !r.isPlanned(c.ID) {
			r.warn("container %s is stopped, and not on network %s any more: %s; the next run that needs it, or `docker compose up`, makes it anew", c.Name, n.Name, err)
		}
	}
}

func (r *renewal) isPlanned(id string) bool {
	for c := range maps.Values(r.planned()) {
		if c.ID == id {
			return true
		}
	}
	return false
}

func everyOne(*planner.ObservedContainer) bool { return true }

// othersAndTheirs chooses what nobody else starts: containers that the plan has no steps for, and those they depend on.
func (r *renewal) othersAndTheirs(mine map[string]bool) func(*planner.ObservedContainer) bool {
	chosen := map[string]bool{}
	for changed := true; changed; {
		changed = false
		for _, c := range r.up {
			if chosen[c.ID] || mine[c.ID] && !r.neededBy(c, chosen) {
				continue
			}
			changed, chosen[c.ID] = true, true
		}
	}
	return func(c *planner.ObservedContainer) bool { return chosen[c.ID] }
}

func (r *renewal) neededBy(c *planner.ObservedContainer, chosen map[string]bool) bool {
	for _, other := range r.up {
		if chosen[other.ID] && other.DependsOn(c.Labels[composeproject.LabelService]) {
			return true
		}
	}
	return false
}

// start starts again, what is depended on first, and returns what runs then. It does not wait until they are ready, as the
// engine does not when it starts itself.
func (r *renewal) start(ctx context.Context, waves [][]*planner.ObservedContainer, chosen func(*planner.ObservedContainer) bool) (up []string) {
	for i := len(waves) - 1; i >= 0; i-- {
		for _, c := range waves[i] {
			if !chosen(c) || r.unseated[c.ID] {
				continue
			}
			if err := r.cfg.Engine.StartContainer(ctx, c.ID); err != nil && !IsNotFound(err) {
				r.warn("container %s could not be started again; to finish: docker start %s   # %s", c.Name, c.Name, err)
			}
			up = append(up, c.ID)
		}
	}
	return up
}
