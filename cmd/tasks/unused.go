package main

import (
	"context"
	"maps"
	"os"

	"tasks/executor"
	"tasks/executor/docker"
	"tasks/planner"
)

// looked notes what was seen of the projects. Nobody else knows of a private one.
func (l *leases) looked(worlds map[string]planner.World, engine *docker.Engine) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, w := range worlds {
		if !w.Project.IsPrivate() {
			l.looks[w.Project.Name()] = look{engine, w.Project, w.Observed}
		}
	}
}

// idle are the leases on what is transient that no plan needs, for whoever asks first, and the looks at what they are about.
func (l *leases) idle() (names map[string]bool, looks map[string]look) {
	l.mu.Lock()
	defer l.mu.Unlock()
	names, l.spared = l.spared, map[string]bool{}
	return names, maps.Clone(l.looks)
}

// leaveIdle gives up what of the leases no plan needs, and removes what is nobody's then.
func (a *app) leaveIdle(patience context.Context, leases *leases) {
	names, looks := leases.idle()
	if len(names) == 0 {
		return
	}
	for _, look := range looks {
		a.leave(patience, leases, look, func(lease string) bool { return names[lease] })
	}
}

// leave does so with what was not used of a project.
func (a *app) leave(patience context.Context, leases *leases, look look, wanted func(lease string) bool) {
	who := owners()
	who.Leases = leases.places()
	session := executor.NewSession(executor.Config{Engine: look.engine, Leases: leases, Containers: leases.notes, Owners: who, Observer: &reaper{app: a}})
	session.Unused(look.project, look.seen, wanted)
	session.Close(patience)
}

// leaveUnused is the end of what was planned and is not run: answered with no, say. Until now there were leases on all that it could
// have used, and another run may have ended meanwhile, and left to this one what is transient.
func (a *app) leaveUnused(signals <-chan os.Signal) {
	a.leasing.Lock()
	leases := a.leases
	a.leasing.Unlock()
	if leases == nil {
		return
	}
	_, looks := leases.idle()
	patience, done := context.WithCancel(context.Background())
	defer done()
	go hurry(patience, signals, done)
	for name, look := range looks {
		seen, err := look.engine.Snapshot(patience, planner.Query{Project: name, Original: name})
		if err != nil {
			continue // the next command of the project sees to it
		}
		look.seen = seen
		a.leave(patience, leases, look, func(string) bool { return true })
	}
}

// hurry has a signal end the patience with what is to be stopped.
func hurry(patience context.Context, signals <-chan os.Signal, end func()) {
	if askedToEnd(patience, signals) != nil {
		end()
	}
}
