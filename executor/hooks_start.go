package executor

import (
	"context"
	"fmt"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/executor/engine"
	"tasks/executor/helper"
	"tasks/executor/hook"
	"tasks/executor/removal"
	"tasks/executor/step"
	"tasks/internal/composeproject"
	"tasks/planner"
	"tasks/planner/observed"
)

// startWithHooks starts a service's container with its hooks before and after. Another run
// with the same start waits, so that the hooks run once. A running container needs no start.
func (s startStep) startWithHooks(ctx context.Context, a *planner.StartService, id string) step.Outcome {
	unlock, err := s.lock(ctx, "start/"+a.Replica)
	if err != nil {
		return step.Outcome{Err: err}
	}
	defer unlock()
	running, err := s.runningReplicas(ctx, a)
	if err != nil {
		return step.Outcome{Err: fmt.Errorf("service %s: %w", a.Replica, err)}
	}
	if running[id].IsRunning() {
		return step.Outcome{Verb: planner.Reuse, StartedID: id}
	}
	var removed []string
	if a.Hooks.PreStart != nil && len(running) == 0 {
		if removed, err = s.runPreStartHooks(ctx, planner.ServiceOf(a.Replica), a.Hooks.PreStart(s.facts)); err != nil {
			return step.Outcome{Removed: removed, Err: err}
		}
	}
	o := s.startOrUnpause(ctx, a, id)
	o.Removed = removed
	if o.Err == nil && o.Verb == planner.Start {
		o.Err = s.runPostStartHooks(ctx, id, planner.ServiceOf(a.Replica), a.Hooks.PostStart)
	}
	return o
}

// runningReplicas are the states of the service's containers with a process, by id.
func (s startStep) runningReplicas(
	ctx context.Context, a *planner.StartService,
) (map[string]observed.ContainerState, error) {
	running := map[string]observed.ContainerState{}
	for _, replica := range a.Hooks.Replicas {
		state, err := s.Engine.InspectContainer(ctx, s.facts.Containers[replica])
		if err != nil {
			return nil, err
		}
		if state.State.IsUp() {
			running[state.ID] = state.State
		}
	}
	return running, nil
}

// runPreStartHooks runs the containers of a service's pre_start hooks, one after the other. It returns the containers
// the cleanup must leave alone. A successful container is removed here, a failed container is kept for inspection.
func (s startStep) runPreStartHooks(
	ctx context.Context, service string, hooks []planner.ContainerSpec,
) (removed []string, err error) {
	if err := s.removeFailedHooks(ctx, service); err != nil {
		return nil, fmt.Errorf("service %s: %w", service, err)
	}
	for i, spec := range hooks {
		s.Progress(fmt.Sprintf("pre_start hook %d of %d", i+1, len(hooks)))
		id, failed := s.runPreStartHook(ctx, spec)
		if failed != nil {
			failed.Service, failed.Kind, failed.Index = service, composeproject.HookPreStart, i
		}
		switch {
		case failed != nil && (failed.Err != nil || ctx.Err() != nil):
			return removed, failed // the cleanup removes the container
		case failed != nil:
			return append(removed, id), fmt.Errorf(
				"%w\nits container is kept until the next start; to see all it said: docker logs %s", failed, spec.Name,
			)
		}
		call, cancel := s.Uncancelled(ctx)
		if err := s.remover().RemoveOwn(call, id, engine.RemoveVolumes); err == nil { // else the cleanup tries again
			removed = append(removed, id)
		}
		cancel()
	}
	return removed, nil
}

// removeFailedHooks removes the containers of failed hooks of an earlier start.
func (s startStep) removeFailedHooks(ctx context.Context, service string) error {
	all, err := s.Engine.ProjectContainers(ctx, s.Project)
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.Labels[composeproject.LabelHook] != composeproject.HookPreStart || c.Service() != service {
			continue
		}
		if err := s.remover().StopAndRemove(
			ctx, removal.Request{Container: c, Claim: s.projectClaim(), IsKill: true},
		); err != nil {
			return fmt.Errorf("removing container %s of an earlier start: %w", c.Name, err)
		}
	}
	return nil
}

// runPreStartHook makes and runs the container of a hook.
func (s startStep) runPreStartHook(ctx context.Context, spec planner.ContainerSpec) (id string, failed *hook.Error) {
	call, cancel := s.Uncancelled(ctx)
	defer cancel()
	id, err := s.Engine.CreateContainer(call, spec)
	if id != "" {
		s.Record(step.Entry{Kind: step.HookEntry, ID: id, Name: spec.Name})
	}
	if err != nil {
		return id, &hook.Error{Err: err}
	}
	var out, errOut hook.TailBuffer
	code, err := helper.RunToEnd(ctx, s.Engine, id, &out, &errOut)
	if err == nil && code == 0 {
		return id, nil
	}
	tail := hook.Tail(string(errOut))
	if tail == "" {
		tail = hook.Tail(string(out))
	}
	return id, &hook.Error{Code: code, Output: tail, Err: err}
}

// runPostStartHooks runs the hooks after the start of a service's container. A
// failed hook fails the start, but the container keeps running, as with Compose.
func (s startStep) runPostStartHooks(ctx context.Context, id, service string, hooks []types.ServiceHook) error {
	if failed := hook.Run(ctx, s.Engine, id, service, "post_start", hooks); failed != nil {
		return failed
	}
	return nil
}
