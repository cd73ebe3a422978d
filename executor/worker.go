package executor

import (
	"context"
	"fmt"

	"tasks/executor/step"
	"tasks/planner"
)

// worker performs one step, with a copy of the facts. What the worker makes the loop learns at once.
type worker struct {
	step.Env
	cfg     Config
	plan    *planner.Plan
	step    *planner.Step
	facts   planner.Facts
	control *step.Control
	oneOff  *step.OneOff
}

// do performs the step. Once ctx has ended every failure counts as the cancellation.
func (w *worker) do(ctx context.Context) step.Outcome {
	o := w.performLocked(ctx)
	if ctx.Err() != nil && (o.Err != nil || o.Code != 0) {
		o.Err, o.Code = &cancelledError{cause: context.Cause(ctx)}, 0
	}
	return o
}

func (w *worker) performAction(ctx context.Context) step.Outcome {
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
		return w.runUnlessUpToDate(ctx, a.Task, func() step.Outcome {
			return w.runAttempts(ctx, a.Task, func(ctx context.Context, attempt int) step.Outcome { return w.attemptOneOff(ctx, a, attempt) })
		})
	case *planner.RunHost:
		return w.runUnlessUpToDate(ctx, a.Task, func() step.Outcome {
			return w.runAttempts(ctx, a.Task, func(ctx context.Context, _ int) step.Outcome { return w.runHost(ctx, a) })
		})
	case *planner.RunExec:
		return w.runUnlessUpToDate(ctx, a.Task, func() step.Outcome {
			return w.runAttempts(ctx, a.Task, func(ctx context.Context, _ int) step.Outcome { return w.runExec(ctx, a) })
		})
	case *planner.JoinGroup, *planner.NoOp:
		return step.Outcome{}
	case *planner.RemoveContainer:
		return w.removeContainer(ctx, a)
	case *planner.RemoveNetwork:
		return w.removeNetwork(ctx, a)
	case *planner.RemoveVolume:
		return w.removeVolume(ctx, a)
	}
	panic(fmt.Sprintf("executor: no way to do %T", w.step.Action))
}

// lock takes a lock between processes around a change to something that another run may be about to make as well. Of a private
// project no other run knows.
func (w *worker) lock(ctx context.Context, name string) (func(), error) {
	if w.IsPrivate {
		return func() {}, nil
	}
	return w.cfg.Locks.Lock(ctx, w.Project+"/"+name)
}
