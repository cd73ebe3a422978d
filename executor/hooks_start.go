package executor

import (
	"context"
	"fmt"
	"io"

	"tasks/internal/composeproject"
	"tasks/planner"
)

// startWithHooks starts a service's container with what comes before and after it. Another run that wants the same container
// started waits, so that the hooks run once; where it runs already there is nothing to do.
func (w *worker) startWithHooks(ctx context.Context, a *planner.StartService, id string) outcome {
	unlock, err := w.lock(ctx, "start/"+a.Replica)
	if err != nil {
		return outcome{err: err}
	}
	defer unlock()
	running, err := w.runningReplicas(ctx, a)
	if err != nil {
		return outcome{err: fmt.Errorf("service %s: %w", a.Replica, err)}
	}
	if running[id] == "running" {
		return outcome{verb: planner.Reuse, startedID: id}
	}
	var removed []string
	if a.Hooks.PreStart != nil && len(running) == 0 {
		if removed, err = w.runPreStartHooks(ctx, planner.ServiceOf(a.Replica), a.Hooks.PreStart(w.facts)); err != nil {
			return outcome{removed: removed, err: err}
		}
	}
	o := w.startOrUnpause(ctx, a, id)
	o.removed = removed
	if o.err == nil && o.verb == planner.Start {
		o.err = w.runPostStartHooks(ctx, id, planner.ServiceOf(a.Replica), a.Hooks.PostStart)
	}
	return o
}

// runningReplicas are the service's containers that have a process, with their state, by id.
func (w *worker) runningReplicas(ctx context.Context, a *planner.StartService) (map[string]string, error) {
	running := map[string]string{}
	for _, replica := range a.Hooks.Replicas {
		state, err := w.cfg.Engine.InspectContainer(ctx, w.facts.Containers[replica])
		if err != nil {
			return nil, err
		}
		if s := state.State; s == "running" || s == "paused" || s == "restarting" {
			running[state.ID] = string(s)
		}
	}
	return running, nil
}

// runPreStartHooks runs the containers of a service's pre_start hooks, each to its end. It returns those that the cleanup has nothing
// to do with any more: what did its work is removed, and what failed is kept to be looked at.
func (w *worker) runPreStartHooks(ctx context.Context, service string, hooks []planner.ContainerSpec) (removed []string, err error) {
	if err := w.removeFailedHooks(ctx, service); err != nil {
		return nil, fmt.Errorf("service %s: %w", service, err)
	}
	for i, spec := range hooks {
		w.reportProgress(fmt.Sprintf("pre_start hook %d of %d", i+1, len(hooks)))
		id, failed := w.runPreStartHook(ctx, spec)
		if failed != nil {
			failed.service, failed.kind, failed.index = service, composeproject.HookPreStart, i
		}
		switch {
		case failed != nil && (failed.err != nil || ctx.Err() != nil):
			return removed, failed // the cleanup removes it
		case failed != nil:
			return append(removed, id), fmt.Errorf("%w\nits container is kept until the next start; to see all it said: docker logs %s", failed, spec.Name)
		}
		call, cancel := w.uncancelled(ctx)
		if err := w.cfg.Engine.RemoveContainer(call, id, RemoveVolumes); err == nil { // else the cleanup tries again
			removed = append(removed, id)
		}
		cancel()
	}
	return removed, nil
}

// removeFailedHooks takes away the containers of hooks that failed in an earlier start.
func (w *worker) removeFailedHooks(ctx context.Context, service string) error {
	all, err := w.cfg.Engine.ProjectContainers(ctx, w.project())
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.Labels[composeproject.LabelHook] != composeproject.HookPreStart || c.Labels[composeproject.LabelService] != service {
			continue
		}
		if err := w.claimProject().remove(ctx, c, RemoveVolumes); err != nil {
			return fmt.Errorf("removing container %s of an earlier start: %w", c.Name, err)
		}
	}
	return nil
}

// runPreStartHook makes and runs the container of one hook.
func (w *worker) runPreStartHook(ctx context.Context, spec planner.ContainerSpec) (id string, failed *hookError) {
	call, cancel := w.uncancelled(ctx)
	defer cancel()
	id, err := w.cfg.Engine.CreateContainer(call, spec)
	if id != "" {
		w.recordEntries(entry{kind: hookEntry, id: id, name: spec.Name})
	}
	if err != nil {
		return id, &hookError{err: err}
	}
	var out, errOut tailBuffer
	code, err := w.runToEnd(ctx, id, &out, &errOut)
	if err == nil && code == 0 {
		return id, nil
	}
	tail := outputTail(string(errOut))
	if tail == "" {
		tail = outputTail(string(out))
	}
	return id, &hookError{code: code, output: tail, err: err}
}

// runToEnd starts a created container, and is done when it has ended and all it printed was written.
func (w *worker) runToEnd(ctx context.Context, id string, stdout, stderr io.Writer) (code int, err error) {
	stream, cancel := context.WithCancel(ctx)
	defer cancel()
	attached, err := w.cfg.Engine.Attach(stream, id, AttachOptions{})
	if err != nil {
		return 0, err
	}
	defer attached.Close()
	exit, err := w.cfg.Engine.Wait(stream, id)
	if err == nil {
		err = w.cfg.Engine.StartContainer(ctx, id)
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

// tailBuffer keeps the end of what is written to it.
type tailBuffer []byte

func (l *tailBuffer) Write(p []byte) (int, error) {
	const kept = 2 * hookTailBytes
	*l = append(*l, p...)
	if extra := len(*l) - kept; extra > 0 {
		*l = append((*l)[:0], (*l)[extra:]...)
	}
	return len(p), nil
}
