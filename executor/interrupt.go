package executor

import (
	"context"
	"os"
	"slices"
	"syscall"

	"tasks/planner"
)

// control is how the loop reaches a running command: signals in order, and the last resort.
type control struct {
	signals chan os.Signal
	kill    chan struct{}
	killed  bool
	// ending is closed by the first signal that asks to end; slot yields when a step that wants one on the way may go on.
	ending chan struct{}
	slot   chan struct{}
	// started says that the command has begun. Only the loop touches it.
	started bool
}

// signalBacklog is far more than anybody presses keys while an engine starts a container.
const signalBacklog = 16

func newControl() *control {
	return &control{
		signals: make(chan os.Signal, signalBacklog), kill: make(chan struct{}), ending: make(chan struct{}), slot: make(chan struct{}, 1),
	}
}

// send passes a signal on to a command.
func (c *control) send(sig os.Signal) {
	if ends(sig) && !c.asked() {
		close(c.ending)
	}
	select {
	case c.signals <- sig:
	default: // the backlog is full: the command does not listen
	}
}

// asked says that the command was asked to end.
func (c *control) asked() bool {
	select {
	case <-c.ending:
		return true
	default:
		return false
	}
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
// has started it cancels everything else; a second one kills, and so does each command's grace period. What `finally` names
// goes on until a third one, and a fourth kills that.
func (r *run) interrupt(ctx context.Context, sig os.Signal) {
	if !ends(sig) {
		r.forward(sig, anything)
		return
	}
	r.endings++
	switch r.endings {
	case 1:
		r.firstInterrupt(ctx, sig)
	case 2:
		r.killAll(r.notOwed)
		r.tellOwed(1)
	case 3:
		r.killAll(r.notOwed)
		r.endFinally(ctx, sig)
	default:
		r.killAll(anything)
	}
}

func (r *run) firstInterrupt(ctx context.Context, sig os.Signal) {
	r.signal = sig.(syscall.Signal)
	r.stop()
	r.tell(Notice{Happening: Interrupted, Text: sig.String()})
	r.forward(sig, r.notOwed)
	for _, p := range r.steps {
		if p.state == active && !p.control.started && r.notOwed(p) {
			p.end(errInterrupted)
		}
	}
	r.skipRest(ctx)
	if !r.underWay() {
		r.tellOwed(2)
	}
}

func anything(*progress) bool { return true }

// notOwed says that a step is none that `finally` needs.
func (r *run) notOwed(p *progress) bool { return !r.owed[p.step.ID] && !r.aside(p) }

// underWay says that something runs beside what is owed.
func (r *run) underWay() bool {
	for _, p := range r.steps {
		if p.state == active && r.notOwed(p) {
			return true
		}
	}
	return false
}

func (r *run) forward(sig os.Signal, which func(*progress) bool) {
	for _, p := range r.steps {
		if p.state == active && p.control.started && which(p) {
			p.control.send(sig)
		}
	}
}

func (r *run) killAll(which func(*progress) bool) {
	for _, p := range r.steps {
		if p.state == active && !p.control.killed && which(p) {
			p.control.killed = true
			close(p.control.kill)
			if !p.control.started {
				p.end(errInterrupted)
			}
		}
	}
}

// wantedStarted says that a command that was asked for has begun, so that what was made for it has been used.
func (r *run) wantedStarted() bool {
	return slices.ContainsFunc(r.plan.Wanted, func(id planner.StepID) bool { return r.commandStarted(r.steps[id]) })
}

// commandStarted says that a task's command has begun; a group has those of the tasks that it names.
func (r *run) commandStarted(p *progress) bool {
	if _, group := p.step.Action.(*planner.JoinGroup); !group {
		return p.control != nil && p.control.started
	}
	return slices.ContainsFunc(r.members(p), r.commandStarted)
}

// createdFor is the container that an earlier step of this plan created for a RunOneOff.
func (r *run) createdFor(step *planner.Step) *created {
	if action, ok := step.Action.(*planner.RunOneOff); ok {
		return r.ledger.oneOff(action.Create)
	}
	return nil
}
