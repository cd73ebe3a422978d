package executor

import (
	"context"
	"fmt"
	"strings"

	"tasks/executor/engine"
	"tasks/internal/prober"
	"tasks/internal/prober/wire"
	"tasks/planner"
)

// probeWithHelper has the prober try the port from within the network of the service's container, until it answers. That
// takes one container, however often it has to be tried.
func (g *serviceWaiter) probeWithHelper(ctx context.Context, s engine.ContainerState, target prober.Target, results chan<- probeResult) {
	result := g.runProber(ctx, s, target, func(line string) { sendResult(ctx, results, probeResult{output: line}) })
	if result.err != nil && g.hasChanged(ctx, s) {
		return // it has ended, or was started again: the look at it tells
	}
	sendResult(ctx, results, result)
}

// hasChanged says that a container's run is over.
func (g *serviceWaiter) hasChanged(ctx context.Context, s engine.ContainerState) bool {
	now, err := g.Engine.InspectContainer(ctx, g.id)
	return err == nil && (now.State != "running" || !now.StartedAt.Equal(s.StartedAt))
}

// runProber runs the prober to its end, or to ctx's; it is gone then. told gets what it says.
func (g *serviceWaiter) runProber(ctx context.Context, s engine.ContainerState, target prober.Target, onLine func(string)) probeResult {
	program, err := g.helperProgram(ctx, target.Environ())
	if err != nil {
		return probeResult{err: fmt.Errorf("tcp and http probes need a program of tasks' own there: %w: use exec or log", err)}
	}
	spec := planner.ProbeContainer(g.Project, planner.ServiceOf(g.replica), g.NewSlug(), &s.ObservedContainer, program)
	switch code, err := g.runHelper(ctx, spec, onLine); {
	case err != nil:
		return probeResult{err: err}
	case code == wire.Ready:
		return probeResult{passed: true}
	case code == wire.GaveUp:
		return probeResult{isFinal: true}
	default:
		return probeResult{err: fmt.Errorf("the prober's container ended with code %d", code)}
	}
}

// lineWriter hands on each line that is written to it.
type lineWriter struct {
	onLine  func(string)
	pending string
}

func (l *lineWriter) Write(p []byte) (int, error) {
	lines := strings.Split(l.pending+string(p), "\n")
	for _, line := range lines[:len(lines)-1] {
		l.onLine(line)
	}
	l.pending = lines[len(lines)-1]
	return len(p), nil
}
