package executor

import (
	"slices"

	"tasks/executor/step"
	"tasks/planner"
)

// ledger lists, in order, the resources a run has made and the containers it has
// stopped. The cleanup uses no other source.
type ledger struct{ entries []step.Entry }

func (l *ledger) add(project string, entries []step.Entry) {
	for _, e := range entries {
		e.Project = project
		l.entries = append(l.entries, e)
	}
}

// forget drops the entries of removed resources.
func (l *ledger) forget(ids []string) {
	l.entries = slices.DeleteFunc(l.entries, func(e step.Entry) bool { return slices.Contains(ids, e.ID) })
}

// recordReplaced keeps a container in place of its predecessor from before the run.
// If the predecessor ran, the container runs after the cleanup.
func (l *ledger) recordReplaced(project string, by step.Replacement) {
	l.forget([]string{by.ID})
	if by.WasRunning {
		l.add(project, []step.Entry{{Kind: step.StoppedServiceEntry, ID: by.ID, Name: by.Name}})
	}
}

// recordStarted drops the entry of a stopped container after its start.
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

// hasID reports whether this run made a container.
func (l *ledger) hasID(id string) bool {
	return slices.ContainsFunc(l.entries, func(e step.Entry) bool { return e.ID == id })
}
