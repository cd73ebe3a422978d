// Package helper runs containers of tasks' own beside the containers of services.
package helper

import (
	"context"
	"fmt"
	"io"
	"strings"

	"tasks/executor/engine"
	"tasks/executor/removal"
	"tasks/executor/step"
	"tasks/internal/prober"
	"tasks/planner"
	"tasks/planner/observed"
)

// Program returns the prober for the engine's machine, with the environment of the call.
func Program(ctx context.Context, e engine.Engine, environ map[string]string) (planner.Program, error) {
	os, arch, err := e.Platform(ctx)
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

// Run runs the prober's container until it ends, or until ctx ends. Afterwards the container is gone. onLine gets the
// lines of the output.
func Run(ctx context.Context, env step.Env, spec planner.ContainerSpec, onLine func(string)) (code int, err error) {
	id, err := create(ctx, env, spec)
	if err != nil {
		return 0, err
	}
	lines := &lineWriter{onLine: onLine}
	code, err = RunToEnd(ctx, env.Engine, id, lines, lines)
	if err == nil && code == 0 {
		return code, nil // the engine removes the ended container by itself
	}
	removeHelper(ctx, env, id)
	return code, err
}

func create(ctx context.Context, env step.Env, spec planner.ContainerSpec) (string, error) {
	call, cancel := env.Uncancelled(ctx)
	defer cancel()
	if env.Self != "" && spec.Labels[observed.LabelOwner] == "" {
		spec.Labels[observed.LabelStarter] = env.Self // for the next command, after a death before the start
	}
	id, err := env.Engine.CreateContainer(call, spec)
	if id != "" {
		env.Record(step.Entry{Kind: step.HelperEntry, ID: id, Name: spec.Name})
	}
	return id, err
}

// removeHelper removes the container at once. After a failure the cleanup tries again, and reports the failure.
func removeHelper(ctx context.Context, env step.Env, id string) {
	call, cancel := env.Uncancelled(ctx)
	defer cancel()
	_ = removal.Remover{Engine: env.Engine}.RemoveOwn(call, id, engine.RemoveVolumes)
}

// RunToEnd starts a created container, and returns after its end, with all output written.
func RunToEnd(ctx context.Context, e engine.Engine, id string, stdout, stderr io.Writer) (code int, err error) {
	stream, cancel := context.WithCancel(ctx)
	defer cancel()
	attached, err := e.Attach(stream, id, engine.AttachOptions{})
	if err != nil {
		return 0, err
	}
	defer attached.Close()
	exit, err := e.Wait(stream, id)
	if err == nil {
		err = e.StartContainer(ctx, id)
	}
	if err != nil {
		return 0, err
	}
	copied := make(chan error, 1)
	go func() { copied <- attached.Copy(stdout, stderr) }()
	select {
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	case e := <-exit:
		<-copied // the stream ends with the container
		return e.Code, e.Err
	}
}

// lineWriter passes each written line on.
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
