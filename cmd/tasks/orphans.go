package main

import (
	"context"
	"errors"
	"fmt"

	"tasks/executor"
	"tasks/internal/orphans"
	"tasks/internal/state"
)

// endOrphans ends the host commands of dead runs, and returns the notes that this one's are to get. A command without a note
// runs all the same.
func (a *app) endOrphans(root string) *orphans.Notes {
	notes := orphans.Of(state.Open(root))
	ended, err := notes.End()
	if err != nil {
		a.warn("whether commands of runs that were killed still run is not known: " + err.Error())
	}
	if ended > 0 {
		fmt.Fprintf(a.err(), "host commands ended, as the runs that they belonged to were killed: %d\n", ended)
	}
	return notes
}

// execs are the notes of commands in containers, as a session wants them.
type execs struct{ notes *orphans.Notes }

// Executing implements [executor.ExecNotes].
func (e execs) Executing(x executor.ExecNote) (ended func()) {
	return e.notes.Executing(orphans.Exec(x))
}

// endExecs ends the commands that dead runs have left in containers of services, and warns of what cannot be ended.
func (a *app) endExecs(ctx context.Context, notes *orphans.Notes) {
	for _, err := range endExecs(ctx, notes, func() (executor.Engine, error) { return a.connect() }) {
		a.warn(err.Error())
	}
}

// endExecs returns what cannot be ended. It is tried again by the next call.
func endExecs(ctx context.Context, notes *orphans.Notes, connect func() (executor.Engine, error)) (errs []error) {
	left, err := notes.Executed()
	if err != nil {
		errs = append(errs, fmt.Errorf("whether commands in containers of runs that were killed still run is not known: %w", err))
	}
	for _, x := range left {
		engine, err := connect()
		if err == nil {
			err = executor.EndExec(ctx, engine, newSlug, executor.ExecNote(x))
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("a command of a run that was killed may go on in the container of service %s: %w", x.Service, err))
			continue
		}
		notes.Forget(x)
	}
	return errs
}

// left is what dead runs have left running, as a session wants it.
type left struct {
	notes   *orphans.Notes
	connect func() (executor.Engine, error)
}

// End implements [executor.Left].
func (l left) End(ctx context.Context) (ended int, err error) {
	ended, err = l.notes.End()
	return ended, errors.Join(append(endExecs(ctx, l.notes, l.connect), err)...)
}
