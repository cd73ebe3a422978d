package executor

import (
	"context"
	"os"
	"slices"
	"syscall"

	"tasks/executor/step"
	"tasks/planner"
)

// handleSignal is a signal to `tasks` itself: an event like a failure. Running commands get it, once. Before a wanted command
// has started it cancels everything else; a second one kills, and so does each command's grace period. What `finally` names
// goes on until a third one, and a fourth kills that.
func (r *run) handleSignal(ctx context.Context, sig os.Signal) {
	if !step.IsStopSignal(sig) {
		r.forwardSignal(sig, anyStep)
		return
	}
	r.stopRequests++
	switch r.stopRequests {
	case 1:
		r.firstInterrupt(ctx, sig)
	case 2:
		r.killAll(r.isOutsideFinally)
		r.warnPendingFinally(1)
	case 3:
		r.killAll(r.isOutsideFinally)
		r.endFinally(ctx, sig)
	default:
		r.killAll(anyStep)
	}
}

func (r *run) firstInterrupt(ctx context.Context, sig os.Signal) {
	r.signal = sig.(syscall.Signal)
	r.beginStopping()
	r.notify(Notice{Kind: Interrupted, Text: sig.String()})
	r.forwardSignal(sig, r.isOutsideFinally)
	for _, p := range r.steps {
		if p.state == active && !p.isStarted && r.isOutsideFinally(p) {
			p.cancelWith(errInterrupted)
		}
	}
	r.skipRest(ctx)
	if !r.hasActiveSteps() {
		r.warnPendingFinally(2)
	}
}

func anyStep(*stepProgress) bool { return true }

// isOutsideFinally says that a step is none that `finally` needs.
func (r *run) isOutsideFinally(p *stepProgress) bool {
	return !r.pendingFinally[p.step.ID] && !r.isFinallyOnly(p)
}

// hasActiveSteps says that something runs beside what is owed.
func (r *run) hasActiveSteps() bool {
	for _, p := range r.steps {
		if p.state == active && r.isOutsideFinally(p) {
			return true
		}
	}
	return false
}

func (r *run) forwardSignal(sig os.Signal, isAffected func(*stepProgress) bool) {
	for _, p := range r.steps {
		if p.state == active && p.isStarted && isAffected(p) {
			p.control.Send(sig)
		}
	}
}

func (r *run) killAll(isAffected func(*stepProgress) bool) {
	for _, p := range r.steps {
		if p.state == active && !p.isKilled && isAffected(p) {
			p.isKilled = true
			close(p.control.Kill)
			if !p.isStarted {
				p.cancelWith(errInterrupted)
			}
		}
	}
}

// hasTargetStarted says that a command that was asked for has begun, so that what was made for it has been used.
func (r *progress) hasTargetStarted() bool {
	return slices.ContainsFunc(r.plan.Targets, func(id planner.StepID) bool { return r.hasCommandStarted(r.steps[id]) })
}

// hasCommandStarted says that a task's command has begun; a group has those of the tasks that it names.
func (r *progress) hasCommandStarted(p *stepProgress) bool {
	if !planner.IsTask(p.step) || planner.RunsCommand(p.step) {
		return p.control != nil && p.isStarted
	}
	return slices.ContainsFunc(r.members(p), r.hasCommandStarted)
}

// containerFor is the container that an earlier step of this plan created for a RunOneOff.
func (r *run) containerFor(step *planner.Step) *step.OneOff {
	if action, ok := step.Action.(*planner.RunOneOff); ok {
		return r.ledger.oneOff(action.Create)
	}
	return nil
}
