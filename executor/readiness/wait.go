// Package readiness waits until the containers of services are healthy, ready, running or completed.
package readiness

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"tasks/executor/engine"
	"tasks/executor/step"
	"tasks/hclspec"
	"tasks/internal/durations"
	"tasks/planner"
	"tasks/planner/observed"
)

const (
	// inspectInterval is a slow poll beside the events: a safety net for a silently dead connection.
	inspectInterval = 3 * time.Second
	// reportDelay is the time before the single report of a long wait.
	reportDelay = 2 * time.Second
	// reconnectPause keeps a dead connection from becoming a busy loop.
	reconnectPause = 200 * time.Millisecond
)

// Target is the container of a service with its wanted condition.
type Target struct {
	Replica, ID string
	Condition   hclspec.Condition
	// Readiness is the `ready` block of the tasks file, or nil.
	Readiness *hclspec.Readiness
	// Limit bounds the wait for each goal. Zero: the healthcheck or the `ready` block sets the bound.
	Limit time.Duration
	// Settle is the time that a container without healthcheck and probe has to run. With a time, an end with success is
	// also enough.
	Settle time.Duration
}

// Wait waits until the container meets the condition. Events tell of changes. In the background Wait runs the
// healthcheck's command, without the engine's own schedule, and the probe of the tasks file.
func Wait(ctx context.Context, env step.Env, target Target) error {
	waitCtx, cancel := context.WithCancel(ctx)
	w := &waiter{Target: target, env: env}
	err := w.wait(waitCtx)
	// Background probes may have made a container: the step ends after its removal.
	cancel()
	w.probes.Wait()
	return err
}

// waiter is the state of a wait. Only the goroutine of wait uses the goals.
type waiter struct {
	Target
	env step.Env
	// startedAt is the start of the process the goals belong to. Another start opens all goals again.
	startedAt time.Time
	// healthGoal is the healthcheck, probeGoal the probe of the tasks file; each may be missing. exitGoal is the goal
	// of a service without both: to complete, or to run.
	healthGoal, probeGoal, exitGoal goal
	reportTimer                     <-chan time.Time
	// settleTimer ends Settle. isSettled reports whether the time is over.
	settleTimer <-chan time.Time
	isSettled   bool
	// isUnhealthy reports whether the engine called the container unhealthy at the last inspection. A probe of the
	// waiter decides: the verdict of the engine may be old.
	isUnhealthy bool
	restarts    restarts
	probes      sync.WaitGroup
}

// wait subscribes before the first inspection, so that no change in between is missed.
func (w *waiter) wait(ctx context.Context) error {
	w.reportTimer = time.After(reportDelay)
	for {
		events, err := w.env.Engine.Events(ctx, w.env.Project)
		if err != nil {
			return fmt.Errorf("waiting for service %s: %w", w.Replica, err)
		}
		met, err := w.watch(ctx, events)
		if met || err != nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		// The stream is lost: subscribe and inspect again.
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(reconnectPause):
		}
	}
}

