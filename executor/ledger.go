package executor

import (
	"slices"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/planner"
)

// entry is one thing that a run made on the engine.
type entry struct {
	kind kind
	// id is the engine's id, or the name of a volume; name is for people.
	id, name string
	oneOff   *created
	// project is the compose project that it belongs to.
	project string
	// transient says that it goes with the last run that uses it, which this one need not be.
	transient bool
	// lease names the lease of those who use it; empty: there is none.
	lease string
}

type kind int

const (
	networkMade kind = iota
	volumeMade
	serviceMade
	oneOffMade
	proberMade
	// hookMade is the container of a pre_start hook.
	hookMade
	// serviceDown is a container that ran before this run, or stands in for one that did, and is down because of it.
	serviceDown
)

// created is the container of a task.
type created struct {
	id, name string
	step     planner.StepID
	tty      bool
	stdin    bool
	remove   bool
	// postStart are the hooks of its service.
	postStart []types.ServiceHook
	grace     time.Duration
	// started says that its command has begun: then rm = false keeps it.
	started bool
	// gone says that it has been removed again.
	gone bool
}

// ledger is what a run has really made, and what it has taken down, in order. Cleanup is planned from it and from nothing else.
type ledger struct{ entries []entry }

func (l *ledger) add(project string, made []entry) {
	for _, e := range made {
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
	id, name string
	ran      bool
}

// replaced lets what this run made stand in for what was there before: it stays, and runs again if that ran.
func (l *ledger) replaced(project string, by replacement) {
	l.forget([]string{by.id})
	if by.ran {
		l.add(project, []entry{{kind: serviceDown, id: by.id, name: by.name}})
	}
}

// started strikes out that a container is down.
func (l *ledger) started(id string) {
	l.entries = slices.DeleteFunc(l.entries, func(e entry) bool { return e.kind == serviceDown && e.id == id })
}

func (l *ledger) oneOff(step planner.StepID) *created {
	for _, e := range l.entries {
		if e.oneOff != nil && e.oneOff.step == step {
			return e.oneOff
		}
	}
	return nil
}

// owns says whether a container was made by this run.
func (l *ledger) owns(id string) bool {
	return slices.ContainsFunc(l.entries, func(e entry) bool { return e.id == id })
}
