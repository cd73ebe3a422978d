package executor

import (
	"os"
	"syscall"

	"tasks/planner"
)

// control is how the loop reaches a running command: signals in order, and the last resort.
type control struct {
	signals chan os.Signal
	kill    chan struct{}
	killed  bool
	// started says that the command has begun. Only the loop touches it.
	started bool
}

// signalBacklog is far more than anybody presses keys while an engine starts a container.
const signalBacklog = 16

func newControl() *control {
	return &control{signals: make(chan os.Signal, signalBacklog), kill: make(chan struct{})}
}

// ends says whether a signal asks to end; others are only passed on.
func ends(sig os.Signal) bool {
	switch sig {
	case syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT:
		return true
	}
	return false
}

// interrupt is a signal to `tasks` itself: an event like a failure. Running commands get it, once. Before a wanted command
// has started it cancels everything else; a second one kills, and so does each command's grace period.
func (r *run) interrupt(sig os.Signal) {
	if !ends(sig) {
		r.forward(sig)
		return
	}
	r.interrupts++
	if r.interrupts > 1 || r.cancelled {
		r.killAll()
		return
	}
	r.signal = sig.(syscall.Signal)
	r.stopping = true
	r.tell(Notice{Happening: Interrupted, Text: sig.String()})
	r.forward(sig)
	for _, p := range r.steps {
		if p.state == active && !p.control.started {
			p.cancel(errInterrupted)
		}
	}
}

func (r *run) forward(sig os.Signal) {
	for _, p := range r.steps {
		if p.state == active && p.control.started {
			select {
			case p.control.signals <- sig:
			default: // the backlog is full: the command does not listen
			}
		}
	}
}

func (r *run) killAll() {
	for _, p := range r.steps {
		if p.state == active && !p.control.killed {
			p.control.killed = true
			close(p.control.kill)
			if !p.control.started {
				p.cancel(errInterrupted)
			}
		}
	}
}

// wantedStarted says that a command that was asked for has begun, so that what was made for it has been used.
func (r *run) wantedStarted() bool {
	for _, id := range r.plan.Wanted {
		p := r.steps[id]
		if p.control != nil && p.control.started {
			return true
		}
	}
	return false
}

// result is decided by the first wanted task that failed, in the order asked; where none did by itself, by the first that
// did not succeed.
func (r *run) result() Result {
	var stopped *progress
	for _, id := range r.plan.Wanted {
		p := r.steps[id]
		switch {
		case p.state == done:
		case p.code != 0 || p.err != nil && !isFallout(p.err):
			return r.failure(p)
		case stopped == nil:
			stopped = p
		}
	}
	if stopped != nil {
		return r.failure(stopped)
	}
	return Result{}
}

func (r *run) failure(p *progress) Result {
	if p.state != failed && r.firstFailed != nil {
		p = r.firstFailed
	}
	switch {
	case p.state == failed && p.code != 0:
		return Result{Code: p.code, Err: p.err}
	case r.signal != 0 && (p.state != failed || isFallout(p.err)):
		return Result{Code: 128 + int(r.signal), Err: errInterrupted}
	default:
		return Result{Code: codeOf(p.err), Err: p.err}
	}
}

// createdFor is the container that an earlier step of this plan created for a RunOneOff.
func (r *run) createdFor(step *planner.Step) *created {
	if action, ok := step.Action.(*planner.RunOneOff); ok {
		return r.ledger.oneOff(action.Create)
	}
	return nil
}
