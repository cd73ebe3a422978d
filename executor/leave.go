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

	"tasks/internal/composeproject"
	"tasks/planner"
)

// Leases are what this process has on the services and networks that its runs use, by [planner.Plan.Leases]. While anybody has
// one on a thing, that goes with the last run that uses it, the thing stays.
type Leases interface {
	// Last gives up the lease of a name, where this process has it. Where nobody else has one, last is true, and who wants one
	// waits until done is called.
	Last(name string) (done func(), last bool)
}

// use is what the runs of a session have used of one compose project.
type use struct {
	project string
	// services are those that there were steps for, with their pre_stop hooks; networks are names by id.
	services map[string][]types.ServiceHook
	networks map[string]string
	// volumes are the names that the project's files give.
	volumes map[string]bool
	// transient says that something of it goes with the last run that uses it.
	transient bool
}

// used notes what a run has used.
func (s *Session) used(r *run) {
	for scope, p := range r.plan.Scopes {
		if p.Private != "" {
			continue // it has gone with the run
		}
		u := s.useOf(p.Project)
		u.transient = u.transient || p.Transient || r.transient[scope]
		for _, step := range r.plan.Steps {
			if step.Scope == scope {
				u.add(step, r.facts[scope])
			}
		}
		for _, e := range r.ledger.entries {
			if e.kind == networkMade && e.project == p.Project {
				u.networks[e.id] = e.name // its step may have failed since
			}
		}
	}
}

func (s *Session) useOf(project string) *use {
	if s.uses[project] == nil {
		s.uses[project] = &use{project: project, services: map[string][]types.ServiceHook{}, networks: map[string]string{}, volumes: map[string]bool{}}
	}
	return s.uses[project]
}

