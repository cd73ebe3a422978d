package executor

import (
	"context"
	"sync"

	"tasks/executor/step"
	"tasks/planner"
)

// endedServices warns about services that a command depends on, and that have failed although the command only waits
// for their start (`service_started`). Each service is named once.
type endedServices struct {
	worker *worker
	// replicas are the services without a condition beyond the start. started are those that did not run before: a look
	// at the others before the command would tell nothing new.
	replicas, started []string
	mu                sync.Mutex
	named             map[string]bool
}

// watchServices runs a command, and looks at the services at its start, and again after a failure.
func (w *worker) watchServices(ctx context.Context, run func() step.Outcome) step.Outcome {
	e := w.findEndedServices()
	if len(e.replicas) == 0 {
		return run()
	}
	var looking sync.WaitGroup
	looking.Go(func() { e.look(ctx, e.started) }) // beside the start: no command waits for the look
	o := run()
	looking.Wait()
	if o.Code != 0 {
		e.look(ctx, e.replicas)
	}
	return o
}

// findEndedServices finds the replicas that the step needs only started.
func (w *worker) findEndedServices() *endedServices {
	e := &endedServices{worker: w, named: map[string]bool{}}
	for _, s := range w.plan.Steps {
		start, isStart := s.Action.(*planner.StartService)
		if !isStart || s.Scope != w.step.Scope || start.HasCompleted || w.facts.Containers[start.Replica] == "" {
			continue
		}
		for _, need := range w.step.Needs {
			if need.Step != s.ID {
				continue
			}
			e.replicas = append(e.replicas, start.Replica)
			if !start.IsRunning {
				e.started = append(e.started, start.Replica)
			}
			break
		}
	}
	return e
}

// look inspects the containers. A container that is gone, or that cannot be inspected, is no reason for a warning.
func (e *endedServices) look(ctx context.Context, replicas []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, replica := range replicas {
		if e.named[replica] {
			continue
		}
		state, err := e.worker.Engine.InspectContainer(ctx, e.worker.facts.Containers[replica])
		if err == nil && state.State.HasEnded() && state.ExitCode != 0 {
			e.named[replica] = true
			e.worker.Warn("service %s has ended with exit code %d. The task waits only for its start (service_started)",
				replica, state.ExitCode)
		}
	}
}
