package main

import (
	"context"
	"errors"
	"fmt"

	"tasks/executor"
	"tasks/internal/orphans"
	"tasks/internal/state"
)

// killOrphans ends the host commands of dead runs, and returns the notes that this one's are to get. A command without a note
// runs all the same.
func (a *app) killOrphans(root string) *orphans.CommandJournal {
	journal := orphans.OpenCommandJournal(state.OpenProjectDir(root))
	killed, err := journal.KillOrphans()
	if err != nil {
		a.printWarning("whether commands of runs that were killed still run is not known: " + err.Error())
	}
	if killed > 0 {
		a.printer.PrintEndedCommands(killed)
	}
	return journal
}

// ExecJournal are the notes of commands in containers, as a session wants them.
type ExecJournal struct{ journal *orphans.CommandJournal }

// RecordExec implements [executor.ExecJournal].
func (e ExecJournal) RecordExec(x executor.ExecEntry) (ended func()) {
	return e.journal.RecordExec(orphans.Exec(x))
}

// killOrphanedExecs ends the commands that dead runs have left in containers of services, and warns of what cannot be ended.
func (a *app) killOrphanedExecs(ctx context.Context, journal *orphans.CommandJournal) {
	for _, err := range killExecs(ctx, journal, func() (executor.Engine, error) { return a.connectEngine() }) {
		a.printWarning(err.Error())
	}
}

// killOrphanedExecs returns what cannot be ended. It is tried again by the next call.
func killExecs(ctx context.Context, journal *orphans.CommandJournal, connect func() (executor.Engine, error)) (errs []error) {
	orphaned, err := journal.OrphanedExecs()
	if err != nil {
		errs = append(errs, fmt.Errorf("whether commands in containers of runs that were killed still run is not known: %w", err))
	}
	for _, x := range orphaned {
		engine, err := connect()
		if err == nil {
			err = executor.KillOrphanedExec(ctx, engine, newSlug, executor.ExecEntry(x))
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("a command of a run that was killed may go on in the container of service %s: %w", x.Service, err))
			continue
		}
		journal.RemoveExec(x)
	}
	return errs
}

// OrphanKiller is what dead runs have left running, as a session wants it.
type OrphanKiller struct {
	journal *orphans.CommandJournal
	connect func() (executor.Engine, error)
}

// KillOrphans implements [executor.OrphanKiller].
func (l OrphanKiller) KillOrphans(ctx context.Context) (killed int, err error) {
	killed, err = l.journal.KillOrphans()
	return killed, errors.Join(append(killExecs(ctx, l.journal, l.connect), err)...)
}
