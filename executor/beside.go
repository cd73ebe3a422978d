package executor

import (
	"context"
	"fmt"

	"tasks/internal/prober"
	"tasks/planner"
)

// programFor is the prober for the engine's machine, with its settings.
func (w *worker) programFor(ctx context.Context, environ map[string]string) (planner.Program, error) {
	os, arch, err := w.cfg.Engine.Platform(ctx)
	if err != nil {
		return planner.Program{}, err
	}
	if os != "linux" {
		return planner.Program{}, fmt.Errorf("it runs %s containers", os)
	}
	content, err := prober.Program(arch)
	if err != nil {
		return planner.Program{}, err
	}
	return planner.Program{Path: prober.Path, Content: content, Environ: environ}, nil
}

// runBeside runs the prober's container to its end, or to ctx's; it is gone then. told gets what it says.
func (w *worker) runBeside(ctx context.Context, spec planner.ContainerSpec, told func(string)) (code int, err error) {
	id, err := w.createBeside(ctx, spec)
	if err != nil {
		return 0, err
	}
	lines := &lineTeller{told: told}
	code, err = w.runToEnd(ctx, id, lines, lines)
	if err == nil && code == 0 {
		return code, nil // the engine removes what has ended by itself
	}
	w.removeBeside(ctx, id)
	return code, err
}

func (w *worker) createBeside(ctx context.Context, spec planner.ContainerSpec) (string, error) {
	call, cancel := w.uncancelled(ctx)
	defer cancel()
	id, err := w.cfg.Engine.CreateContainer(call, spec)
	if id != "" {
		w.made(entry{kind: proberMade, id: id, name: spec.Name})
	}
	return id, err
}

// removeBeside takes it away at once, whatever it does. What fails here is tried again, and told of, by the cleanup.
func (w *worker) removeBeside(ctx context.Context, id string) {
	call, cancel := w.uncancelled(ctx)
	defer cancel()
	_ = w.cfg.Engine.RemoveContainer(call, id, RemoveVolumes)
}
