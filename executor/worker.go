package executor

import (
	"context"
	"fmt"
	"time"

	"tasks/planner"
)

// worker does one step. It has its own copy of the facts and tells the loop what it makes as soon as it is made.
type worker struct {
	cfg      Config
	plan     *planner.Plan
	step     *planner.Step
	facts    planner.Facts
	control  *control
	oneOff   *oneOffContainer
	outcomes chan<- outcome
}

// do performs the step. Once ctx has ended every failure counts as the cancellation.
func (w *worker) do(ctx context.Context) outcome {
	o := w.performLocked(ctx)
	if ctx.Err() != nil && (o.err != nil || o.code != 0) {
		o.err, o.code = &cancelledError{cause: context.Cause(ctx)}, 0
	}
	return o
}

func (w *worker) performAction(ctx context.Context) outcome {
	switch a := w.step.Action.(type) {
	case *planner.Network:
		return w.ensureNetwork(ctx, a)
	case *planner.Volume:
		return w.ensureVolume(ctx, a)
	case *planner.Image:
		return w.ensureImage(ctx, a)
	case *planner.Container:
		return w.ensureContainer(ctx, a)
	case *planner.StartService:
		return w.startService(ctx, a)
	case *planner.WaitService:
		return w.waitService(ctx, a)
	case *planner.InspectService:
		return w.inspectService(ctx, a)
	case *planner.InspectPorts:
		return w.inspectPorts(ctx, a)
	case *planner.StopService:
		return w.stopService(ctx, a)
	case *planner.CreateOneOff:
		return w.createOneOff(ctx, a)
	case *planner.RunOneOff:
		return w.runUnlessUpToDate(ctx, a.Task, func() outcome {
			return w.runAttempts(ctx, a.Task, func(ctx context.Context, attempt int) outcome { return w.attemptOneOff(ctx, a, attempt) })
		})
	case *planner.RunHost:
		return w.runUnlessUpToDate(ctx, a.Task, func() outcome {
			return w.runAttempts(ctx, a.Task, func(ctx context.Context, _ int) outcome { return w.runHost(ctx, a) })
		})
	case *planner.RunExec:
		return w.runUnlessUpToDate(ctx, a.Task, func() outcome {
			return w.runAttempts(ctx, a.Task, func(ctx context.Context, _ int) outcome { return w.runExec(ctx, a) })
		})
	case *planner.JoinGroup, *planner.NoOp:
		return outcome{}
	case *planner.RemoveContainer:
		return w.removeContainer(ctx, a)
	case *planner.RemoveNetwork:
		return w.removeNetwork(ctx, a)
	case *planner.RemoveVolume:
		return w.removeVolume(ctx, a)
	}
	panic(fmt.Sprintf("executor: no way to do %T", w.step.Action))
}

// project is the compose project that the step belongs to.
func (w *worker) project() string { return w.plan.ProjectOf(w.step) }

// createTimeout bounds calls that are not cancelled, killGracePeriod what is left of them once the user wants the run killed.
const (
	createTimeout   = 2 * time.Minute
	killGracePeriod = 10 * time.Second
)

// uncancelled is the context of a call that makes something: cut off half-way it may have happened, and nobody would know
// the id of what to remove. An engine that does not answer holds up nobody who asks twice.
func (w *worker) uncancelled(ctx context.Context) (context.Context, context.CancelFunc) {
	call, cancel := context.WithTimeout(context.WithoutCancel(ctx), createTimeout)
	go func() {
		defer cancel()
		select {
		case <-call.Done():
			return
		case <-w.control.kill:
		}
		select {
		case <-call.Done():
		case <-time.After(killGracePeriod):
		}
	}()
	return call, cancel
}

// recordEntries enters things into the ledger before the step goes on.
func (w *worker) recordEntries(entries ...entry) {
	w.outcomes <- outcome{id: w.step.ID, entries: entries}
}

func (w *worker) warn(format string, args ...any) {
	w.outcomes <- outcome{id: w.step.ID, notice: &Notice{Kind: Warned, Text: fmt.Sprintf(format, args...)}}
}

// lock takes a lock between processes around a change to something that another run may be about to make as well. Of a private
// project no other run knows.
func (w *worker) lock(ctx context.Context, name string) (func(), error) {
	if w.isPrivate() {
		return func() {}, nil
	}
	return w.cfg.Locks.Lock(ctx, w.project()+"/"+name)
}
