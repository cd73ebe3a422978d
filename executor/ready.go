package executor

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"tasks/executor/engine"
	"tasks/hclspec"
)

// runningTimeout is how long a container may take to run at all where nothing else is waited for.
const runningTimeout = time.Minute

// goal is one thing that a service is waited for.
type goal struct {
	// isWanted says that there is such a goal; met, that it is reached in the current run of the container.
	isWanted, isMet bool
	// stateName is what the service is when it is reached: "healthy". until says more: "port 5432 accepts connections".
	stateName, until string
	// timeout is how long it may take; 0: for ever.
	timeout  time.Duration
	deadline <-chan time.Time
	// results come from what probes in the background; stop ends that.
	results <-chan probeResult
	stop    context.CancelFunc
	// lastOutput is what the last try that said something had to say.
	lastOutput string
}

func (g *goal) isDone() bool { return !g.isWanted || g.isMet }

// record works in a result, and says whether that calls for another look.
func (g *goal) record(p probeResult) bool {
	if g.lastOutput == "" || !p.isNotRun {
		g.lastOutput = cmp.Or(p.output, g.lastOutput)
	}
	g.isMet = g.isMet || p.passed
	return p.passed
}

// isMissed is called when the time is over, and says whether the goal is missed. One that is met gets the time once more: the
// container may be started again, and then has to meet it again.
func (g *goal) isMissed() bool {
	if g.isMet {
		g.deadline = time.After(g.timeout)
	}
	return !g.isMet
}

// missedText says what has not happened. A service that its restart policy starts again and again comes to its end so.
func (g *goal) missedText() string {
	text := fmt.Sprintf("is not %s after %s", g.stateName, g.timeout)
	if g.until != "" {
		text += ": waited until " + g.until
	}
	return text
}

// enable makes something a goal. Its clock starts, once.
func (g *goal) enable(stateName, until string, timeout time.Duration) {
	if g.isWanted {
		return
	}
	g.isWanted, g.stateName, g.until, g.timeout = true, stateName, until, timeout
	if timeout > 0 {
		g.deadline = time.After(timeout)
	}
}

// startProbe has something probe in the background for the current run of the container.
func (g *serviceWaiter) startProbe(ctx context.Context, goal *goal, probe func(context.Context, chan<- probeResult)) {
	ctx, goal.stop = context.WithCancel(ctx)
	results := make(chan probeResult)
	goal.results = results
	g.probes.Go(func() { probe(ctx, results) })
}

// reset opens a goal again, for another run of the container.
func (g *goal) reset() {
	if g.stop != nil {
		g.stop()
	}
	g.isMet, g.stop, g.results = false, nil, nil
}

// initGoals sets the goals, at the first look, and starts to probe for them when the container runs. What an earlier run of the
// container has reached does not count for the next.
func (g *serviceWaiter) initGoals(ctx context.Context, s engine.ContainerState) {
	g.chooseGoals(s)
	if s.State != "running" || g.condition == hclspec.Completed {
		return
	}
	if !s.StartedAt.Equal(g.startedAt) {
		g.startedAt = s.StartedAt
		g.healthGoal.reset()
		g.probeGoal.reset()
	}
	if health := &g.healthGoal; health.isWanted && health.stop == nil && s.Health != "healthy" && !g.isEngineOnly() {
		g.startProbe(ctx, health, func(ctx context.Context, results chan<- probeResult) {
			probeLoop{engine: g.Engine, id: g.id, probe: s.Probe, backoff: backoff}.run(ctx, results)
		})
	}
	if a := &g.probeGoal; a.isWanted && a.stop == nil {
		g.startProbe(ctx, a, func(ctx context.Context, results chan<- probeResult) { g.probeReadiness(ctx, s, results) })
	}
}

func (g *serviceWaiter) isEngineOnly() bool { return g.readiness != nil && g.readiness.EngineOnly }

// chooseGoals finds out what is to be waited for.
func (g *serviceWaiter) chooseGoals(s engine.ContainerState) {
	limit := g.cfg.WaitTimeout
	switch {
	case g.condition == hclspec.Completed:
		g.exitGoal.enable("completed", "", limit)
		return
	case s.Probe == nil && !g.readiness.HasProbe():
		g.exitGoal.enable("running", "", cmp.Or(limit, runningTimeout))
		return
	}
	if s.Probe != nil {
		own := verdictTimeout(s.Probe)
		if g.readiness != nil && !g.readiness.HasProbe() {
			own = cmp.Or(g.readiness.Timeout, own)
		}
		g.healthGoal.enable("healthy", "", cmp.Or(limit, own))
	}
	if g.readiness.HasProbe() {
		g.probeGoal.enable("ready", g.readiness.ConditionText(), cmp.Or(limit, g.readiness.Timeout))
	}
}

// verdictTimeout is when the engine itself must have come to a verdict, by the healthcheck's own numbers, and some more.
func verdictTimeout(p *engine.Probe) time.Duration {
	return p.StartPeriod + time.Duration(p.Retries+1)*(p.Interval+p.Timeout) + 10*time.Second
}

// waitText tells what a wait that takes long is about.
func (g *serviceWaiter) waitText() string {
	var unmet []string
	for _, goal := range []*goal{&g.healthGoal, &g.probeGoal, &g.exitGoal} {
		if goal.isDone() {
			continue
		}
		text := cmp.Or(goal.until, "it is "+goal.stateName)
		if goal.stateName == "completed" {
			text = "it has completed"
		}
		if goal.timeout > 0 {
			text += fmt.Sprintf(" (at most %s)", goal.timeout)
		}
		unmet = append(unmet, text)
	}
	return "waiting until " + strings.Join(unmet, " and ")
}

// probeReadiness probes as the tasks file says, until it passes or ctx ends.
func (g *serviceWaiter) probeReadiness(ctx context.Context, s engine.ContainerState, results chan<- probeResult) {
	switch g.readiness.Probe {
	case hclspec.LogProbe:
		g.followLog(ctx, results)
	case hclspec.ExecProbe:
		probe := &engine.Probe{Command: g.readiness.Exec, Timeout: g.probeGoal.timeout}
		interval := g.readiness.Interval
		probeLoop{engine: g.Engine, id: g.id, probe: probe, backoff: func(time.Duration) time.Duration { return interval }}.run(ctx, results)
	default:
		g.probePort(ctx, s, results)
	}
}

// followLog looks for the line in the container's log. A stream that ends is followed anew: the engine ends it now and then.
func (g *serviceWaiter) followLog(ctx context.Context, results chan<- probeResult) {
	for {
		var result probeResult
		err := g.Engine.FollowLog(ctx, g.id, func(line string) bool {
			result.passed = g.readiness.LogPattern.MatchString(line)
			return !result.passed
		})
		if engine.IsNotImplemented(err) {
			result.err = fmt.Errorf("%w; choose another logging driver, or probe with tcp, http or exec", err)
		} else if err != nil {
			result.output = err.Error()
		}
		if !sendResult(ctx, results, result) || result.passed || result.err != nil || !pauseFor(ctx, g.readiness.Interval) {
			return
		}
	}
}

// send hands a result on, unless nobody waits any more.
func sendResult(ctx context.Context, results chan<- probeResult, result probeResult) bool {
	select {
	case <-ctx.Done():
		return false
	case results <- result:
		return true
	}
}

func pauseFor(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
