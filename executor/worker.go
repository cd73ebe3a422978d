package executor

import (
	"context"
	"fmt"

	"tasks/executor/command"
	"tasks/executor/step"
	"tasks/planner"
)

// worker performs a step, with a copy of the facts. The loop gets each event of the worker at once.
type worker struct {
	step.Env
	cfg     Config
	plan    *planner.Plan
	step    *planner.Step
	facts   planner.Facts
	control *step.Control
	oneOff  *step.OneOff
}

// do performs the step. After the end of ctx every failure counts as the cancellation.
func (w *worker) do(ctx context.Context) step.Outcome {
	o := w.performLocked(ctx)
	if ctx.Err() != nil && (o.Err != nil || o.Code != 0) {
		o.Err, o.Code = &cancelledError{cause: context.Cause(ctx)}, 0
	}
	return o
}

// performAction performs the action of the step.
func (w *worker) performAction(ctx context.Context) step.Outcome {
	switch a := w.step.Action.(type) {
	case *planner.CreateOneOff:
		return w.runner().CreateOneOff(ctx, a)
	case *planner.RunOneOff:
		runner := w.runner()
		runner.HasNewImage = w.findNewImage(ctx, a)
		return w.runUnlessUpToDate(ctx, a.Task, func() step.Outcome {
			return w.watchServices(ctx, func() step.Outcome { return runner.RunOneOff(ctx, a) })
		})
	case *planner.RunHost:
		return w.runUnlessUpToDate(ctx, a.Task, func() step.Outcome {
			return w.watchServices(ctx, func() step.Outcome { return w.runner().RunHost(ctx, a) })
		})
	case *planner.RunExec:
		return w.runUnlessUpToDate(ctx, a.Task, func() step.Outcome {
			return w.watchServices(ctx, func() step.Outcome { return w.runner().RunExec(ctx, a) })
		})
	case *planner.JoinGroup, *planner.NoOp:
		return step.Outcome{}
	case *planner.RemoveContainer, *planner.RemoveNetwork, *planner.RemoveVolume:
		return w.performRemoval(ctx)
	}
	return w.performOnResource(ctx)
}

// performOnResource performs an action on a resource of the engine.
func (w *worker) performOnResource(ctx context.Context) step.Outcome {
	s := w.resourceStep()
	switch a := w.step.Action.(type) {
	case *planner.Network:
		return networkStep{resourceStep: s, plan: w.plan, scope: w.step.Scope}.ensureNetwork(ctx, a)
	case *planner.Volume:
		return s.ensureVolume(ctx, a)
	case *planner.Image:
		return imageStep{s}.ensureImage(ctx, a)
	case *planner.Container:
		return containerStep{s, w.cfg.ContainerJournal}.ensureContainer(ctx, a)
	case *planner.StopService:
		return containerStep{s, w.cfg.ContainerJournal}.stopService(ctx, a)
	case *planner.StartService:
		return startStep{s, w.cfg.Leases, w.cfg.ContainerJournal}.startService(ctx, a)
	case *planner.WaitService:
		return s.waitService(ctx, a, w.cfg.WaitTimeout)
	case *planner.InspectService:
		return s.inspectService(ctx, a)
	case *planner.InspectPorts:
		return s.inspectPorts(ctx, a)
	}
	panic(fmt.Sprintf("executor: no way to do %T", w.step.Action))
}

// performRemoval removes a resource without an owner.
func (w *worker) performRemoval(ctx context.Context) step.Outcome {
	s := removeStep{w.resourceStep(), w.cfg.Leases}
	switch a := w.step.Action.(type) {
	case *planner.RemoveNetwork:
		return s.removeNetwork(ctx, a)
	case *planner.RemoveVolume:
		return s.removeVolume(ctx, a)
	case *planner.RemoveContainer:
		if a.Replaced == nil {
			return s.removeContainer(ctx, a)
		}
		return containerStep{s.resourceStep, w.cfg.ContainerJournal}.removeReplacement(ctx, a)
	}
	panic(fmt.Sprintf("executor: no way to remove by %T", w.step.Action))
}

func (w *worker) resourceStep() resourceStep {
	return resourceStep{Env: w.Env, facts: w.facts, locks: w.cfg.Locks, original: w.plan.Scopes[w.step.Scope].Original}
}

// runner returns the runner of the task's command.
func (w *worker) runner() *command.Runner {
	r := &command.Runner{
		Env: w.Env, StepID: w.step.ID, Plan: w.plan, Facts: w.facts, Control: w.control, OneOff: w.oneOff,
		Observer: w.cfg.Observer, Host: w.cfg.Host, Environ: w.cfg.Environ,
		DetachKeys: w.cfg.DetachKeys, GracePeriod: w.cfg.GracePeriod, ExecJournal: w.cfg.ExecJournal,
		VolumeJournal: w.cfg.VolumeJournal, Standbys: w.cfg.Standbys,
	}
	if w.cfg.ContainerJournal != nil {
		r.DetachJournal = w.cfg.ContainerJournal
	}
	return r
}
