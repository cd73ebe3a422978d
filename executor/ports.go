package executor

import (
	"context"
	"fmt"
	"strings"

	"tasks/executor/engine"
	"tasks/executor/readiness"
	"tasks/executor/step"
	"tasks/planner"
)

// inspectPorts learns which host ports the container of a service was given. One that the plan does not start, because of
// no_deps, has to run already.
func (s resourceStep) inspectPorts(ctx context.Context, a *planner.InspectPorts) step.Outcome {
	id, isPlanned := s.facts.Containers[a.Service]
	if !isPlanned && a.Existing != nil {
		id = a.Existing.ID
	}
	state := engine.ContainerState{}
	if id != "" {
		var err error
		if state, err = s.Engine.InspectContainer(ctx, id); err != nil && !engine.IsNotFound(err) {
			return step.Outcome{Err: fmt.Errorf("the host ports of service %s: %w", a.Service, err)}
		}
	}
	switch {
	case len(a.Ports) == 0: // they are told where there are any
	case !state.State.IsRunning() && !isPlanned:
		return step.Outcome{Err: fmt.Errorf("service %s does not run, and no_deps keeps it from being started, so that it has no host port for %s: take no_deps out, or start it first",
			a.Service, strings.Join(a.Ports, ", "))}
	case !state.State.IsRunning():
		return step.Outcome{Err: s.portsLostError(ctx, a, state)}
	}
	for _, port := range a.Ports {
		if state.HostPorts[port] == "" {
			return step.Outcome{Err: fmt.Errorf("service %s runs, but the engine gave it no host port for %s: does it share the network of the host, or of another container?", a.Service, port)}
		}
	}
	return step.Outcome{Verb: planner.Inspect, ApplyFacts: func(f *planner.Facts) { f.Ports[a.Service] = state.HostPorts }}
}

// portsLostError is a service that the run has started, and that has none of its ports any more.
func (s resourceStep) portsLostError(ctx context.Context, a *planner.InspectPorts, state engine.ContainerState) error {
	return readiness.NewServiceError(ctx, s.Engine, a.Service, s.facts.Containers[a.Service], fmt.Sprintf("exited with code %d before its host port was known", state.ExitCode))
}
