package executor

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"

	"tasks/executor/engine"
	"tasks/executor/removal"
	"tasks/executor/step"
	"tasks/planner"
	"tasks/planner/observed"
)

// recreateNetwork makes a network again under its containers. A second inspection comes first: another run may
// have done so already. After the first stop the change is completed, or rolled back, even if the run ends.
func (s networkStep) recreateNetwork(ctx context.Context, a *planner.Network) step.Outcome {
	unlock, err := s.lock(ctx, "network/"+a.Name)
	if err != nil {
		return step.Outcome{Err: err}
	}
	defer unlock()
	old, err := s.Engine.InspectNetwork(ctx, a.ExistingID)
	if engine.IsNotFound(err) {
		return s.adoptRecreatedNetwork(ctx, a)
	}
	if err == nil { // the standby of an idle watch has begun no command
		old.Members, err = s.remover().DismissStandbys(ctx, s.projectClaim(), old.Members)
	}
	r := &networkRecreation{
		networkStep: s, wanted: a, old: old,
		endpoints: map[string]engine.EndpointSettings{}, disconnected: map[string]bool{},
	}
	if err == nil {
		err = s.projectClaim().CheckNetwork(old.Network)
	}
	if err == nil {
		err = r.findRunning(ctx)
	}
	if err == nil {
		err = r.checkUsers()
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return step.Outcome{Err: fmt.Errorf("network %s: %w", a.Name, err)}
	}
	return r.perform(context.WithoutCancel(ctx)) // no deadline: each container has its own grace period
}

// adoptRecreatedNetwork uses the network another run has made in place of the
// network of the snapshot. The change may have stopped containers of this plan.
func (s networkStep) adoptRecreatedNetwork(ctx context.Context, a *planner.Network) step.Outcome {
	call, cancel := s.Uncancelled(ctx)
	defer cancel()
	id, made, err := s.Engine.CreateNetwork(call, a)
	if err != nil {
		return step.Outcome{Err: fmt.Errorf("network %s: %w", a.Name, err)}
	}
	restarted := map[string]bool{}
	for replica, c := range s.plannedContainers() {
		for _, network := range c.Networks {
			restarted[replica] = restarted[replica] || network == a.ExistingID
		}
	}
	return step.Outcome{
		Verb: verbIfCreated(made, planner.Recreate), ApplyFacts: recordRecreatedNetwork(a.Key, id, restarted),
	}
}

func recordRecreatedNetwork(key, id string, restarted map[string]bool) func(*planner.Facts) {
	return func(f *planner.Facts) {
		f.Networks[key] = id
		for replica, isRestarted := range restarted {
			if isRestarted {
				f.Restarted[replica] = true
			}
		}
	}
}

// plannedContainers are the existing containers with steps of their own in this plan, by replica.
func (s networkStep) plannedContainers() map[string]*observed.Container {
	all := map[string]*observed.Container{}
	for _, planned := range s.plan.Steps {
		if c, ok := planned.Action.(*planner.Container); ok && c.Existing != nil && planned.Scope == s.scope {
			all[c.Replica] = c.Existing
		}
	}
	return all
}

// networkRecreation is the recreation of a network.
type networkRecreation struct {
	networkStep
	wanted *planner.Network
	old    engine.NetworkState
	// running are the project's running containers on the network, or in the network
	// namespace of a container on the network.
	running []*observed.Container
	// endpoints are the endpoint settings to restore, by container. disconnected are
	// the containers without a restored endpoint.
	endpoints    map[string]engine.EndpointSettings
	disconnected map[string]bool
}

