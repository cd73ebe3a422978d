package executor

import (
	"context"
	"errors"
	"os"
	"slices"
	"syscall"
	"time"

	"tasks/executor/step"
	"tasks/internal/interrupt"
	"tasks/planner"
)

// signalsToKillFinally is the number of signals that end the run in spite of `finally` tasks.
const signalsToKillFinally = 4

// handleSignal handles a signal to `tasks` as an event, like a failure. Running commands get the signal once.
// Before the start of a target, the first signal cancels all other steps. The second signal kills, as the end
// of each grace period does, and bounds the rest of the run. `finally` tasks continue until the third signal; the
// fourth kills these, too.
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
		r.notifyKill(sig)
		r.warnPendingFinally(1)
	case 3:
		r.killAll(r.isOutsideFinally)
		r.endFinally(ctx, sig)
	default:
		r.killAll(anyStep)
	}
	if r.stopRequests >= 2 && !r.isFinallyPending() {
		r.forced.begin()
	}
}

// notifyStop reports the signal that has ended the context of the run.
func (r *run) notifyStop(cause error) {
	if signal, isSignal := errors.AsType[*interrupt.Error](cause); isSignal {
		waiting := r.waitingNames(r.isOutsideFinally)
		r.notify(Notice{Kind: Interrupted, Text: signal.Error(), Requests: r.stopRequests, Waiting: waiting})
	}
}

// notifyKill reports the second signal.
func (r *run) notifyKill(sig os.Signal) {
	if !r.isFinallyPending() {
		waiting := r.waitingNames(anyStep)
		r.notify(Notice{Kind: Interrupted, Text: sig.String(), Requests: r.stopRequests, Waiting: waiting})
	}
}

func (r *run) firstInterrupt(ctx context.Context, sig os.Signal) {
	r.signal = sig.(syscall.Signal)
	r.beginStopping()
	waiting := r.waitingNames(r.isOutsideFinally)
	r.notify(Notice{Kind: Interrupted, Text: sig.String(), Requests: r.stopRequests, Waiting: waiting})
	r.forwardSignal(sig, r.isOutsideFinally)
	for _, s := range r.plan.Steps {
		p := r.steps[s.ID]
		if p.state != active || !r.isOutsideFinally(p) {
			continue
		}
		if !p.isStarted {
			p.cancelWith(errInterrupted)
		}
		r.notify(Notice{Kind: Stopping, Step: s})
	}
	r.skipRest(ctx)
	if !r.hasActiveSteps() {
		r.warnPendingFinally(2)
	}
}

func anyStep(*stepProgress) bool { return true }

// isOutsideFinally reports whether no `finally` task needs a step.
func (r *run) isOutsideFinally(p *stepProgress) bool {
	return !r.pendingFinally[p.step.ID] && !r.isFinallyOnly(p)
}

// hasActiveSteps reports whether any step outside `finally` is active.
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

// killAll kills the affected steps. After a short time the run waits for these steps no more.
func (r *run) killAll(isAffected func(*stepProgress) bool) {
	r.stepsOver = time.After(stepLimit)
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

// hasTargetStarted reports whether the command of a target has begun: then the resources of the run were used.
func (r *progress) hasTargetStarted() bool {
	return slices.ContainsFunc(r.plan.Targets, func(id planner.StepID) bool { return r.hasCommandStarted(r.steps[id]) })
}

// hasCommandStarted reports whether the command of a task has begun. The commands
// of a group are the commands of its members.
func (r *progress) hasCommandStarted(p *stepProgress) bool {
	if !planner.IsTask(p.step) || planner.RunsCommand(p.step) {
		return p.control != nil && p.isStarted
	}
	return slices.ContainsFunc(r.members(p), r.hasCommandStarted)
}

// containerFor returns the container of an earlier step of this plan for a RunOneOff.
func (r *run) containerFor(step *planner.Step) *step.OneOff {
	if action, ok := step.Action.(*planner.RunOneOff); ok {
		return r.ledger.oneOff(action.Create)
	}
	return nil
}
