// Package step holds the values a step of a run works with: its environment, its events and its outcome.
package step

import "tasks/planner"

// Event is a message from a step to the loop of its run. The types of this file are all events.
type Event interface{ isEvent() }

// CommandStarted reports that the command of the step has begun, or is about to.
type CommandStarted struct{}

// SlotRequested reports that the step wants a slot: the step has its lock now, or tries again.
type SlotRequested struct{}

// SlotReleased reports that the step needs no slot during a pause.
type SlotReleased struct{}

// Made reports new entries of the ledger.
type Made struct{ Entries []Entry }

// Progressed is a line about the progress of the step, or of the part of the step with the verb.
type Progressed struct {
	Verb planner.Verb
	Text string
}

// ProbeAnswered is a new answer of a probe without success.
type ProbeAnswered struct{ Text string }

// Warned is a warning for the user.
type Warned struct{ Text string }

// Finished is the end of the step, and the last event.
type Finished struct{ Outcome }

func (CommandStarted) isEvent() {}
func (SlotRequested) isEvent()  {}
func (SlotReleased) isEvent()   {}
func (Made) isEvent()           {}
func (Progressed) isEvent()     {}
func (ProbeAnswered) isEvent()  {}
func (Warned) isEvent()         {}
func (Finished) isEvent()       {}

// Outcome is the result of a step.
type Outcome struct {
	// Removed are the ids of removed containers: the ledger forgets these.
	Removed  []string
	Replaced *Replacement
	// StartedID is a container in operation, or without hope to start.
	StartedID string
	// IsTransient reports whether the last run with a lease removes the resource.
	IsTransient bool
	ApplyFacts  func(*planner.Facts)
	// Verb is the performed action; empty: the planned action.
	Verb planner.Verb
	// SkipReason says why a task has nothing to do; empty: a skipped task is up to date.
	SkipReason string
	// Code is the exit code of a command, Err the failure of the step.
	Code int
	// ExitReason explains the exit code; empty: the code alone is known.
	ExitReason string
	Err        error
	// IsLost reports whether another program has removed the container of the command, or the engine has lost it.
	IsLost bool
	// FailedAttempts are the failures of all attempts before the last.
	FailedAttempts []string
	// IsKeyInterrupt reports whether Ctrl-C at the terminal has ended the command, without a signal to `tasks`.
	IsKeyInterrupt bool
}

// IsSuccess reports whether the step has succeeded.
func (o Outcome) IsSuccess() bool { return o.Err == nil && o.Code == 0 }