// findRunning finds the containers to stop.
func (r *networkRecreation) findRunning(ctx context.Context) error {
	members := map[string]bool{}
	for _, c := range r.old.Members {
		members[c.ID] = true
		if c.State.IsUp() {
			r.running = append(r.running, c)
		}
	}
	all, err := r.Engine.ProjectContainers(ctx, r.Project)
	if err != nil {
		return err
	}
	for _, c := range all {
		if !c.State.IsUp() || members[c.ID] || c.IsHelper() {
			continue
		}
		state, err := r.Engine.InspectContainer(ctx, c.ID)
		if err != nil && !engine.IsNotFound(err) {
			return err
		}
		if id, shares := strings.CutPrefix(state.NetworkMode, "container:"); shares && members[id] {
			r.running = append(r.running, c)
		}
	}
	return nil
}

// checkUsers refuses the change under one-offs of other runs, and under containers of other projects.
func (r *networkRecreation) checkUsers() error {
	var inUse, foreign []string
	for _, c := range r.old.Members {
		switch {
		case !r.projectClaim().Covers(c.Labels):
			foreign = append(foreign, c.Name)
		case c.State.IsCreated() && c.IsOneOff(): // a run is about to start the one-off
			inUse = append(inUse, c.Name)
		}
	}
	for _, c := range r.running {
		if c.IsOneOff() && c.Project() == r.Project {
			inUse = append(inUse, c.Name)
		}
	}
	const changed = "its configuration has changed, and it cannot be made anew while"
	switch {
	case len(foreign) > 0:
		names := strings.Join(foreign, " ")
		return fmt.Errorf("%s containers of others are on it: %s: take them off (`docker network disconnect %s NAME`), "+
			"or make the network external", changed, names, r.old.Name)
	case len(inUse) > 0:
		names := strings.Join(inUse, " ")
		return fmt.Errorf(
			"%s a one-off uses it: %s: wait for its end, or remove it (`docker rm --force %s`)", changed, names, names,
		)
	}
	return nil
}

// perform changes the network, or rolls the change back.
func (r *networkRecreation) perform(ctx context.Context) step.Outcome {
	waves := observed.Waves(r.running)
	id, err := "", r.stopContainers(ctx, waves)
	if err == nil {
		id, err = r.replaceNetwork(ctx)
	}
	if err != nil {
		return step.Outcome{
			Err:     fmt.Errorf("network %s: making it anew: %w", r.wanted.Name, err),
			Removed: r.startContainers(ctx, waves, allContainers),
		}
	}
	restarted := map[string]bool{}
	planned := map[string]bool{}
	for replica, c := range r.plannedContainers() {
		planned[c.ID] = true
		restarted[replica] = r.isStopped(c.ID)
	}
	running := r.startContainers(ctx, waves, r.withoutOwnSteps(planned))
	for id := range r.disconnected {
		running = append(running, id) // the container is not to be started
	}
	return step.Outcome{
		Verb: planner.Recreate, Removed: running, ApplyFacts: recordRecreatedNetwork(r.wanted.Key, id, restarted),
	}
}

func (r *networkRecreation) isStopped(id string) bool {
	for _, c := range r.running {
		if c.ID == id {
			return true
		}
	}
	return false
}

