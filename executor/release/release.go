// Package release ends the use of resources: it releases leases and removes what no run uses any more.
package release

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"tasks/executor/engine"
	"tasks/executor/removal"
	"tasks/internal/composeproject"
	"tasks/internal/coord"
	"tasks/planner"
	"tasks/planner/observed"
)

// Leases are shared locks on the services and networks a run uses, by [planner.Plan.Leases]. A transient resource stays
// as long as any process holds a lease on the resource.
type Leases interface {
	// ReleaseLast releases this process's lease, where it holds one. If no other process holds a lease, ReleaseLast
	// returns last=true and an exclusive lock; done unlocks.
	ReleaseLast(name string) (done func(), last bool)
}

// StartJournal has the starts of containers to stop again after their use. It is safe for concurrent use.
type StartJournal interface {
	// ClearStart records that the container was stopped, or started by others since.
	ClearStart(id string) error
	StartEntries(project string) []coord.StartEntry
}

// Config holds what a release works with.
type Config struct {
	Engine    engine.Engine
	Leases    Leases
	Ownership observed.Ownership
	// Journal may be nil: then no container is stopped again.
	Journal StartJournal
	// Warn gets a warning for the user. Release calls Warn from one goroutine at a time.
	Warn func(text string)
	// Announce hears of each stop and removal when it begins, and ended at the end. Safe for concurrent use.
	Announce func(act planner.Verb, resource string) (ended func())
	// GracefulCtx bounds graceful stops: after its end containers are killed.
	GracefulCtx context.Context
}

// Release releases the leases on a project, after the last run of a session. As the last user, the session removes
// transient resources: containers with their anonymous volumes, dependents first, then networks. Containers from before
// the session without a running command are stopped again. A failure becomes a warning with the command to finish.
func Release(ctx context.Context, cfg Config, usage *Usage) {
	r := &releaser{
		Usage: usage, cfg: cfg, exclusive: map[string]func(){}, toStop: map[string]coord.StartEntry{},
		released: map[string]bool{}, attempted: map[string]bool{}, isUnownedBy: map[string]bool{},
	}
	r.release(ctx)
}

// releaser is the release of a project.
type releaser struct {
	*Usage
	cfg Config
	// exclusive maps the leases this process holds exclusively to their unlock functions.
	exclusive map[string]func()
	// toStop are the starts of containers that are only stopped, by id.
	toStop map[string]coord.StartEntry
	// released are the services without a lease now, attempted the containers of a removal.
	released, attempted map[string]bool
	// isUnownedBy caches by owner whether the owner's resources have no owner any more.
	isUnownedBy map[string]bool
	mu          sync.Mutex
}

func (r *releaser) release(ctx context.Context) {
	r.findToStop()
	if !r.HasTransient && len(r.toStop) == 0 {
		return
	}
	defer r.unlockAll()
	r.releaseContainers(ctx)
	for _, name := range r.networks {
		r.releaseIfLast(observed.NetworkLease(name))
	}
	for id, name := range r.networks {
		if r.exclusive[observed.NetworkLease(name)] != nil {
			r.removeNetwork(ctx, id, name)
		}
	}
}

func (r *releaser) serviceLease(service string) string {
	return planner.Scope{Project: r.project}.Lease(service)
}

// claim is the claim on the networks and volumes of the project.
func (r *releaser) claim() planner.Claim { return planner.Claim{Project: r.project} }

func (r *releaser) releaseIfLast(name string) {
	if unlock, last := r.cfg.Leases.ReleaseLast(name); last {
		r.exclusive[name] = unlock
	}
}

func (r *releaser) unlockAll() {
	for _, unlock := range r.exclusive {
		unlock()
	}
}

// isUnowned reports whether the leases decide about a resource: its owner is this process, or shares a lease directory.
// Any other live owner is about to end, or belongs to another user, and removes the resource itself. A dead owner with
// leases in other directories may have left the resource to further users there.
func (r *releaser) isUnowned(ctx context.Context, labels map[string]string) bool {
	if r.cfg.Ownership.SharesLeases(labels) {
		return true
	}
	owner := labels[observed.LabelOwner]
	isUnowned, known := r.isUnownedBy[owner]
	if !known {
		isUnowned = owner == "" || owner == r.cfg.Ownership.Self ||
			r.cfg.Ownership.AreLeasesVisible(labels) && WaitOwnerExit(ctx, r.cfg.Ownership, owner)
		r.isUnownedBy[owner] = isUnowned
	}
	return isUnowned
}

