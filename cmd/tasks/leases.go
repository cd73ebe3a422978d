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

// Leases are those that this process has, on what its runs use. They are kept in the project's state directory, and in the one that
// other checkouts of this user share.
type Leases struct {
	// dirs are the two, or the first.
	dirs  []*state.Dir
	files *state.LeaseFiles
	mu    sync.Mutex
	// wasAcquired says that there has been one.
	wasAcquired bool
	held        map[string]*state.Lease
	// usedNames are the names that some plan uses.
	usedNames map[string]bool
	// looks are what was seen of each project since the leases on it were taken.
	projects map[string]leasedProject
	// journal tell of what is to be stopped again.
	journal ContainerJournal
	// deferred are the leases on what is transient, and no plan uses.
	deferred map[string]bool
}

// leasedProject is what was seen of a project.
type leasedProject struct {
	engine   *docker.Engine
	project  *composeproject.Project
	snapshot *planner.Snapshot
}

// NewLeases are those in a project's directory and the shared one, where there is one.
func NewLeases(projectDir, sharedDir *state.Dir, journal ContainerJournal) *Leases {
	dirs := []*state.Dir{projectDir}
	if sharedDir != nil {
		dirs = append(dirs, sharedDir)
	}
	return &Leases{
		dirs: dirs, files: state.NewLeaseFiles(dirs...), journal: journal,
		held: map[string]*state.Lease{}, usedNames: map[string]bool{}, projects: map[string]leasedProject{}, deferred: map[string]bool{},
	}
}

// Locations tell by a word each where these leases are: on this machine as it was started, in which directories. Who has taken none
// makes none of these.
func (l *Leases) Locations() (words []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	self, ok := owner.CurrentOwner()
	if !ok || !l.wasAcquired {
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

// Acquire takes a lease on each name, and waits for who is just removing what has it.
func (l *Leases) Acquire(ctx context.Context, names []string, onWait func(holder string)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wasAcquired = l.wasAcquired || len(names) > 0
	for _, name := range names {
		if l.held[name] != nil {
			continue
		}
		lease, err := l.files.Acquire(ctx, name, state.LockOptions{OnWait: func(h state.Holder) { onWait(h.String()) }})
		if err != nil {
			return err
		}
		l.held[name] = lease
	}
	return nil
}

// Retain gives up the leases on what neither this plan nor an earlier one uses. Those on what is transient are only noted: another
// run may have ended meanwhile, and not been the last because of this one.
func (l *Leases) Retain(names []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range names {
		l.usedNames[name] = true
	}
	transient := l.transientNames()
	for name, lease := range l.held {
		switch {
		case l.usedNames[name]:
		case transient[name]:
			l.deferred[name] = true
		default:
			lease.Release()
			delete(l.held, name)
		}
	}
}

// transientNames are the names of what goes, or stops again, with the last run that uses it.
func (l *Leases) transientNames() map[string]bool {
	names := map[string]bool{}
	for project, leased := range l.projects {
		for _, name := range leased.snapshot.TransientLeases() {
			names[name] = true
		}
		for _, start := range l.journal.StartEntries(project) {
			names[planner.Scope{Project: project}.Lease(start.Service)] = true
		}
	}
	return names
}

// ReleaseLast gives a lease up, or finds out whether anybody has one.
func (l *Leases) ReleaseLast(name string) (done func(), isLast bool) {
	l.mu.Lock()
	lease := l.held[name]
	delete(l.held, name)
	l.mu.Unlock()
	purpose := "the removal of " + name
	if lease != nil {
		return lease.ReleaseLast(purpose)
	}
	done, isLast, err := l.files.TryExclusive(name, purpose)
	return done, isLast && err == nil
}

// InUse tells which of some things some run has a lease on. Where that cannot be found out, nobody could take one either.
func (l *Leases) InUse(resources []planner.LeasedResource) []string {
	var inUse []string
	for _, resource := range resources {
		done, isFree, err := l.files.TryExclusive(resource.Lease, "a look at "+resource.DisplayName)
		switch {
		case err == nil && !isFree:
			inUse = append(inUse, resource.DisplayName)
		case err == nil:
			done()
		}
	}
	return inUse
}

// projectLeases are this process's leases in the state directory of a project.
func (a *app) projectLeases(root string) *Leases {
	a.leasesMu.Lock()
	defer a.leasesMu.Unlock()
	if a.leases == nil {
		a.leases = NewLeases(state.OpenProjectDir(root), a.sharedDir(), a.containerJournal(root))
	}
	return a.leases
}

// sharedDir is the directory that all checkouts of this user share; nil, where it is not known which engine they use.
func (a *app) sharedDir() *state.Dir {
	engine, err := a.connectEngine()
	if err != nil {
		return nil
	}
	return state.OpenSharedDir(engine.Address())
}

// hold takes leases on all that the projects can touch, before anybody looks at the engine: what is seen then stays. A run
// that makes nothing that others remove can do without, where there is no place to keep them.
func (ws *Workspace) acquireLeases(ctx context.Context, projects map[string]*composeproject.Project, spec *hclspec.Spec) error {
	if !ws.app.writesState {
		return nil
	}
	var names []string
	for _, project := range projects {
		if project.IsPrivate() {
			continue // nobody else knows of it
		}
		names = append(names, planner.ProjectLeases(project)...)
	}
	slices.Sort(names)
	err := ws.app.projectLeases(ws.Inputs.Root).Acquire(ctx, slices.Compact(names), ws.app.printer.PrintWaiting)
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

// privateMarkFile is kept once a run has had a private project.
const privateMarkFile = "private"

// mayHavePrivateProjects says that there may be private projects of which a look at the networks does not tell. It keeps a mark for
// later runs where this one makes any: who has never had one need not ask the engine for what dead runs have left of them.
func (ws *Workspace) mayHavePrivateProjects(projects map[string]*composeproject.Project) bool {
	dir := state.OpenProjectDir(ws.Inputs.Root)
	content, err := dir.ReadIfExists(privateMarkFile)
	if err == nil && content != nil {
		return true
	}
	for _, project := range projects {
		if project.IsPrivate() && ws.app.writesState {
			_ = dir.WriteFile(privateMarkFile, []byte("yes\n")) // without it the networks tell
			return true
		}
	}
	return false
}

// warnUnshared warns where runs of other users do not know of this one's: the project's directory is not this user's to write,
// or is not believed.
func (a *app) warnUnshared(root string) {
	if a.tellForeign(root) {
		return
	}
	if dir, isPrivate := state.OpenProjectDir(root).IsPrivate(); isPrivate {
		a.printWarning(fmt.Sprintf("%s cannot be written: locks, leases and what else is kept for later are in %s, of which runs of other users do not know", filepath.Join(root, state.DirName), dir))
	}
}

// tellForeign warns where the project's directory of state may hold the words of another user.
func (a *app) tellForeign(root string) bool {
	own := state.OpenProjectDir(root)
	dir, aside := own.IsPrivate()
	why := own.Foreign()
	if !aside || why == "" {
		return false
	}
	a.printWarning(fmt.Sprintf("%s: nothing in it is believed. Locks, leases and what else is kept for later are in %s, "+
		"of which runs of other users do not know", why, dir))
	return true
}
