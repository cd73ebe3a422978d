package executor

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"tasks/executor/engine"
	"tasks/executor/step"
	"tasks/hclspec"
	"tasks/planner"
)

const (
	// inspectInterval is the slow poll beside the events, a safety net for a connection that silently died.
	inspectInterval = 3 * time.Second
	// logTailLines is how much of a failed service's log goes into the error.
	logTailLines = 20
	// reportDelay is how long a wait may take before the user is told of it, once.
	reportDelay = 2 * time.Second
)

// waitService waits until a service meets a condition, without waiting for the engine's own schedule: it hears of changes
// from the event stream and, meanwhile, runs the service's own healthcheck, and the probe that the tasks file gives.
func (w *worker) waitService(ctx context.Context, a *planner.WaitService) step.Outcome {
	if a.IsMet && !w.facts.Recreated[a.Replica] && !w.facts.Restarted[a.Replica] {
		return step.Outcome{Verb: planner.Reuse}
	}
	waitCtx, cancel := context.WithCancel(ctx)
	g := &serviceWaiter{worker: w, replica: a.Replica, id: w.facts.Containers[a.Replica], condition: a.Condition, readiness: a.Readiness}
	err := g.wait(waitCtx)
	// What probes in the background may have made something: the step ends when that is gone.
	cancel()
	g.probes.Wait()
	if err != nil {
		return step.Outcome{Err: err}
	}
	return step.Outcome{Verb: planner.Wait}
}

// serviceWaiter is one wait for one container. Only the goroutine of wait touches it.
type serviceWaiter struct {
	*worker
	replica, id string
	condition   hclspec.Condition
	// ready is what the tasks file says, or nil.
	readiness *hclspec.Readiness
	// startedAt is the start of the process that the goals are about: after another start all is open again.
	startedAt time.Time
	// healthGoal and answer are the goals: the healthcheck, and the probe of the tasks file. Either may be missing. ended is
	// the one of a service that only has to complete, or to run.
	healthGoal, probeGoal, exitGoal goal
	reportTimer                     <-chan time.Time
	probes                          sync.WaitGroup
}

// wait subscribes before it looks, so that nothing happens in between unseen.
func (g *serviceWaiter) wait(ctx context.Context) error {
	g.reportTimer = time.After(reportDelay)
	for {
		events, err := g.Engine.Events(ctx, g.Project)
		if err != nil {
			return fmt.Errorf("waiting for service %s: %w", g.replica, err)
		}
		met, err := g.watch(ctx, events)
		if met || err != nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		// The stream was lost: subscribe anew, look anew.
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(reconnectPause):
		}
	}
}

// reconnectPause keeps a dead connection from becoming a busy loop.
const reconnectPause = 200 * time.Millisecond

// watch looks at once, and again whenever something has happened. It returns false without an error when the stream ends.
func (g *serviceWaiter) watch(ctx context.Context, events engine.Events) (bool, error) {
	ticker := time.NewTicker(inspectInterval)
	defer ticker.Stop()
	for {
		state, err := g.Engine.InspectContainer(ctx, g.id)
		if err != nil {
			return false, fmt.Errorf("waiting for service %s: %w", g.replica, err)
		}
		g.initGoals(ctx, state)
		if met, err := g.evaluate(ctx, state); met || err != nil {
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
				isChanged = e.ContainerID == g.id && isRelevant(e)
			case <-g.reportTimer:
				g.Progress(g.waitText())
			case p := <-g.healthGoal.results:
				if g.healthGoal.record(p); g.isSatisfied() {
					return true, nil
				}
			case p := <-g.probeGoal.results:
				if g.probeGoal.record(p); p.err != nil {
					return false, g.serviceError(ctx, state, fmt.Sprintf("cannot be probed (until %s): %s", g.probeGoal.until, p.err))
				}
				if g.isSatisfied() {
					return true, nil
				}
			case <-g.healthGoal.deadline:
				if g.healthGoal.isMissed() {
					return false, g.serviceError(ctx, state, g.healthGoal.missedText())
				}
			case <-g.probeGoal.deadline:
				if g.probeGoal.isMissed() {
					return false, g.serviceError(ctx, state, g.probeGoal.missedText())
				}
			case <-g.exitGoal.deadline:
				return false, g.serviceError(ctx, state, g.exitGoal.missedText())
			}
		}
	}
}

// isRelevant leaves out the events of our own probes.
func isRelevant(e engine.Event) bool { return !strings.HasPrefix(e.Action, "exec_") }

// evaluate says whether a look settles the wait.
func (g *serviceWaiter) evaluate(ctx context.Context, s engine.ContainerState) (bool, error) {
	switch {
	case g.condition == hclspec.Completed:
		return g.evaluateExit(ctx, s)
	case s.State == "exited" || s.State == "dead" || s.State == "removing":
		return false, g.serviceError(ctx, s, fmt.Sprintf("exited with code %d before it was %s", s.ExitCode, g.goalText()))
	case g.condition == hclspec.Healthy && !g.healthGoal.isWanted && !g.probeGoal.isWanted:
		return false, g.serviceError(ctx, s, "has no healthcheck and no `ready` probe, so that it can never be healthy: give it one, or wait for service_started")
	case s.State != "running":
		return false, nil
	case g.healthGoal.isWanted && s.Health == "unhealthy":
		return false, g.serviceError(ctx, s, "is unhealthy")
	}
	g.healthGoal.isMet = g.healthGoal.isMet || s.Health == "healthy"
	return g.isSatisfied(), nil
}

// isSatisfied says that nothing is left to wait for, of a container that runs.
func (g *serviceWaiter) isSatisfied() bool { return g.healthGoal.isDone() && g.probeGoal.isDone() }

func (g *serviceWaiter) evaluateExit(ctx context.Context, s engine.ContainerState) (bool, error) {
	if s.State != "exited" && s.State != "dead" {
		return false, nil
	}
	if s.ExitCode != 0 {
		return false, g.serviceError(ctx, s, fmt.Sprintf("did not complete successfully: exit code %d", s.ExitCode))
	}
	return true, nil
}

// goalText is what the service is waited for to be.
func (g *serviceWaiter) goalText() string {
	if g.condition == hclspec.Healthy && g.healthGoal.isWanted {
		return "healthy"
	}
	return "ready"
}

// failure gathers what the user needs to see. It goes on without the log where the engine does not give it.
func (g *serviceWaiter) serviceError(ctx context.Context, s engine.ContainerState, failure string) error {
	logs, err := g.Engine.Logs(ctx, g.id, logTailLines)
	if err != nil {
		logs = ""
	}
	return &ServiceError{Replica: g.replica, Failure: failure, HealthcheckOutput: cmp.Or(s.LastProbeOutput, g.healthGoal.lastOutput), ProbeOutput: g.probeGoal.lastOutput, Logs: logs}
}
