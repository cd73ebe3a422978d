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
	// replicas are the services without a condition beyond the start.
	replicas []string
	mu       sync.Mutex
	named    map[string]bool
}

// watchServices runs a command, and looks at the services at its start, and again after a failure.
func (w *worker) watchServices(ctx context.Context, run func() step.Outcome) step.Outcome {
	replicas := w.startedReplicas()
	if len(replicas) == 0 {
		return run()
	}
	e := &endedServices{worker: w, replicas: replicas, named: map[string]bool{}}
	var looking sync.WaitGroup
	looking.Go(func() { e.look(ctx) }) // beside the start: no command waits for the look
	o := run()
	looking.Wait()
	if o.Code != 0 {
		e.look(ctx)
	}
	return o
}

// startedReplicas returns the replicas that the step needs only started.
func (w *worker) startedReplicas() []string {
	var replicas []string
	for _, s := range w.plan.Steps {
		start, isStart := s.Action.(*planner.StartService)
		if !isStart || s.Scope != w.step.Scope || start.HasCompleted || w.facts.Containers[start.Replica] == "" {
			continue
		}
		for _, need := range w.step.Needs {
			if need.Step == s.ID {
				replicas = append(replicas, start.Replica)
				break
			}
		}
	}
	return replicas
}

// look inspects the containers. A container that is gone, or that cannot be inspected, is no reason for a warning.
func (e *endedServices) look(ctx context.Context) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, replica := range e.replicas {
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
