package executor

import (
	"slices"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/planner"
)

// entry is one thing that a run made on the engine.
type entry struct {
	kind entryKind
	// id is the engine's id, or the name of a volume; name is for people.
	id, name string
	oneOff   *oneOffContainer
	// project is the compose project that it belongs to.
	project string
	// transient says that it goes with the last run that uses it, which this one need not be.
	isTransient bool
	// lease names the lease of those who use it; empty: there is none.
	lease string
}

type entryKind int

const (
	networkEntry entryKind = iota
	volumeEntry
	serviceEntry
	oneOffEntry
	helperEntry
	// hookEntry is the container of a pre_start hook.
	hookEntry
	// stoppedServiceEntry is a container that ran before this run, or stands in for one that did, and is down because of it.
	stoppedServiceEntry
)

// created is the container of a task.
type oneOffContainer struct {
	id, name       string
	step           planner.StepID
	tty            bool
	stdin          bool
	removeAfterRun bool
	// runPostStartHooks are the hooks of its service.
	postStart   []types.ServiceHook
	gracePeriod time.Duration
	// started says that its command has begun: then rm = false keeps it.
	isStarted bool
	// isRemoved says that it has been removed again.
	isRemoved bool
}

// ledger is what a run has really made, and what it has taken down, in order. Cleanup is planned from it and from nothing else.
type ledger struct{ entries []entry }

func (l *ledger) add(project string, entries []entry) {
	for _, e := range entries {
		e.project = project
		l.entries = append(l.entries, e)
	}
}

// forget strikes out what has been removed again.
func (l *ledger) forget(ids []string) {
	l.entries = slices.DeleteFunc(l.entries, func(e entry) bool { return slices.Contains(ids, e.id) })
}

// replacement is a container that has taken another's place and name; ran says that the other one was running.
type replacement struct {
	id, name   string
	wasRunning bool
}

// recordReplaced lets what this run made stand in for what was there before: it stays, and runs again if that ran.
func (l *ledger) recordReplaced(project string, by replacement) {
	l.forget([]string{by.id})
	if by.wasRunning {
		l.add(project, []entry{{kind: stoppedServiceEntry, id: by.id, name: by.name}})
	}
}

// started strikes out that a container is down.
func (l *ledger) recordStarted(id string) {
	l.entries = slices.DeleteFunc(l.entries, func(e entry) bool { return e.kind == stoppedServiceEntry && e.id == id })
}

func (l *ledger) oneOff(step planner.StepID) *oneOffContainer {
	for _, e := range l.entries {
		if e.oneOff != nil && e.oneOff.step == step {
			return e.oneOff
		}
	}
	return nil
}

// hasID says whether a container was made by this run.
func (l *ledger) hasID(id string) bool {
	return slices.ContainsFunc(l.entries, func(e entry) bool { return e.id == id })
}
