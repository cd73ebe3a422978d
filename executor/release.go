package executor

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/executor/engine"
	"tasks/executor/hook"
	"tasks/executor/step"
	"tasks/internal/composeproject"
	"tasks/planner"
)

// Leases are what this process has on the services and networks that its runs use, by [planner.Plan.Leases]. While anybody has
// one on a thing, that goes with the last run that uses it, the thing stays.
type Leases interface {
	// ReleaseLast gives up the lease of a name, where this process has it. Where nobody else has one, last is true, and who wants one
	// waits until done is called.
	ReleaseLast(name string) (done func(), last bool)
}

// usage is what the runs of a session have used of one compose project.
type usage struct {
	project string
	// services are those that there were steps for, with their pre_stop hooks; networks are names by id.
	services map[string][]types.ServiceHook
	networks map[string]string
	// volumes are the names that the project's files give.
	volumes map[string]bool
	// hasTransient says that something of it goes with the last run that uses it.
	hasTransient bool
}

// recordUsage notes what a run has used.
func (s *Session) recordUsage(r *run) {
	for scope, p := range r.plan.Scopes {
		if p.PrivateTask != "" {
			continue // it has gone with the run
		}
		u := s.usageOf(p.Project)
		u.hasTransient = u.hasTransient || p.HasTransient || r.transientScopes[scope]
		for _, step := range r.plan.Steps {
			if step.Scope == scope {
				u.add(step, r.facts[scope])
			}
		}
		for _, e := range r.ledger.entries {
			if e.Kind == step.NetworkEntry && e.Project == p.Project {
				u.networks[e.ID] = e.Name // its step may have failed since
			}
		}
	}
}

func (s *Session) usageOf(project string) *usage {
	if s.usages[project] == nil {
		s.usages[project] = &usage{project: project, services: map[string][]types.ServiceHook{}, networks: map[string]string{}, volumes: map[string]bool{}}
	}
	return s.usages[project]
}

func (u *usage) add(step *planner.Step, facts *planner.Facts) {
	switch a := step.Action.(type) {
	case *planner.Container:
		u.services[planner.ServiceOf(a.Replica)] = a.PreStop
	case *planner.InspectService:
		if _, known := u.services[planner.ServiceOf(a.Replica)]; !known {
			u.services[planner.ServiceOf(a.Replica)] = nil
		}
	case *planner.Network:
		if id := cmp.Or(facts.Networks[a.Key], a.ExistingID); id != "" && !a.External {
			u.networks[id] = a.Name
		}
	case *planner.Volume:
		u.volumes[a.Name] = true
	}
}

// Close gives up what the session's runs used, after the last of them. What goes with the last run that uses it is removed
// where that is this one: containers with their anonymous volumes, dependents first, then networks. What was there and down
// is stopped again. What somebody else uses stays, and what could not be removed is told of, with the commands that would.
// Once patience has ended, containers are killed.
func (s *Session) Close(stopCtx context.Context) {
	if s.cfg.Leases == nil || s.cfg.Engine == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(stopCtx), cleanupTimeout)
	defer cancel()
	for _, project := range slices.Sorted(maps.Keys(s.usages)) {
		l := &releaser{usage: s.usages[project], cfg: s.cfg, stopCtx: stopCtx, exclusive: map[string]func(){}, toStop: map[string]StartEntry{}}
		l.released, l.attempted, l.unownedBy = map[string]bool{}, map[string]bool{}, map[string]bool{}
		l.release(ctx)
	}
}

// releaser is the end of the use of one project.
type releaser struct {
	*usage
	cfg     Config
	stopCtx context.Context
	// exclusive are the services and networks that this is the last to use, by lease, with what ends their being nobody else's.
	exclusive map[string]func()
	// toStop are the starts of containers that are only to be stopped, by id.
	toStop map[string]StartEntry
	// released are the services whose leases were given up, tried the containers that were to go.
	released, attempted map[string]bool
	// unownedBy are the processes that were asked for, with whether what they own is nobody's.
	unownedBy map[string]bool
	mu        sync.Mutex
}

