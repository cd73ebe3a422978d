package executor

import (
	"context"
	"fmt"

	"tasks/executor/engine"
	"tasks/executor/step"
	"tasks/internal/prober"
	"tasks/planner"
)

// helperProgram is the prober for the engine's machine, with its settings.
func (w *worker) helperProgram(ctx context.Context, environ map[string]string) (planner.Program, error) {
	os, arch, err := w.Engine.Platform(ctx)
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

// runHelper runs the prober's container to its end, or to ctx's; it is gone then. told gets what it says.
func (w *worker) runHelper(ctx context.Context, spec planner.ContainerSpec, onLine func(string)) (code int, err error) {
	id, err := w.createHelper(ctx, spec)
	if err != nil {
		return 0, err
	}
	lines := &lineWriter{onLine: onLine}
	code, err = w.runToEnd(ctx, id, lines, lines)
	if err == nil && code == 0 {
		return code, nil // the engine removes what has ended by itself
	}
	w.removeHelper(ctx, id)
	return code, err
}

func (w *worker) createHelper(ctx context.Context, spec planner.ContainerSpec) (string, error) {
	call, cancel := w.Uncancelled(ctx)
	defer cancel()
	id, err := w.Engine.CreateContainer(call, spec)
	if id != "" {
		w.Record(step.Entry{Kind: step.HelperEntry, ID: id, Name: spec.Name})
	}
	return id, err
}

// removeHelper takes it away at once, whatever it does. What fails here is tried again, and told of, by the cleanup.
func (w *worker) removeHelper(ctx context.Context, id string) {
	call, cancel := w.Uncancelled(ctx)
	defer cancel()
	_ = w.Engine.RemoveContainer(call, id, engine.RemoveVolumes)
}
