package executor

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"tasks/hclspec"
)

// runningLimit is how long a container may take to run at all where nothing else is waited for.
const runningLimit = time.Minute

// goal is one thing that a service is waited for.
type goal struct {
	// wanted says that there is such a goal; met, that it is reached in the current run of the container.
	wanted, met bool
	// word is what the service is when it is reached: "healthy". until says more: "port 5432 accepts connections".
	word, until string
	// limit is how long it may take; 0: for ever.
	limit    time.Duration
	deadline <-chan time.Time
	// results come from what probes in the background; stop ends that.
	results <-chan probeResult
	stop    context.CancelFunc
	// said is what the last try that said something had to say.
	said string
}

func (g *goal) done() bool { return !g.wanted || g.met }

// take works in a result, and says whether that calls for another look.
func (g *goal) take(p probeResult) bool {
	if g.said == "" || !p.notRun {
		g.said = cmp.Or(p.said, g.said)
	}
	g.met = g.met || p.passed
	return p.passed
}

// late is called when the time is over, and says whether the goal is missed. One that is met gets the time once more: the
// container may be started again, and then has to meet it again.
func (g *goal) late() bool {
	if g.met {
		g.deadline = time.After(g.limit)
	}
	return !g.met
}

// missed says what has not happened. A service that its restart policy starts again and again comes to its end so.
func (g *goal) missed() string {
	text := fmt.Sprintf("is not %s after %s", g.word, g.limit)
	if g.until != "" {
		text += ": waited until " + g.until
	}
	return text
}

// want makes something a goal. Its clock starts, once.
func (g *goal) want(word, until string, limit time.Duration) {
	if g.wanted {
		return
	}
	g.wanted, g.word, g.until, g.limit = true, word, until, limit
	if limit > 0 {
		g.deadline = time.After(limit)
	}
}

// begin has something probe in the background for the current run of the container.
func (g *gate) begin(ctx context.Context, goal *goal, probe func(context.Context, chan<- probeResult)) {
	ctx, goal.stop = context.WithCancel(ctx)
	results := make(chan probeResult)
	goal.results = results
	g.probing.Go(func() { probe(ctx, results) })
}

// again opens a goal again, for another run of the container.
func (g *goal) again() {
	if g.stop != nil {
		g.stop()
	}
	g.met, g.stop, g.results = false, nil, nil
}

// aim sets the goals, at the first look, and starts to probe for them when the container runs. What an earlier run of the
// container has reached does not count for the next.
func (g *gate) aim(ctx context.Context, s ContainerState) {
	g.set(s)
	if s.State != "running" || g.condition == hclspec.Completed {
		return
	}
	if !s.Started.Equal(g.run) {
		g.run = s.Started
		g.health.again()
		g.answer.again()
	}
	if h := &g.health; h.wanted && h.stop == nil && s.Health != "healthy" && !g.engineOnly() {
		g.begin(ctx, h, func(ctx context.Context, results chan<- probeResult) {
			tries{engine: g.cfg.Engine, id: g.id, probe: s.Probe, pause: restraint}.run(ctx, results)
		})
	}
	if a := &g.answer; a.wanted && a.stop == nil {
		g.begin(ctx, a, func(ctx context.Context, results chan<- probeResult) { g.probeAnswer(ctx, s, results) })
	}
}

func (g *gate) engineOnly() bool { return g.ready != nil && g.ready.EngineOnly }

// set finds out what is to be waited for.
func (g *gate) set(s ContainerState) {
	limit := g.cfg.WaitTimeout
	switch {
	case g.condition == hclspec.Completed:
		g.ended.want("completed", "", limit)
		return
	case s.Probe == nil && !g.ready.HasProbe():
		g.ended.want("running", "", cmp.Or(limit, runningLimit))
		return
	}
	if s.Probe != nil {
		own := patience(s.Probe)
		if g.ready != nil && !g.ready.HasProbe() {
			own = cmp.Or(g.ready.Timeout, own)
		}
		g.health.want("healthy", "", cmp.Or(limit, own))
	}
	if g.ready.HasProbe() {
		g.answer.want("ready", g.ready.Until(), cmp.Or(limit, g.ready.Timeout))
	}
}

// patience is when the engine itself must have come to a verdict, by the healthcheck's own numbers, and some more.
func patience(p *Probe) time.Duration {
	return p.StartPeriod + time.Duration(p.Retries+1)*(p.Interval+p.Timeout) + 10*time.Second
}

// waitingFor tells what a wait that takes long is about.
func (g *gate) waitingFor() string {
	var open []string
	for _, goal := range []*goal{&g.health, &g.answer, &g.ended} {
		if goal.done() {
			continue
		}
		text := cmp.Or(goal.until, "it is "+goal.word)
		if goal.word == "completed" {
			text = "it has completed"
		}
		if goal.limit > 0 {
			text += fmt.Sprintf(" (at most %s)", goal.limit)
		}
		open = append(open, text)
	}
	return "waiting until " + strings.Join(open, " and ")
}

// probeAnswer probes as the tasks file says, until it passes or ctx ends.
func (g *gate) probeAnswer(ctx context.Context, s ContainerState, results chan<- probeResult) {
	switch g.ready.Probe {
	case hclspec.LogProbe:
		g.followLog(ctx, results)
	case hclspec.ExecProbe:
		probe := &Probe{Command: g.ready.Exec, Timeout: g.answer.limit}
		interval := g.ready.Interval
		tries{engine: g.cfg.Engine, id: g.id, probe: probe, pause: func(time.Duration) time.Duration { return interval }}.run(ctx, results)
	default:
		g.probePort(ctx, s, results)
	}
}

// followLog looks for the line in the container's log. A stream that ends is followed anew: the engine ends it now and then.
func (g *gate) followLog(ctx context.Context, results chan<- probeResult) {
	for {
		var result probeResult
		err := g.cfg.Engine.FollowLog(ctx, g.id, func(line string) bool {
			result.passed = g.ready.Log.MatchString(line)
			return !result.passed
		})
		if isNotImplemented(err) {
			result.err = fmt.Errorf("%w; choose another logging driver, or probe with tcp, http or exec", err)
		} else if err != nil {
			result.said = err.Error()
		}
		if !send(ctx, results, result) || result.passed || result.err != nil || !pause(ctx, g.ready.Interval) {
			return
		}
	}
}

// send hands a result on, unless nobody waits any more.
func send(ctx context.Context, results chan<- probeResult, result probeResult) bool {
	select {
	case <-ctx.Done():
		return false
	case results <- result:
		return true
	}
}

func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
