package readiness

import (
	"context"
	"fmt"
	"time"

	"tasks/executor/engine"
	"tasks/executor/helper"
	"tasks/executor/step"
	"tasks/hclspec"
	"tasks/internal/prober"
	"tasks/internal/prober/wire"
	"tasks/planner"
)

// blockProbe is the probe of a `ready` block in a run of the container.
type blockProbe struct {
	env         step.Env
	replica, id string
	readiness   *hclspec.Readiness
	timeout     time.Duration
}

// run probes as the tasks file says, until the probe passes or ctx ends.
func (p blockProbe) run(ctx context.Context, s engine.ContainerState, results chan<- probeResult) {
	switch p.readiness.Probe {
	case hclspec.LogProbe:
		p.followLog(ctx, results)
	case hclspec.ExecProbe:
		probe := &engine.Probe{Command: p.readiness.Exec, Timeout: p.timeout}
		interval := func(time.Duration) time.Duration { return p.readiness.Interval }
		probeLoop{engine: p.env.Engine, id: p.id, probe: probe, backoff: interval}.run(ctx, results)
	default:
		p.probePort(ctx, s, results)
	}
}

// followLog waits for a line in the container's log. After the end of the stream followLog opens a new one: engines end
// the stream now and then.
func (p blockProbe) followLog(ctx context.Context, results chan<- probeResult) {
	for {
		var result probeResult
		err := p.env.Engine.FollowLog(ctx, p.id, func(line string) bool {
			result.passed = p.readiness.LogPattern.MatchString(line)
			return !result.passed
		})
		if engine.IsNotImplemented(err) {
			result.err = fmt.Errorf("%w; choose another logging driver, or probe with tcp, http or exec", err)
		} else if err != nil {
			result.output = err.Error()
		}
		isFinal := result.passed || result.err != nil
		if !sendResult(ctx, results, result) || isFinal || !pauseFor(ctx, p.readiness.Interval) {
			return
		}
	}
}

// probeWithHelper tries the port from the network namespace of the service's container, until the port answers. A
// single container makes all tries.
func (p blockProbe) probeWithHelper(
	ctx context.Context, s engine.ContainerState, target prober.Target, results chan<- probeResult,
) {
	result := p.runHelper(ctx, s, target, func(line string) { sendResult(ctx, results, probeResult{output: line}) })
	if result.err != nil && p.hasChanged(ctx, s) {
		return // the container has ended or restarted: the next inspection tells
	}
	sendResult(ctx, results, result)
}

// hasChanged reports whether the run of the container is over.
func (p blockProbe) hasChanged(ctx context.Context, s engine.ContainerState) bool {
	now, err := p.env.Engine.InspectContainer(ctx, p.id)
	return err == nil && (!now.State.IsRunning() || !now.StartedAt.Equal(s.StartedAt))
}

// runHelper runs the helper container until it ends, or until ctx ends. Afterwards the helper is gone.
func (p blockProbe) runHelper(
	ctx context.Context, s engine.ContainerState, target prober.Target, onLine func(string),
) probeResult {
	program, err := helper.Program(ctx, p.env.Engine, target.Environ())
	if err != nil {
		return probeResult{err: fmt.Errorf(
			"tcp and http probes need a program of tasks' own there: %w: use exec or log", err,
		)}
	}
	spec := planner.ProbeContainer(
		p.env.Project, planner.ServiceOf(p.replica), p.env.NewSlug(), &s.Container, program,
	)
	switch code, err := helper.Run(ctx, p.env, spec, onLine); {
	case err != nil:
		return probeResult{err: err}
	case code == wire.Ready:
		return probeResult{passed: true}
	case code == wire.GaveUp:
		return probeResult{isFinal: true}
	default:
		return probeResult{err: fmt.Errorf("the prober's container ended with code %d", code)}
	}
}