// watch inspects at once, and again after each change. Without an error, false is the end of the stream.
func (w *waiter) watch(ctx context.Context, events engine.Events) (bool, error) {
	ticker := time.NewTicker(inspectInterval)
	defer ticker.Stop()
	for {
		state, err := w.env.Engine.InspectContainer(ctx, w.ID)
		if err != nil {
			return false, fmt.Errorf("waiting for service %s: %w", w.Replica, err)
		}
		if w.restarts.observe(state) {
			w.env.Progress(w.restarts.text())
		}
		w.initGoals(ctx, state)
		if met, err := w.evaluate(ctx, state); met || err != nil {
			return met, err
		}
		for isChanged := false; !isChanged; {
			select {
			case <-ctx.Done():
				return false, context.Cause(ctx)
			case <-ticker.C:
				isChanged = true
			case e, isOpen := <-events.C():
				if !isOpen {
					return false, nil
				}
				if isChanged = e.ContainerID == w.ID && isRelevant(e); isChanged && e.Action == "die" {
					w.restarts.recordExit(e.ExitCode)
				}
			case <-w.settleTimer:
				w.isSettled, isChanged = true, true
			case <-w.reportTimer:
				w.env.Progress(w.waitText())
			case p := <-w.healthGoal.results:
				if w.recordAnswer(&w.healthGoal, p); w.isSatisfied() {
					return true, nil
				}
				if w.isUnhealthy && p.isAnswer() && !p.passed {
					return false, w.serviceError(ctx, state, "is unhealthy")
				}
			case p := <-w.probeGoal.results:
				if w.recordAnswer(&w.probeGoal, p); p.err != nil {
					failure := fmt.Sprintf("cannot be probed (until %s): %s", w.probeGoal.until, p.err)
					return false, w.serviceError(ctx, state, failure)
				}
				if w.isSatisfied() {
					return true, nil
				}
			case <-w.healthGoal.deadline:
				if w.healthGoal.isMissed() {
					return false, w.serviceError(ctx, state, w.healthGoal.missedText())
				}
			case <-w.probeGoal.deadline:
				if w.probeGoal.isMissed() {
					return false, w.serviceError(ctx, state, w.probeGoal.missedText())
				}
			case <-w.exitGoal.deadline:
				return false, w.serviceError(ctx, state, w.exitGoal.missedText())
			}
		}
	}
}

// isRelevant reports whether an event may change the state. Events of tasks' own probes do not.
func isRelevant(e engine.Event) bool { return !strings.HasPrefix(e.Action, "exec_") }

// evaluate reports whether a state ends the wait.
func (w *waiter) evaluate(ctx context.Context, s engine.ContainerState) (bool, error) {
	switch {
	case w.Condition == hclspec.Completed:
		return w.evaluateExit(ctx, s)
	case s.State.HasEnded() && s.ExitCode == 0 && w.settles():
		w.env.Progress("it has ended with success")
		return true, nil
	case s.State.HasEnded() || s.State.IsLost():
		return false, w.serviceError(
			ctx, s, fmt.Sprintf("exited with code %d%s before it was %s", s.ExitCode, reasonText(s), w.goalText()),
		)
	case w.Condition == hclspec.Healthy && !w.healthGoal.isWanted && !w.probeGoal.isWanted:
		return false, w.serviceError(ctx, s, planner.NeverHealthy)
	case s.State == observed.Restarting && w.Limit == 0 && w.restarts.isHopeless(startPeriod(s.Probe)):
		waited := durations.Text(time.Since(w.restarts.began).Round(time.Second))
		return false, w.serviceError(ctx, s, fmt.Sprintf("is not %s after %s", w.goalText(), waited))
	case !s.State.IsRunning():
		return false, nil
	case w.healthGoal.isWanted && w.isUnhealthy && (w.healthGoal.stop == nil || w.healthGoal.isOver):
		// no probe of the waiter follows
		return false, w.serviceError(ctx, s, "is unhealthy")
	}
	w.healthGoal.isMet = w.healthGoal.isMet || s.IsHealthy()
	return w.isSatisfied(), nil
}

// isSatisfied reports whether a running container has met all goals.
func (w *waiter) isSatisfied() bool {
	return w.healthGoal.isDone() && w.probeGoal.isDone() && (w.isSettled || !w.settles())
}

// settles reports whether only time shows that the container is ready.
func (w *waiter) settles() bool {
	return w.Settle > 0 && !w.healthGoal.isWanted && !w.probeGoal.isWanted
}

func (w *waiter) evaluateExit(ctx context.Context, s engine.ContainerState) (bool, error) {
	if !s.State.HasEnded() {
		if w.restarts.hasSucceeded() {
			const failure = "can never be completed, because its restart policy starts it again after a success: " +
				"set its restart to on-failure or \"no\""
			return false, w.serviceError(ctx, s, failure)
		}
		return false, nil
	}
	if s.ExitCode != 0 {
		failure := fmt.Sprintf("did not complete successfully: exit code %d%s", s.ExitCode, reasonText(s))
		return false, w.serviceError(ctx, s, failure)
	}
	return true, nil
}

// goalText is the wanted state in the words of an error.
func (w *waiter) goalText() string {
	if w.Condition == hclspec.Healthy && w.healthGoal.isWanted {
		return "healthy"
	}
	return "ready"
}
