package main

import (
	"context"
	"maps"
	"os"

	"tasks/executor"
	"tasks/executor/docker"
	"tasks/planner"
)

// RecordSnapshot notes what was seen of the projects. Nobody else knows of a private one.
func (l *Leases) RecordSnapshot(states map[string]planner.ProjectState, engine *docker.Engine) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, w := range states {
		if !w.Project.IsPrivate() {
			l.projects[w.Project.Name()] = leasedProject{engine, w.Project, w.Snapshot}
		}
	}
}

// idle are the leases on what is transient that no plan needs, for whoever asks first, and the looks at what they are about.
func (l *Leases) takeDeferred() (names map[string]bool, projects map[string]leasedProject) {
	l.mu.Lock()
	defer l.mu.Unlock()
	names, l.deferred = l.deferred, map[string]bool{}
	return names, maps.Clone(l.projects)
}

// releaseIdle gives up what of the leases no plan needs, and removes what is nobody's then.
func (a *app) releaseIdle(stopCtx context.Context, leases *Leases) {
	names, projects := leases.takeDeferred()
	if len(names) == 0 {
		return
	}
	for _, project := range projects {
		a.releaseProject(stopCtx, leases, project, func(lease string) bool { return names[lease] })
	}
}

// releaseProject does so with what was not used of a project.
func (a *app) releaseProject(stopCtx context.Context, leases *Leases, project leasedProject, isReleased func(lease string) bool) {
	ownership := CurrentOwnership()
	ownership.LeaseLocations = leases.Locations()
	session := executor.NewSession(executor.Config{Engine: project.engine, Leases: leases, ContainerJournal: leases.journal, Ownership: ownership, Observer: &reapObserver{app: a}})
	session.ReleaseUnused(project.project, project.snapshot, isReleased)
	session.Close(stopCtx)
}

// releaseUnstarted is the end of what was planned and is not run: answered with no, say. Until now there were leases on all that it could
// have used, and another run may have ended meanwhile, and left to this one what is transient.
func (a *app) releaseUnstarted(signals <-chan os.Signal) {
	a.leasesMu.Lock()
	leases := a.leases
	a.leasesMu.Unlock()
	if leases == nil {
		return
	}
	_, projects := leases.takeDeferred()
	stopCtx, done := context.WithCancel(context.Background())
	defer done()
	go cancelOnSignal(stopCtx, signals, done)
	for name, project := range projects {
		snapshot, err := project.engine.Snapshot(stopCtx, planner.Query{Project: name, Original: name})
		if err != nil {
			continue // the next command of the project sees to it
		}
		project.snapshot = snapshot
		a.releaseProject(stopCtx, leases, project, func(string) bool { return true })
	}
}

// hurry has a signal end the patience with what is to be stopped.
func cancelOnSignal(stopCtx context.Context, signals <-chan os.Signal, cancel func()) {
	if waitStopSignal(stopCtx, signals) != nil {
		cancel()
	}
}
