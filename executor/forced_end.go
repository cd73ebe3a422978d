package executor

import (
	"context"
	"errors"
	"os"
	"time"

	"tasks/executor/removal"
	"tasks/executor/step"
	"tasks/internal/interrupt"
)

// stepLimit bounds the steps after the second signal. The cleanup has the rest of [interrupt.CleanupLimit].
const stepLimit = interrupt.CleanupLimit - 700*time.Millisecond

// errNoAnswer is the cause for the end of a cleanup after the second signal.
var errNoAnswer = errors.New("the engine has not answered in time")

// forcedEnd is the bound on a run after the second signal.
type forcedEnd struct {
	// ctx ends with the time for the cleanup.
	ctx    context.Context
	cancel context.CancelCauseFunc
	// timer ends ctx; nil: no bound so far.
	timer *time.Timer
}

func newForcedEnd() forcedEnd {
	ctx, cancel := context.WithCancelCause(context.Background())
	return forcedEnd{ctx: ctx, cancel: cancel}
}

// begin begins the bounded time. Only the first call has an effect.
func (f *forcedEnd) begin() {
	if f.timer == nil {
		f.timer = time.AfterFunc(interrupt.CleanupLimit, func() { f.cancel(errNoAnswer) })
	}
}

// stop releases the timer.
func (f *forcedEnd) stop() {
	if f.timer != nil {
		f.timer.Stop()
	}
	f.cancel(nil)
}

// bound returns a context that also ends with the bounded time.
func (f *forcedEnd) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(f.ctx, func() { cancel(context.Cause(f.ctx)) })
	return ctx, func() { stop(); cancel(nil) }
}

// giveUp ends the wait for killed steps without an end, such as a call that the engine does not answer. The steps go on
// in the background, and the ledger still hears what they make.
func (r *run) giveUp(ctx context.Context) {
	for _, s := range r.plan.Steps {
		p := r.steps[s.ID]
		if p.state != active || !p.isKilled {
			continue
		}
		r.notify(Notice{Kind: Warned, Step: s, Text: givenUpText})
		p.isGivenUp, p.isCancelled = true, true
		r.givenUp++
		p.cancel(errInterrupted)
		r.finishStep(ctx, p, step.Outcome{Err: &cancelledError{cause: errInterrupted}})
	}
}

const givenUpText = "given up: it did not end after the second signal; " +
	"the next command of the project removes what is left"

// handleLateEvent handles an event of a given-up step.
func (r *run) handleLateEvent(p *stepProgress, event step.Event) {
	switch e := event.(type) {
	case step.Made:
		r.ledger.add(r.plan.ProjectOf(p.step), e.Entries)
	case step.Finished:
		r.givenUp--
	}
}

// drainLate receives the events of the given-up steps after the loop, until these steps end.
func (r *run) drainLate() {
	if r.givenUp == 0 {
		return
	}
	go func() {
		for r.givenUp > 0 {
			m := <-r.messages
			r.handleLateEvent(r.steps[m.id], m.event)
		}
	}()
}

// listenAfterLoop handles signals after the last step, until the caller calls stop: the first names what is waited for,
// the second bounds the cleanup.
func (r *run) listenAfterLoop(signals <-chan os.Signal) (stop func()) {
	if r.stopRequests >= 2 {
		r.forced.begin() // `finally` tasks have ended after the second signal
	}
	stopping, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case sig := <-signals:
				if step.IsStopSignal(sig) {
					r.handleLateSignal(sig)
				}
			case <-stopping:
				return
			}
		}
	}()
	return func() { close(stopping); <-ended }
}

func (r *run) handleLateSignal(sig os.Signal) {
	r.stopRequests++
	if r.stopRequests >= 2 {
		r.forced.begin()
	}
	r.notify(Notice{
		Kind: Interrupted, Text: sig.String(), Requests: r.stopRequests, Waiting: r.unremovedNames(), IsCleanup: true,
	})
}

// waitingNames names the active steps, in the order of the plan.
func (r *progress) waitingNames(isAffected func(*stepProgress) bool) (names []string) {
	for _, s := range r.plan.Steps {
		if p := r.steps[s.ID]; p.state == active && isAffected(p) {
			kind, name := s.Subject()
			names = append(names, kind+" "+name)
		}
	}
	return names
}

// unremovedNames names what the cleanup has still to remove.
func (r *run) unremovedNames() (names []string) {
	for _, e := range r.unremoved() {
		names = append(names, resourceName(e))
	}
	return names
}

// unremoved are the entries of the ledger that must not outlive the run, the last one first.
func (r *run) unremoved() (entries []step.Entry) {
	for _, e := range r.ledger.all() {
		isKept := isRunOnly(e) && e.OneOff != nil && !e.OneOff.RemoveAfterRun
		if !isKept && e.Kind != step.StoppedServiceEntry && (isRunOnly(e) || isPrivateProject(r.plan, e.Project)) {
			entries = append([]step.Entry{e}, entries...)
		}
	}
	return entries
}

// RemovalCommands returns the commands to remove what the current run has not removed and must not leave behind. Safe
// for concurrent use.
func (s *Session) RemovalCommands() (commands []string) {
	r := s.current.Load()
	if r == nil {
		return nil
	}
	for _, e := range r.unremoved() {
		commands = append(commands, removal.Command(e))
	}
	return commands
}

// HasPendingFinally reports whether the current run still has `finally` tasks to perform: they outlive the second
// signal. Safe for concurrent use.
func (s *Session) HasPendingFinally() bool {
	r := s.current.Load()
	return r != nil && r.hasPendingFinally.Load()
}

// updatePendingFinally keeps the answer of [Session.HasPendingFinally].
func (r *run) updatePendingFinally() { r.hasPendingFinally.Store(r.isFinallyPending()) }

func (r *run) isFinallyPending() bool {
	if len(r.finally) == 0 || r.stopRequests >= signalsToKillFinally {
		return false
	}
	if !r.isStopping {
		return true
	}
	for id := range r.finally {
		p := r.steps[id]
		if p.state == active && !r.isOutsideFinally(p) || p.state == waiting && r.pendingFinally[id] {
			return true
		}
	}
	return false
}
