package main

import (
	"fmt"

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
