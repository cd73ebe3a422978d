package readiness

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"tasks/executor/engine"
	"tasks/executor/step"
	"tasks/hclspec"
	"tasks/internal/durations"
)

// runningTimeout bounds the start of a container without any other goal.
const runningTimeout = time.Minute

// goal is a single condition of a wait.
type goal struct {
	// isWanted reports whether the goal exists, isMet whether the current run of the container has met the goal.
	isWanted, isMet bool
	// isOver reports whether the probe of the current run gave up, and no further probe follows.
	isOver bool
	// stateName is the name of the reached state: "healthy". until is more exact: "port 5432 accepts connections".
	stateName, until string
	// timeout bounds the wait; 0: no bound.
	timeout  time.Duration
	deadline <-chan time.Time
	// results come from a probe in the background; stop ends the probe.
	results <-chan probeResult
	stop    context.CancelFunc
	// lastOutput is the output of the last probe with any output.
	lastOutput string
}

func (g *goal) isDone() bool { return !g.isWanted || g.isMet }

// record applies the result of a probe, and reports whether the probe has passed.
func (g *goal) record(p probeResult) bool {
	if g.lastOutput == "" || !p.isNotRun {
		g.lastOutput = cmp.Or(p.output, g.lastOutput)
	}
	g.isMet, g.isOver = g.isMet || p.passed, g.isOver || p.isFinal
	return p.passed
}

// recordAnswer records the result of a probe, and reports a new answer without success.
func (w *waiter) recordAnswer(g *goal, p probeResult) {
	before := g.lastOutput
	if g.record(p); !p.passed && g.lastOutput != before {
		w.env.Emit(step.ProbeAnswered{Text: g.lastOutput})
	}
}

// isMissed reports at the deadline whether the goal is missed. A met goal gets the time again: a restarted container
// has to meet the goal again.
func (g *goal) isMissed() bool {
	if g.isMet {
		g.deadline = time.After(g.timeout)
	}
	return !g.isMet
}

// missedText describes a missed goal, for instance of a service in a loop of restarts.
func (g *goal) missedText() string {
	text := fmt.Sprintf("is not %s after %s", g.stateName, durations.Text(g.timeout))
	if g.until != "" {
		text += ": waited until " + g.until
	}
	return text
}

// enable makes the goal wanted and starts its clock. A second call has no effect.
func (g *goal) enable(stateName, until string, timeout time.Duration) {
	if g.isWanted {
		return
	}
	g.isWanted, g.stateName, g.until, g.timeout = true, stateName, until, timeout
	if timeout > 0 {
		g.deadline = time.After(timeout)
	}
}

// reset opens the goal again, for another run of the container or after a verdict of the engine.
func (g *goal) reset() {
	if g.stop != nil {
		g.stop()
	}
	g.isMet, g.isOver, g.stop, g.results, g.lastOutput = false, false, nil, nil, ""
}

// startProbe starts a probe in the background for the current run of the container.
func (w *waiter) startProbe(ctx context.Context, goal *goal, probe func(context.Context, chan<- probeResult)) {
	ctx, goal.stop = context.WithCancel(ctx)
	results := make(chan probeResult)
	goal.results = results
	w.probes.Go(func() { probe(ctx, results) })
}

// initGoals sets the goals at the first inspection, and starts their probes when the container runs. Another run of the
// container starts from open goals.
func (w *waiter) initGoals(ctx context.Context, s engine.ContainerState) {
	w.chooseGoals(s)
	if !s.State.IsRunning() || w.Condition == hclspec.Completed {
		return
	}
	if !s.StartedAt.Equal(w.startedAt) {
		w.startedAt = s.StartedAt
		w.healthGoal.reset()
		w.probeGoal.reset()
		w.isUnhealthy = false
		w.isSettled, w.settleTimer = false, time.After(w.Settle)
	}
	isUnhealthy := s.Health == "unhealthy"
	if isUnhealthy && !w.isUnhealthy && !w.healthGoal.isOver {
		w.healthGoal.reset() // the next probe begins after the verdict
	}
	w.isUnhealthy = isUnhealthy
	if health := &w.healthGoal; health.isWanted && health.stop == nil && !s.IsHealthy() && !w.isEngineOnly() {
		w.startProbe(ctx, health, probeLoop{engine: w.env.Engine, id: w.ID, probe: s.Probe, backoff: backoff}.run)
	}
	if g := &w.probeGoal; g.isWanted && g.stop == nil {
		p := blockProbe{env: w.env, replica: w.Replica, id: w.ID, readiness: w.Readiness, timeout: g.timeout}
		w.startProbe(ctx, g, func(ctx context.Context, results chan<- probeResult) { p.run(ctx, s, results) })
	}
}

func (w *waiter) isEngineOnly() bool { return w.Readiness != nil && w.Readiness.EngineOnly }

// chooseGoals decides the goals of the wait.
func (w *waiter) chooseGoals(s engine.ContainerState) {
	switch {
	case w.Condition == hclspec.Completed:
		w.exitGoal.enable("completed", "", w.Limit)
		return
	case s.Probe == nil && !w.Readiness.HasProbe():
		w.exitGoal.enable("running", "", cmp.Or(w.Limit, runningTimeout))
		return
	}
	if s.Probe != nil {
		own := verdictTimeout(s.Probe)
		if w.Readiness != nil && !w.Readiness.HasProbe() {
			own = cmp.Or(w.Readiness.Timeout, own)
		}
		w.healthGoal.enable("healthy", "", cmp.Or(w.Limit, own))
	}
	if w.Readiness.HasProbe() {
		w.probeGoal.enable("ready", w.Readiness.ConditionText(), cmp.Or(w.Limit, w.Readiness.Timeout))
	}
}

// verdictTimeout is the time of the engine's own verdict by the numbers of the healthcheck, and 10 s more.
func verdictTimeout(p *engine.Probe) time.Duration {
	return p.StartPeriod + time.Duration(p.Retries+1)*(p.Interval+p.Timeout) + 10*time.Second
}

// waitText describes the open goals of a long wait.
func (w *waiter) waitText() string {
	var unmet []string
	for _, goal := range []*goal{&w.healthGoal, &w.probeGoal, &w.exitGoal} {
		if goal.isDone() {
			continue
		}
		text := cmp.Or(goal.until, "it is "+goal.stateName)
		if goal.stateName == "completed" {
			text = "it has completed"
		}
		if goal.timeout > 0 {
			text += fmt.Sprintf(" (at most %s)", durations.Text(goal.timeout))
		}
		unmet = append(unmet, text)
	}
	return "waiting until " + strings.Join(unmet, " and ")
}
