package main

import (
	"context"
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

// endExecs ends the commands that dead runs have left in containers of services. What cannot be ended is told, and tried
// again by the next call.
func (a *app) endExecs(ctx context.Context, notes *orphans.Notes) {
	left, err := notes.Executed()
	if err != nil {
		a.warn("whether commands in containers of runs that were killed still run is not known: " + err.Error())
	}
	for _, x := range left {
		engine, err := a.connect()
		if err == nil {
			err = executor.EndExec(ctx, engine, newSlug, executor.ExecNote(x))
		}
		if err != nil {
			a.warn(fmt.Sprintf("a command of a run that was killed may go on in the container of service %s: %s", x.Service, err))
			continue
		}
		notes.Forget(x)
	}
}
