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
	spec, err := g.proberSpec(ctx, s, target)
	if err != nil {
		return probeResult{err: err}
	}
	id, err := g.createProber(ctx, spec)
	if err != nil {
		return probeResult{err: err}
	}
	code, err := g.runProber(ctx, id, told)
	if err == nil && code == wire.Ready {
		return probeResult{passed: true} // the engine removes what has ended by itself
	}
	g.removeProber(ctx, id)
	switch {
	case err != nil:
		return probeResult{err: err}
	case code == wire.GaveUp:
		return probeResult{over: true}
	}
	return probeResult{err: fmt.Errorf("the prober's container ended with code %d", code)}
}

func (g *gate) proberSpec(ctx context.Context, s ContainerState, target prober.Target) (planner.ContainerSpec, error) {
	os, arch, err := g.cfg.Engine.Platform(ctx)
	if err != nil {
		return planner.ContainerSpec{}, err
	}
	if os != "linux" {
		return planner.ContainerSpec{}, fmt.Errorf("tcp and http probes cannot be run in %s containers: use exec or log", os)
	}
	content, err := prober.Program(arch)
	if err != nil {
		return planner.ContainerSpec{}, fmt.Errorf("%w: use exec or log", err)
	}
	program := planner.Program{Path: prober.Path, Content: content, Environ: target.Environ()}
	return planner.Prober(g.project(), planner.ServiceOf(g.service), g.cfg.NewSlug(), &s.ObservedContainer, program), nil
}

func (g *gate) createProber(ctx context.Context, spec planner.ContainerSpec) (string, error) {
	call, cancel := uncancelled(ctx)
	defer cancel()
	id, err := g.cfg.Engine.CreateContainer(call, spec)
	if id != "" {
		g.made(entry{kind: proberMade, id: id, name: spec.Name})
	}
	return id, err
}

// runProber is done when the prober has ended and all it said was told.
func (g *gate) runProber(ctx context.Context, id string, told func(string)) (code int, err error) {
	lines := &lineTeller{told: told}
	return g.runToEnd(ctx, id, lines, lines)
}

// removeProber takes it away at once, whatever it does. What fails here is tried again, and told of, by the cleanup.
func (g *gate) removeProber(ctx context.Context, id string) {
	call, cancel := uncancelled(ctx)
	defer cancel()
	_ = g.cfg.Engine.RemoveContainer(call, id, RemoveVolumes)
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
