package executor

import (
	"slices"
	"sync"

	"tasks/executor/step"
	"tasks/planner"
)

// ledger lists, in order, the resources a run has made and the containers it has
// stopped. The cleanup uses no other source.
// Safe for concurrent use: a given-up step may still report what it has made.
type ledger struct {
	mu      sync.Mutex
	entries []step.Entry
}

// all returns the entries, in order.
func (l *ledger) all() []step.Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.entries)
}

func (l *ledger) add(project string, entries []step.Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range entries {
		e.Project = project
		l.entries = append(l.entries, e)
	}
}

// forget drops the entries of removed resources.
func (l *ledger) forget(ids []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
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
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = slices.DeleteFunc(
		l.entries, func(e step.Entry) bool { return e.Kind == step.StoppedServiceEntry && e.ID == id },
	)
}

func (l *ledger) oneOff(step planner.StepID) *step.OneOff {
	for _, e := range l.all() {
		if e.OneOff != nil && e.OneOff.Step == step {
			return e.OneOff
		}
	}
	return nil
}

// hasID reports whether this run made a container.
func (l *ledger) hasID(id string) bool {
	return slices.ContainsFunc(l.all(), func(e step.Entry) bool { return e.ID == id })
}