func (l *releaser) release(ctx context.Context) {
	l.findToStop()
	if !l.hasTransient && len(l.toStop) == 0 {
		return
	}
	defer l.unlockAll()
	l.releaseContainers(ctx)
	for _, name := range l.networks {
		l.releaseIfLast(planner.NetworkLease(name))
	}
	for id, name := range l.networks {
		if l.exclusive[planner.NetworkLease(name)] != nil {
			l.removeNetwork(ctx, id, name)
		}
	}
}

func (l *releaser) serviceLease(service string) string {
	return planner.Scope{Project: l.project}.Lease(service)
}

func (l *releaser) releaseIfLast(name string) {
	if unlock, last := l.cfg.Leases.ReleaseLast(name); last {
		l.exclusive[name] = unlock
	}
}

func (l *releaser) unlockAll() {
	for _, unlock := range l.exclusive {
		unlock()
	}
}

// exitTimeout is longer than a run of this host takes from giving up its leases to its end.
const exitTimeout = time.Second

// free says that nobody owns a thing but those whose leases this process would know of. An owner that lives, and is not one of
// these, is about to end, or another user's: it removes the thing itself.
func (l *releaser) isUnowned(ctx context.Context, labels map[string]string) bool {
	if l.cfg.Ownership.SharesLeases(labels) {
		return true
	}
	owner := labels[planner.LabelOwner]
	isFree, known := l.unownedBy[owner]
	if !known {
		isFree = owner == "" || owner == l.cfg.Ownership.Self || l.waitOwnerExit(ctx, owner)
		l.unownedBy[owner] = isFree
	}
	return isFree
}

// waitOwnerExit waits a moment for the end of a process.
func (l *releaser) waitOwnerExit(ctx context.Context, owner string) bool {
	for end := time.Now().Add(exitTimeout); ; {
		switch {
		case l.cfg.Ownership.IsDead == nil:
			return false
		case l.cfg.Ownership.IsDead(owner, 0):
			return true
		case time.Now().After(end):
			return false
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(pollInterval):
		}
	}
}

// releaseContainers removes and stops containers. The lease on what others depend on is given up after these have gone: another run that
// ends meanwhile would find it in use, and leave it to nobody.
func (l *releaser) releaseContainers(ctx context.Context) {
	all, err := l.cfg.Engine.ProjectContainers(ctx, l.project)
	for err == nil {
		services := l.nextBatch(all)
		if len(services) == 0 {
			return
		}
		for _, service := range services {
			if !l.released[service] { // it may have several containers
				l.released[service] = true
				l.releaseIfLast(l.serviceLease(service))
			}
		}
		if all, err = l.cfg.Engine.ProjectContainers(ctx, l.project); err == nil {
			l.removeUnused(ctx, all)
		}
	}
	l.warn("what only this run used is not removed: %s; the next command of the project does it", err)
}

// nextBatch are the services whose leases are to be given up next: of those that may have to go the ones that none of the others
// depends on, and in the end all the rest.
func (l *releaser) nextBatch(all []*planner.ObservedContainer) (services []string) {
	waves := planner.Waves(slices.DeleteFunc(slices.Clone(all), func(c *planner.ObservedContainer) bool {
		service := c.Labels[composeproject.LabelService]
		_, isUsed := l.services[service]
		return !isUsed || l.released[service] || !l.isDisposable(c)
	}))
	if len(waves) > 1 {
		for _, c := range waves[0] {
			services = append(services, c.Labels[composeproject.LabelService])
		}
		return services
	}
	for service := range l.services {
		if !l.released[service] {
			services = append(services, service)
		}
	}
	return services
}

// isDisposable says that a container is not to outlive its use.
func (l *releaser) isDisposable(c *planner.ObservedContainer) bool {
	_, isToStop := l.toStop[c.ID]
	return !isOneOff(c) && (isToStop || planner.IsTransient(c.Labels))
}