func (u *use) add(step *planner.Step, facts *planner.Facts) {
	switch a := step.Action.(type) {
	case *planner.Container:
		u.services[planner.ServiceOf(a.Service)] = a.PreStop
	case *planner.LookService:
		if _, known := u.services[planner.ServiceOf(a.Service)]; !known {
			u.services[planner.ServiceOf(a.Service)] = nil
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
func (s *Session) Close(patience context.Context) {
	if s.cfg.Leases == nil || s.cfg.Engine == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(patience), cleanupTimeout)
	defer cancel()
	for _, project := range slices.Sorted(maps.Keys(s.uses)) {
		l := &leaving{use: s.uses[project], cfg: s.cfg, patience: patience, mine: map[string]func(){}, marked: map[string]StartNote{}}
		l.asked, l.tried, l.owners = map[string]bool{}, map[string]bool{}, map[string]bool{}
		l.leave(ctx)
	}
}

// leaving is the end of the use of one project.
type leaving struct {
	*use
	cfg      Config
	patience context.Context
	// mine are the services and networks that this is the last to use, by lease, with what ends their being nobody else's.
	mine map[string]func()
	// marked are the starts of containers that are only to be stopped, by id.
	marked map[string]StartNote
	// asked are the services whose leases were given up, tried the containers that were to go.
	asked, tried map[string]bool
	// owners are the processes that were asked for, with whether what they own is nobody's.
	owners map[string]bool
	mu     sync.Mutex
}

func (l *leaving) leave(ctx context.Context) {
	l.findMarked()
	if !l.transient && len(l.marked) == 0 {
		return
	}
	defer l.done()
	l.containers(ctx)
	for _, name := range l.networks {
		l.take(planner.NetworkLease(name))
	}
	for id, name := range l.networks {
		if l.mine[planner.NetworkLease(name)] != nil {
			l.network(ctx, id, name)
		}
	}
}

func (l *leaving) lease(service string) string {
	return planner.Scope{Project: l.project}.Lease(service)
}

func (l *leaving) take(name string) {
	if done, last := l.cfg.Leases.Last(name); last {
		l.mine[name] = done
	}
}

func (l *leaving) done() {
	for _, done := range l.mine {
		done()
	}
}

// exitTime is longer than a run of this host takes from giving up its leases to its end.
const exitTime = time.Second

// free says that nobody owns a thing but those whose leases this process would know of. An owner that lives, and is not one of
// these, is about to end, or another user's: it removes the thing itself.
func (l *leaving) free(ctx context.Context, labels map[string]string) bool {
	if l.cfg.Owners.Shared(labels) {
		return true
	}
	owner := labels[planner.LabelOwner]
	free, known := l.owners[owner]
	if !known {
		free = owner == "" || owner == l.cfg.Owners.Self || l.ends(ctx, owner)
		l.owners[owner] = free
	}
	return free
}

// ends waits a moment for the end of a process.
func (l *leaving) ends(ctx context.Context, owner string) bool {
	for end := time.Now().Add(exitTime); ; {
		switch {
		case l.cfg.Owners.Dead == nil:
			return false
		case l.cfg.Owners.Dead(owner, 0):
			return true
		case time.Now().After(end):
			return false
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(lookAtOther):
		}
	}
}

// containers removes and stops containers. The lease on what others depend on is given up after these have gone: another run that
// ends meanwhile would find it in use, and leave it to nobody.
func (l *leaving) containers(ctx context.Context) {
	all, err := l.cfg.Engine.ProjectContainers(ctx, l.project)
	for err == nil {
		services := l.next(all)
		if len(services) == 0 {
			return
		}
		for _, service := range services {
			if !l.asked[service] { // it may have several containers
				l.asked[service] = true
				l.take(l.lease(service))
			}
		}
		if all, err = l.cfg.Engine.ProjectContainers(ctx, l.project); err == nil {
			l.remove(ctx, all)
		}
	}
	l.warn("what only this run used is not removed: %s; the next command of the project does it", err)
}

// next are the services whose leases are to be given up next: of those that may have to go the ones that none of the others
// depends on, and in the end all the rest.
func (l *leaving) next(all []*planner.ObservedContainer) (services []string) {
	waves := planner.Waves(slices.DeleteFunc(slices.Clone(all), func(c *planner.ObservedContainer) bool {
		service := c.Labels[composeproject.LabelService]
		_, used := l.services[service]
		return !used || l.asked[service] || !l.goes(c)
	}))
	if len(waves) > 1 {
		for _, c := range waves[0] {
			services = append(services, c.Labels[composeproject.LabelService])
		}
		return services
	}
	for service := range l.services {
		if !l.asked[service] {
			services = append(services, service)
		}
	}
	return services
}

// goes says that a container is not to outlive its use.
func (l *leaving) goes(c *planner.ObservedContainer) bool {
	_, marked := l.marked[c.ID]
	return !oneOffOf(c) && (marked || planner.Transient(c.Labels))
}

// remove does so with those that nobody uses any more.
func (l *leaving) remove(ctx context.Context, all []*planner.ObservedContainer) {
	going := planner.Removable(l.cfg.Owners.Disown(all), func(c *planner.ObservedContainer) bool {
		mine := l.mine[l.lease(c.Labels[composeproject.LabelService])] != nil && l.goes(c) && !l.tried[c.ID]
		return mine && (l.stopsAgain(ctx, c) || planner.Transient(c.Labels) && l.free(ctx, c.Labels))
	})
	for _, c := range going {
		l.tried[c.ID] = true
	}
	for _, wave := range planner.Waves(going) {
		var together sync.WaitGroup
		for _, c := range wave {
			together.Go(func() { l.container(ctx, c) })
		}
		together.Wait()
	}
}

func (l *leaving) container(ctx context.Context, c *planner.ObservedContainer) {
	service := c.Labels[composeproject.LabelService]
	patience, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(l.patience, cancel)()
	if ran(c) {
		if failed := runHooks(patience, l.cfg.Engine, c.ID, service, "pre_stop", l.services[service]); failed.tells(patience) {
			l.warn("%s\n"+stoppedAllTheSame, failed)
		}
	}
	own := claimed{engine: l.cfg.Engine, claim: planner.ServiceClaim(l.project, service)}
	err := own.stop(patience, c, nil)
	if patience.Err() != nil {
		err = own.stop(ctx, c, new(time.Duration))
	}
	what, command := "removed", "docker rm --force --volumes "+c.Name
	switch {
	case !planner.Transient(c.Labels):
		what, command = "stopped", "docker stop "+c.Name
		if err == nil {
			err = l.cfg.Containers.Stopped(c.ID)
		}
	case err == nil:
		if err = own.remove(ctx, c, RemoveVolumes); err == nil {
			l.inherited(ctx, c)
		}
	}
	if err != nil {
		l.warn("could not be %s; to finish: %s   # %s", what, command, err)
	}
}

// inherited removes the anonymous volumes that a container got from the one whose place it took: the engine does not take
// them for anonymous any more.
func (l *leaving) inherited(ctx context.Context, c *planner.ObservedContainer) {
	for _, m := range c.Mounts {
		if c.Labels[composeproject.LabelReplace] == "" || m.Type != "volume" || !planner.MadeUpName(m.Name) || l.volumes[m.Name] {
			continue
		}
		if err := l.cfg.Engine.RemoveVolume(ctx, m.Name); err != nil && !IsConflict(err) {
			l.warn("could not be removed; to finish: docker volume rm %s   # %s", m.Name, err)
		}
	}
}

// network removes a network that nobody uses. The engine itself would not keep one for containers that do not run.
func (l *leaving) network(ctx context.Context, id, name string) {
	state, err := l.cfg.Engine.InspectNetwork(ctx, id)
	if IsNotFound(err) || err == nil && (!planner.Transient(state.Labels) || len(state.Members) > 0 || !l.free(ctx, state.Labels)) {
		return
	}
	if err == nil {
		err = l.cfg.Engine.RemoveNetwork(ctx, id)
	}
	if err != nil && !IsConflict(err) {
		l.warn("could not be removed; to finish: docker network rm %s   # %s", cmp.Or(name, id), err)
	}
}

// warn tells the observer, which hears one at a time.
func (l *leaving) warn(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cfg.Observer.Notice(Notice{Happening: Warned, Text: fmt.Sprintf(format, args...)})
}
