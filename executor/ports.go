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

// inspectPorts reads the host ports of a service's container. Under no_deps the
// plan starts no container, so that the container has to run already.
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
	case len(a.Ports) == 0: // without required ports any state is fine
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

// portsLostError is the failure of a started service without its ports.
func (s resourceStep) portsLostError(ctx context.Context, a *planner.InspectPorts, state engine.ContainerState) error {
	return readiness.NewServiceError(ctx, s.Engine, a.Service, s.facts.Containers[a.Service], fmt.Sprintf("exited with code %d before its host port was known", state.ExitCode))
}
