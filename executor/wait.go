package executor

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"tasks/hclspec"
	"tasks/planner"
)

const (
	// lookAgain is the slow poll beside the events, a safety net for a connection that silently died.
	lookAgain = 3 * time.Second
	// lastLines is how much of a failed service's log goes into the error.
	lastLines = 20
	// tellAfter is how long a wait may take before the user is told of it, once.
	tellAfter = 2 * time.Second
)

// waitService waits until a service meets a condition, without waiting for the engine's own schedule: it hears of changes
// from the event stream and, meanwhile, runs the service's own healthcheck, and the probe that the tasks file gives.
func (w *worker) waitService(ctx context.Context, a *planner.WaitService) outcome {
	if a.Met && !w.facts.Recreated[a.Service] && !w.facts.Restarted[a.Service] {
		return outcome{verb: planner.Reuse}
	}
	waitCtx, cancel := context.WithCancel(ctx)
	g := &gate{worker: w, service: a.Service, id: w.facts.Containers[a.Service], condition: a.Condition, ready: a.Ready}
	err := g.wait(waitCtx)
	// What probes in the background may have made something: the step ends when that is gone.
	cancel()
	g.probing.Wait()
	if err != nil {
		return outcome{err: err}
	}
	return outcome{verb: planner.Wait}
}

// gate is one wait for one container. Only the goroutine of wait touches it.
type gate struct {
	*worker
	service, id string
	condition   hclspec.Condition
	// ready is what the tasks file says, or nil.
	ready *hclspec.Readiness
	// run is the start of the process that the goals are about: after another start all is open again.
	run time.Time
	// health and answer are the goals: the healthcheck, and the probe of the tasks file. Either may be missing. ended is
	// the one of a service that only has to complete, or to run.
	health, answer, ended goal
	tell                  <-chan time.Time
	probing               sync.WaitGroup
}

// wait subscribes before it looks, so that nothing happens in between unseen.
func (g *gate) wait(ctx context.Context) error {
	g.tell = time.After(tellAfter)
	for {
		events, err := g.cfg.Engine.Events(ctx, g.project())
		if err != nil {
			return fmt.Errorf("waiting for service %s: %w", g.service, err)
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
func (g *gate) watch(ctx context.Context, events Events) (bool, error) {
	ticker := time.NewTicker(lookAgain)
	defer ticker.Stop()
	for {
		state, err := g.cfg.Engine.InspectContainer(ctx, g.id)
		if err != nil {
			return false, fmt.Errorf("waiting for service %s: %w", g.service, err)
		}
		g.aim(ctx, state)
		if met, err := g.judge(ctx, state); met || err != nil {
			return met, err
		}
		for again := false; !again; {
			select {
			case <-ctx.Done():
				return false, context.Cause(ctx)
			case <-ticker.C:
				again = true
			case e, open := <-events.C():
				if !open {
					return false, nil
				}
				again = e.ContainerID == g.id && matters(e)
			case <-g.tell:
				g.progress(g.waitingFor())
			case p := <-g.health.results:
				if g.health.take(p); g.reached() {
					return true, nil
				}
			case p := <-g.answer.results:
				if g.answer.take(p); p.err != nil {
					return false, g.failure(ctx, state, fmt.Sprintf("cannot be probed (until %s): %s", g.answer.until, p.err))
				}
				if g.reached() {
					return true, nil
				}
			case <-g.health.deadline:
				if g.health.late() {
					return false, g.failure(ctx, state, g.health.missed())
				}
			case <-g.answer.deadline:
				if g.answer.late() {
					return false, g.failure(ctx, state, g.answer.missed())
				}
			case <-g.ended.deadline:
				return false, g.failure(ctx, state, g.ended.missed())
			}
		}
	}
}

// matters leaves out the events of our own probes.
func matters(e Event) bool { return !strings.HasPrefix(e.Action, "exec_") }

// judge says whether a look settles the wait.
func (g *gate) judge(ctx context.Context, s ContainerState) (bool, error) {
	switch {
	case g.condition == hclspec.Completed:
		return g.judgeEnd(ctx, s)
	case s.State == "exited" || s.State == "dead" || s.State == "removing":
		return false, g.failure(ctx, s, fmt.Sprintf("exited with code %d before it was %s", s.ExitCode, g.goalWord()))
	case g.condition == hclspec.Healthy && !g.health.wanted && !g.answer.wanted:
		return false, g.failure(ctx, s, "has no healthcheck and no `ready` probe, so that it can never be healthy: give it one, or wait for service_started")
	case s.State != "running":
		return false, nil
	case g.health.wanted && s.Health == "unhealthy":
		return false, g.failure(ctx, s, "is unhealthy")
	}
	g.health.met = g.health.met || s.Health == "healthy"
	return g.reached(), nil
}

// reached says that nothing is left to wait for, of a container that runs.
func (g *gate) reached() bool { return g.health.done() && g.answer.done() }

func (g *gate) judgeEnd(ctx context.Context, s ContainerState) (bool, error) {
	if s.State != "exited" && s.State != "dead" {
		return false, nil
	}
	if s.ExitCode != 0 {
		return false, g.failure(ctx, s, fmt.Sprintf("did not complete successfully: exit code %d", s.ExitCode))
	}
	return true, nil
}

// goalWord is what the service is waited for to be.
func (g *gate) goalWord() string {
	if g.condition == hclspec.Healthy && g.health.wanted {
		return "healthy"
	}
	return "ready"
}

// failure gathers what the user needs to see. It goes on without the log where the engine does not give it.
func (g *gate) failure(ctx context.Context, s ContainerState, what string) error {
	logs, err := g.cfg.Engine.Logs(ctx, g.id, lastLines)
	if err != nil {
		logs = ""
	}
	return &ServiceError{Service: g.service, What: what, Probe: cmp.Or(s.LastProbe, g.health.said), Ready: g.answer.said, Logs: logs}
}
