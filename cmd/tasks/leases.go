package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"sync"

	"tasks/executor/docker"
	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/internal/owner"
	"tasks/internal/state"
	"tasks/planner"
)

// leases are those that this process has, on what its runs use. They are kept in the project's state directory, and in the one that
// other checkouts of this user share.
type leases struct {
	// dirs are the two, or the first.
	dirs []*state.Dir
	all  *state.Leases
	mu   sync.Mutex
	// taken says that there has been one.
	taken bool
	held  map[string]*state.Lease
	// used are the names that some plan uses.
	used map[string]bool
	// looks are what was seen of each project since the leases on it were taken.
	looks map[string]look
	// notes tell of what is to be stopped again.
	notes containerNotes
	// spared are the leases on what is transient, and no plan uses.
	spared map[string]bool
}

// look is what was seen of a project.
type look struct {
	engine  *docker.Engine
	project *composeproject.Project
	seen    *planner.Observed
}

// newLeases are those in a project's directory and the shared one, where there is one.
func newLeases(own, shared *state.Dir, notes containerNotes) *leases {
	dirs := []*state.Dir{own}
	if shared != nil {
		dirs = append(dirs, shared)
	}
	return &leases{
		dirs: dirs, all: state.LeasesIn(dirs...), notes: notes,
		held: map[string]*state.Lease{}, used: map[string]bool{}, looks: map[string]look{}, spared: map[string]bool{},
	}
}

// places tell by a word each where these leases are: on this machine as it was started, in which directories. Who has taken none
// makes none of these.
func (l *leases) places() (words []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	self, ok := owner.Self()
	if !ok || !l.taken {
		return nil
	}
	for _, dir := range l.dirs {
		if path, err := dir.Path(); err == nil {
			sum := sha256.Sum256([]byte(self.World() + "\x00" + path))
			words = append(words, hex.EncodeToString(sum[:8]))
		}
	}
	return words
}

// hold takes a lease on each name, and waits for who is just removing what has it.
func (l *leases) hold(ctx context.Context, names []string, waiting func(holder string)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.taken = l.taken || len(names) > 0
	for _, name := range names {
		if l.held[name] != nil {
			continue
		}
		lease, err := l.all.Take(ctx, name, state.LockOptions{Waiting: func(h state.Holder) { waiting(h.String()) }})
		if err != nil {
			return err
		}
		l.held[name] = lease
	}
	return nil
}

// keep gives up the leases on what neither this plan nor an earlier one uses. Those on what is transient are only noted: another
// run may have ended meanwhile, and not been the last because of this one.
func (l *leases) keep(names []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range names {
		l.used[name] = true
	}
	transient := l.transient()
	for name, lease := range l.held {
		switch {
		case l.used[name]:
		case transient[name]:
			l.spared[name] = true
		default:
			lease.Release()
			delete(l.held, name)
		}
	}
}

// transient are the names of what goes, or stops again, with the last run that uses it.
func (l *leases) transient() map[string]bool {
	names := map[string]bool{}
	for project, look := range l.looks {
		for _, name := range look.seen.TransientLeases() {
			names[name] = true
		}
		for _, start := range l.notes.Starts(project) {
			names[planner.Scope{Project: project}.Lease(start.Service)] = true
		}
	}
	return names
}

// Last gives a lease up, or finds out whether anybody has one.
func (l *leases) Last(name string) (done func(), last bool) {
	l.mu.Lock()
	lease := l.held[name]
	delete(l.held, name)
	l.mu.Unlock()
	purpose := "the removal of " + name
	if lease != nil {
		return lease.Last(purpose)
	}
	done, last, err := l.all.Unleased(name, purpose)
	return done, last && err == nil
}

// heldByOthers tells which of some things some run has a lease on. Where that cannot be found out, nobody could take one either.
func (l *leases) heldByOthers(things []planner.Leased) []string {
	var held []string
	for _, thing := range things {
		done, free, err := l.all.Unleased(thing.Lease, "a look at "+thing.What)
		switch {
		case err == nil && !free:
			held = append(held, thing.What)
		case err == nil:
			done()
		}
	}
	return held
}

// leasesOf are this process's leases in the state directory of a project.
func (a *app) leasesOf(root string) *leases {
	a.leasing.Lock()
	defer a.leasing.Unlock()
	if a.leases == nil {
		a.leases = newLeases(state.Open(root), a.engineState(), a.containerNotes(root))
	}
	return a.leases
}

// engineState is the directory that all checkouts of this user share; nil, where it is not known which engine they use.
func (a *app) engineState() *state.Dir {
	engine, err := a.connect()
	if err != nil {
		return nil
	}
	return state.OfEngine(engine.Address())
}

// hold takes leases on all that the projects can touch, before anybody looks at the engine: what is seen then stays. A run
// that makes nothing that others remove can do without, where there is no place to keep them.
func (ws *workspace) hold(ctx context.Context, projects map[string]*composeproject.Project, spec *hclspec.Spec) error {
	if !ws.app.mayKeep {
		return nil
	}
	var names []string
	for _, project := range projects {
		if project.IsPrivate() {
			continue // nobody else knows of it
		}
		names = append(names, planner.Leases(project)...)
	}
	slices.Sort(names)
	err := ws.app.leasesOf(ws.inputs.Root).hold(ctx, slices.Compact(names), func(holder string) {
		fmt.Fprintf(ws.app.err(), "waiting for %s\n", holder)
	})
	if err != nil && (ctx.Err() != nil || usesTransient(spec)) {
		return &exitError{code: codeRunFailed, err: err}
	}
	return nil
}

func usesTransient(spec *hclspec.Spec) bool {
	for _, t := range spec.Tasks {
		if t.Policy == hclspec.PolicyTransient {
			return true
		}
	}
	return false
}

// privateMark is kept once a run has had a private project.
const privateMark = "private"

// mayHavePrivate says that there may be private projects of which a look at the networks does not tell. It keeps a mark for
// later runs where this one makes any: who has never had one need not ask the engine for what dead runs have left of them.
func (ws *workspace) mayHavePrivate(projects map[string]*composeproject.Project) bool {
	dir := state.Open(ws.inputs.Root)
	content, err := dir.Peek(privateMark)
	if err == nil && content != nil {
		return true
	}
	for _, project := range projects {
		if project.IsPrivate() && ws.app.mayKeep {
			_ = dir.WriteFile(privateMark, []byte("yes\n")) // without it the networks tell
			return true
		}
	}
	return false
}

// tellAside warns where runs of other users do not know of this one's: the project's directory is not this user's to write,
// or is not believed.
func (a *app) tellAside(root string) {
	if a.tellForeign(root) {
		return
	}
	if dir, aside := state.Open(root).Aside(); aside {
		a.warn(fmt.Sprintf("%s cannot be written: locks, leases and what else is kept for later are in %s, of which runs of other users do not know", filepath.Join(root, state.DirName), dir))
	}
}

// tellForeign warns where the project's directory of state may hold the words of another user.
func (a *app) tellForeign(root string) bool {
	own := state.Open(root)
	dir, aside := own.Aside()
	why := own.Foreign()
	if !aside || why == "" {
		return false
	}
	a.warn(fmt.Sprintf("%s: nothing in it is believed. Locks, leases and what else is kept for later are in %s, "+
		"of which runs of other users do not know", why, dir))
	return true
}
