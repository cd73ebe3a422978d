package executor

import (
	"slices"

	"tasks/executor/step"
	"tasks/planner"
)

// ledger is what a run has really made, and what it has taken down, in order. Cleanup is planned from it and from nothing else.
type ledger struct{ entries []step.Entry }

func (l *ledger) add(project string, entries []step.Entry) {
	for _, e := range entries {
		e.Project = project
		l.entries = append(l.entries, e)
	}
}

// forget strikes out what has been removed again.
func (l *ledger) forget(ids []string) {
	l.entries = slices.DeleteFunc(l.entries, func(e step.Entry) bool { return slices.Contains(ids, e.ID) })
}

// recordReplaced lets what this run made stand in for what was there before: it stays, and runs again if that ran.
func (l *ledger) recordReplaced(project string, by step.Replacement) {
	l.forget([]string{by.ID})
	if by.WasRunning {
		l.add(project, []step.Entry{{Kind: step.StoppedServiceEntry, ID: by.ID, Name: by.Name}})
	}
}

// started strikes out that a container is down.
func (l *ledger) recordStarted(id string) {
	l.entries = slices.DeleteFunc(l.entries, func(e step.Entry) bool { return e.Kind == step.StoppedServiceEntry && e.ID == id })
}

func (l *ledger) oneOff(step planner.StepID) *step.OneOff {
	for _, e := range l.entries {
		if e.OneOff != nil && e.OneOff.Step == step {
			return e.OneOff
		}
	}
	return nil
}

// hasID says whether a container was made by this run.
func (l *ledger) hasID(id string) bool {
	return slices.ContainsFunc(l.entries, func(e step.Entry) bool { return e.ID == id })
}