// remove does so with those that nobody uses any more.
func (l *releaser) removeUnused(ctx context.Context, all []*planner.ObservedContainer) {
	unused := planner.Removable(l.cfg.Ownership.ApplyNotes(all), func(c *planner.ObservedContainer) bool {
		isExclusive := l.exclusive[l.serviceLease(c.Labels[composeproject.LabelService])] != nil && l.isDisposable(c) && !l.attempted[c.ID]
		return isExclusive && (l.shouldStop(ctx, c) || planner.IsTransient(c.Labels) && l.isUnowned(ctx, c.Labels))
	})
	for _, c := range unused {
		l.attempted[c.ID] = true
	}
	for _, wave := range planner.Waves(unused) {
		var together sync.WaitGroup
		for _, c := range wave {
			together.Go(func() { l.stopAndRemove(ctx, c) })
		}
		together.Wait()
	}
}

func (l *releaser) stopAndRemove(ctx context.Context, c *planner.ObservedContainer) {
	service := c.Labels[composeproject.LabelService]
	stopCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(l.stopCtx, cancel)()
	if isRunning(c) {
		if failed := hook.Run(stopCtx, l.cfg.Engine, c.ID, service, "pre_stop", l.services[service]); failed.IsReportable(stopCtx) {
			l.warn("%s\n"+hook.StopContinues, failed)
		}
	}
	own := claimed{engine: l.cfg.Engine, claim: planner.ServiceClaim(l.project, service)}
	err := own.stop(stopCtx, c, nil)
	if stopCtx.Err() != nil {
		err = own.stop(ctx, c, new(time.Duration))
	}
	verb, command := "removed", "docker rm --force --volumes "+c.Name
	switch {
	case !planner.IsTransient(c.Labels):
		verb, command = "stopped", "docker stop "+c.Name
		if err == nil {
			err = l.cfg.ContainerJournal.ClearStart(c.ID)
		}
	case err == nil:
		if err = own.remove(ctx, c, engine.RemoveVolumes); err == nil {
			l.removeInheritedVolumes(ctx, c)
		}
	}
	if err != nil {
		l.warn("could not be %s; to finish: %s   # %s", verb, command, err)
	}
}

// removeInheritedVolumes removes the anonymous volumes that a container got from the one whose place it took: the engine does not take
// them for anonymous any more.
func (l *releaser) removeInheritedVolumes(ctx context.Context, c *planner.ObservedContainer) {
	for _, m := range c.Mounts {
		if c.Labels[composeproject.LabelReplace] == "" || m.Type != "volume" || !planner.IsGeneratedName(m.Name) || l.volumes[m.Name] {
			continue
		}
		if err := l.cfg.Engine.RemoveVolume(ctx, m.Name); err != nil && !engine.IsConflict(err) {
			l.warn("could not be removed; to finish: docker volume rm %s   # %s", m.Name, err)
		}
	}
}

// removeNetwork removes a network that nobody uses. The engine itself would not keep one for containers that do not run.
func (l *releaser) removeNetwork(ctx context.Context, id, name string) {
	state, err := l.cfg.Engine.InspectNetwork(ctx, id)
	if engine.IsNotFound(err) || err == nil && (!planner.IsTransient(state.Labels) || len(state.Members) > 0 || !l.isUnowned(ctx, state.Labels)) {
		return
	}
	if err == nil {
		err = l.cfg.Engine.RemoveNetwork(ctx, id)
	}
	if err != nil && !engine.IsConflict(err) {
		l.warn("could not be removed; to finish: docker network rm %s   # %s", cmp.Or(name, id), err)
	}
}

// warn tells the observer, which hears one at a time.
func (l *releaser) warn(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cfg.Observer.Notice(Notice{Kind: Warned, Text: fmt.Sprintf(format, args...)})
}
