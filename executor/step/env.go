package step

import (
	"context"
	"fmt"
	"time"

	"tasks/executor/engine"
	"tasks/planner"
)

// Env is the part of a run that a step may use.
type Env struct {
	Engine engine.Engine
	// Project is the compose project of the step. IsPrivate reports whether no other run knows the project.
	Project   string
	IsPrivate bool
	// Verb is the planned action of the step: the subject of its progress.
	Verb planner.Verb
	// Self is the owner label of this process; empty: none.
	Self string
	// NewSlug makes the random part of a container's name, 64 hex digits.
	NewSlug func() string
	// Kill is closed when the user wants the step killed.
	Kill <-chan struct{}
	// Emit hands an event to the loop of the run. The call returns when the loop has the event.
	Emit func(Event)
}

// createTimeout bounds calls without cancellation, killGracePeriod the rest of such a call after a request to kill.
const (
	createTimeout   = 2 * time.Minute
	killGracePeriod = 3 * time.Second
)

// Uncancelled returns the context of a call that makes something. A cancelled call may have made the resource, and then
// the id for the removal is unknown. An engine without an answer delays no user after the second signal.
func (e Env) Uncancelled(ctx context.Context) (context.Context, context.CancelFunc) {
	call, cancel := context.WithTimeout(context.WithoutCancel(ctx), createTimeout)
	go func() {
		defer cancel()
		select {
		case <-call.Done():
			return
		case <-e.Kill:
		}
		select {
		case <-call.Done():
		case <-time.After(killGracePeriod):
		}
	}()
	return call, cancel
}

// Record adds entries to the ledger before the step continues.
func (e Env) Record(entries ...Entry) { e.Emit(Made{Entries: entries}) }

// Warn emits a warning for the user.
func (e Env) Warn(format string, args ...any) { e.Emit(Warned{Text: fmt.Sprintf(format, args...)}) }

// Progress emits a line about the step as a whole.
func (e Env) Progress(line string) { e.ProgressFunc(e.Verb)(line) }

// ProgressFunc returns the emitter of lines about a part of the step: a pull, or the build after a failed pull.
func (e Env) ProgressFunc(part planner.Verb) func(string) {
	return func(line string) { e.Emit(Progressed{Verb: part, Text: line}) }
}