// stopContainers stops dependents before their dependencies, the containers of a wave at the same
// time. The containers are started again here, by steps of their own, or at the end of the run.
func (r *networkRecreation) stopContainers(ctx context.Context, waves [][]*observed.Container) error {
	for _, wave := range waves {
		var all sync.WaitGroup
		errs := make(chan error, len(wave))
		for _, c := range wave {
			r.Record(step.Entry{Kind: step.StoppedServiceEntry, ID: c.ID, Name: c.Name})
			all.Go(func() {
				errs <- r.remover().StopAndRemove(
					ctx, removal.Request{Container: c, Claim: r.projectClaim(), IsStopOnly: true},
				)
			})
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

// replaceNetwork disconnects the containers, removes the old network, makes the new
// network and connects the containers.
func (r *networkRecreation) replaceNetwork(ctx context.Context) (id string, err error) {
	claimed := r.claimProject()
	for _, c := range r.old.Members {
		endpoint, err := claimed.DisconnectFrom(ctx, r.old.Network, c)
		switch {
		case engine.IsNotFound(err) || c.State.IsLost():
		case err != nil:
			r.connectMembers(ctx, r.old.ID, r.old.Definition)
			return "", err
		default:
			r.endpoints[c.ID] = endpoint
		}
	}
	if err := r.remover().RemoveNetwork(ctx, r.projectClaim(), r.old.ID, r.old.Name); err != nil {
		r.connectMembers(ctx, r.old.ID, r.old.Definition)
		return "", err
	}
	id, _, err = r.Engine.CreateNetwork(ctx, r.wanted)
	if err != nil {
		return "", r.rollBack(ctx, err)
	}
	r.connectMembers(ctx, id, r.wanted)
	return id, nil
}

// rollBack makes the old network again after a failure to make the new network.
func (r *networkRecreation) rollBack(ctx context.Context, cause error) error {
	id, _, err := r.Engine.CreateNetwork(ctx, r.old.Definition)
	if err != nil {
		const advice = "it is gone, and its containers have to be made anew: run `tasks down`, then run again"
		return fmt.Errorf("%w; "+advice+" (%w)", cause, err)
	}
	r.connectMembers(ctx, id, r.old.Definition)
	return cause
}

// connectMembers connects the containers. A container with a fixed address outside
// the network stays disconnected, so that a later step makes the container again.
func (r *networkRecreation) connectMembers(ctx context.Context, id string, n *planner.Network) {
	for _, c := range r.old.Members {
		endpoint, wasConnected := r.endpoints[c.ID]
		if !wasConnected {
			continue
		}
		err := validateAddresses(endpoint, n)
		if mac := r.wanted.MACs[c.Service()]; mac != "" && endpoint.Config != nil {
			config := *endpoint.Config
			config.MacAddress = mac
			endpoint.Config = &config
		}
		if err == nil {
			err = r.Engine.Connect(ctx, id, c.ID, endpoint)
		}
		if err == nil || engine.IsNotFound(err) {
			continue
		}
		if r.disconnected[c.ID] = true; !r.isPlanned(c.ID) {
			r.Warn("container %s is stopped, and not on network %s any more: %s; "+
				"the next run that needs it, or `docker compose up`, makes it anew", c.Name, n.Name, err)
		}
	}
}

func (r *networkRecreation) isPlanned(id string) bool {
	for c := range maps.Values(r.plannedContainers()) {
		if c.ID == id {
			return true
		}
	}
	return false
}

func allContainers(*observed.Container) bool { return true }

// withoutOwnSteps selects the containers without steps in the plan, and their dependencies. No step starts these.
func (r *networkRecreation) withoutOwnSteps(planned map[string]bool) func(*observed.Container) bool {
	chosen := map[string]bool{}
	for changed := true; changed; {
		changed = false
		for _, c := range r.running {
			if chosen[c.ID] || planned[c.ID] && !r.isNeeded(c, chosen) {
				continue
			}
			changed, chosen[c.ID] = true, true
		}
	}
	return func(c *observed.Container) bool { return chosen[c.ID] }
}

func (r *networkRecreation) isNeeded(c *observed.Container, chosen map[string]bool) bool {
	for _, other := range r.running {
		if chosen[other.ID] && other.DependsOn(c.Service()) {
			return true
		}
	}
	return false
}

// startContainers starts the containers again, dependencies first, and returns the running
// containers. As after a restart of the engine, startContainers does not wait for readiness.
func (r *networkRecreation) startContainers(
	ctx context.Context, waves [][]*observed.Container, chosen func(*observed.Container) bool,
) (up []string) {
	for i := len(waves) - 1; i >= 0; i-- {
		for _, c := range waves[i] {
			if !chosen(c) || r.disconnected[c.ID] {
				continue
			}
			if err := r.remover().Restart(ctx, c.ID, c.Name); err != nil {
				r.Warn("container %s %s", c.Name, removal.Advice(err))
			}
			up = append(up, c.ID)
		}
	}
	return up
}