// releaseContainers removes and stops containers. The lease on a dependency is released after the removal of its
// dependents: another run at its end would find the dependency in use, and no run would remove it.
func (r *releaser) releaseContainers(ctx context.Context) {
	all, err := r.cfg.Engine.ProjectContainers(ctx, r.project)
	for err == nil {
		services := r.nextBatch(all)
		if len(services) == 0 {
			return
		}
		for _, service := range services {
			if !r.released[service] { // a service may have several containers
				r.released[service] = true
				r.releaseIfLast(r.serviceLease(service))
			}
		}
		if all, err = r.cfg.Engine.ProjectContainers(ctx, r.project); err == nil {
			r.removeUnused(ctx, all)
		}
	}
	r.warn(fmt.Sprintf("what only this run used is not removed: %s; the next command of the project does it", err))
}

// nextBatch returns the services for the next release of leases: disposable services without disposable dependents, and
// in the end all the rest.
func (r *releaser) nextBatch(all []*observed.Container) (services []string) {
	waves := observed.Waves(slices.DeleteFunc(slices.Clone(all), func(c *observed.Container) bool {
		_, isUsed := r.services[c.Service()]
		return !isUsed || r.released[c.Service()] || !r.isDisposable(c)
	}))
	if len(waves) > 1 {
		for _, c := range waves[0] {
			services = append(services, c.Service())
		}
		return services
	}
	for service := range r.services {
		if !r.released[service] {
			services = append(services, service)
		}
	}
	return services
}

// isDisposable reports whether the last user stops or removes a container.
func (r *releaser) isDisposable(c *observed.Container) bool {
	_, isToStop := r.toStop[c.ID]
	return !c.IsOneOff() && (isToStop || c.IsTransient())
}

// removeUnused stops and removes unused containers, dependents first.
func (r *releaser) removeUnused(ctx context.Context, all []*observed.Container) {
	unused := observed.Unneeded(r.cfg.Ownership.ApplyNotes(all), func(c *observed.Container) bool {
		isExclusive := r.exclusive[r.serviceLease(c.Service())] != nil && r.isDisposable(c) && !r.attempted[c.ID]
		return isExclusive && (r.shouldStop(ctx, c) || c.IsTransient() && r.isUnowned(ctx, c.Labels))
	})
	for _, c := range unused {
		r.attempted[c.ID] = true
	}
	for _, wave := range observed.Waves(unused) {
		var together sync.WaitGroup
		for _, c := range wave {
			together.Go(func() { r.removeContainer(ctx, c) })
		}
		together.Wait()
	}
}

func (r *releaser) remover() removal.Remover {
	return removal.Remover{Engine: r.cfg.Engine, Warn: r.warn, GracefulCtx: r.cfg.GracefulCtx}
}

// removeContainer removes a transient container, and stops any other.
func (r *releaser) removeContainer(ctx context.Context, c *observed.Container) {
	act := planner.Remove
	if !c.IsTransient() {
		act = planner.Stop
	}
	defer r.cfg.Announce(act, "container "+c.Name)()
	err := r.remover().StopAndRemove(ctx, removal.Request{
		Container: c, Claim: planner.ServiceClaim(r.project, c.Service()), PreStop: r.services[c.Service()],
		IsStopOnly: !c.IsTransient(),
	})
	switch {
	case err != nil:
	case c.IsTransient():
		r.removeInheritedVolumes(ctx, c)
	default:
		if err = r.cfg.Journal.ClearStart(c.ID); err != nil {
			r.warn(fmt.Sprintf("could not be stopped; to finish: docker stop %s   # %s", c.Name, err))
		}
		return
	}
	if err != nil {
		r.warn(removal.Advice(err))
	}
}

// removeInheritedVolumes removes the anonymous volumes a container inherited from its predecessor. The engine does not
// take inherited volumes for anonymous.
func (r *releaser) removeInheritedVolumes(ctx context.Context, c *observed.Container) {
	for _, m := range c.Mounts {
		isInherited := m.Type == "volume" && observed.IsGeneratedName(m.Name) && !r.volumes[m.Name]
		if !isInherited || c.Labels[composeproject.LabelReplace] == "" {
			continue
		}
		if err := r.remover().RemoveVolume(ctx, r.claim(), m.Name, true); err != nil && !engine.IsConflict(err) {
			r.warn(removal.Advice(err))
		}
	}
}

// removeNetwork removes an unused network. The engine alone would remove a network of stopped containers, too.
func (r *releaser) removeNetwork(ctx context.Context, id, name string) {
	state, err := r.cfg.Engine.InspectNetwork(ctx, id)
	switch {
	case engine.IsNotFound(err):
		return
	case err != nil:
		err = removal.NetworkError(id, name, err)
	case !observed.IsTransient(state.Labels) || len(state.Members) > 0 || !r.isUnowned(ctx, state.Labels):
		return
	default:
		defer r.cfg.Announce(planner.Remove, "network "+name)()
		err = r.remover().RemoveNetwork(ctx, r.claim(), id, name)
	}
	if err != nil && !engine.IsConflict(err) {
		r.warn(removal.Advice(err))
	}
}

// warn emits warnings one at a time.
func (r *releaser) warn(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cfg.Warn(text)
}
