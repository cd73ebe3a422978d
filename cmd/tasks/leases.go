package main

import (
	"context"
	"os"
	"slices"

	"tasks/executor/engine"
	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/internal/coord"
	"tasks/internal/workspace"
	"tasks/planner"
)

// coordStore returns the store of the project in root. Without the address of an engine the store has no shared directory.
func (a *app) coordStore(root string) *coord.Store {
	a.storeMu.Lock()
	defer a.storeMu.Unlock()
	return a.lockedStore(root)
}

func (a *app) lockedStore(root string) *coord.Store {
	if a.store == nil {
		address := ""
		if engine, err := a.connectEngine(); err == nil {
			address = engine.Address()
		}
		a.store = coord.OpenStore(root, address)
	}
	return a.store
}

// leasedProjects returns the projects with leases of this process.
func (a *app) leasedProjects(root string) *workspace.LeasedProjects {
	a.storeMu.Lock()
	defer a.storeMu.Unlock()
	if a.leased == nil {
		a.leased = workspace.NewLeasedProjects(a.lockedStore(root))
	}
	return a.leased
}

// releaseUnstarted releases the leases of a plan that does not run.
func (a *app) releaseUnstarted(signals <-chan os.Signal) {
	a.storeMu.Lock()
	leased := a.leased
	a.storeMu.Unlock()
	if leased == nil {
		return
	}
	stopCtx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go cancelOnSignal(stopCtx, signals, cancel)
	leased.ReleaseAll(stopCtx, &reapObserver{app: a})
}

// cancelOnSignal ends the patience with what is to be stopped at a signal.
func cancelOnSignal(stopCtx context.Context, signals <-chan os.Signal, cancel func()) {
	if waitStopSignal(stopCtx, signals) != nil {
		cancel()
	}
}

// warnForeign warns where the project's directory of state may hold the words of another user.
func (a *app) warnForeign(store *coord.Store) {
	if warning := store.ForeignWarning(); warning != "" {
		a.printWarning(warning)
	}
}

// killOrphans kills the commands of dead runs, and warns about commands that may go on.
func (a *app) killOrphans(ctx context.Context, store *coord.Store) workspace.OrphanKiller {
	killed, err := store.Journal().KillOrphans()
	if err != nil {
		a.printWarning("whether commands of runs that were killed still run is not known: " + err.Error())
	}
	if killed > 0 {
		a.printer.PrintEndedCommands(killed)
	}
	orphans := workspace.OrphanKiller{
		Journal: store.Journal(), Connect: func() (engine.Engine, error) { return a.connectEngine() }, NewSlug: newSlug,
	}
	for _, err := range orphans.KillExecs(ctx) {
		a.printWarning(err.Error())
	}
	return orphans
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
	err := ws.app.leasedProjects(ws.Inputs.Root).Leases().Acquire(ctx, slices.Compact(names), ws.app.printer.PrintWaiting)
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
	dir := coord.OpenProjectDir(ws.Inputs.Root)
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
