package executor

import (
	"context"
	"fmt"
	"strings"

	"tasks/internal/prober"
	"tasks/internal/prober/wire"
	"tasks/planner"
)

// probeFromInside has the prober try the port from within the network of the service's container, until it answers. That
// takes one container, however often it has to be tried.
func (g *gate) probeFromInside(ctx context.Context, s ContainerState, target prober.Target, results chan<- probeResult) {
	result := g.prober(ctx, s, target, func(line string) { send(ctx, results, probeResult{said: line}) })
	if result.err != nil && g.hasChanged(ctx, s) {
		return // it has ended, or was started again: the look at it tells
	}
	send(ctx, results, result)
}

// hasChanged says that a container's run is over.
func (g *gate) hasChanged(ctx context.Context, s ContainerState) bool {
	now, err := g.cfg.Engine.InspectContainer(ctx, g.id)
	return err == nil && (now.State != "running" || !now.Started.Equal(s.Started))
}

// prober runs the prober to its end, or to ctx's; it is gone then. told gets what it says.
func (g *gate) prober(ctx context.Context, s ContainerState, target prober.Target, told func(string)) probeResult {
	program, err := g.programFor(ctx, target.Environ())
	if err != nil {
		return probeResult{err: fmt.Errorf("tcp and http probes need a program of tasks' own there: %w: use exec or log", err)}
	}
	spec := planner.Prober(g.project(), planner.ServiceOf(g.service), g.cfg.NewSlug(), &s.ObservedContainer, program)
	switch code, err := g.runBeside(ctx, spec, told); {
	case err != nil:
		return probeResult{err: err}
	case code == wire.Ready:
		return probeResult{passed: true}
	case code == wire.GaveUp:
		return probeResult{over: true}
	default:
		return probeResult{err: fmt.Errorf("the prober's container ended with code %d", code)}
	}
}

// lineTeller hands on each line that is written to it.
type lineTeller struct {
	told func(string)
	open string
}

func (l *lineTeller) Write(p []byte) (int, error) {
	lines := strings.Split(l.open+string(p), "\n")
	for _, line := range lines[:len(lines)-1] {
		l.told(line)
	}
	l.open = lines[len(lines)-1]
	return len(p), nil
}
