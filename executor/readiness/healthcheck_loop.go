package readiness

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tasks/executor/engine"
	"tasks/internal/durations"
)

const (
	// An exec costs the engine some tens of milliseconds. Probes take at most a quarter of the time, with pauses
	// between these bounds.
	minPause    = 100 * time.Millisecond
	maxPause    = 500 * time.Millisecond
	pauseFactor = 3

	// codeSIGKILL is the exit code of a command after SIGKILL.
	codeSIGKILL = 128 + 9
)

// backoff is the pause after a probe with a duration.
func backoff(took time.Duration) time.Duration {
	return min(max(pauseFactor*took, minPause), maxPause)
}

// probeResult is the result of a single probe.
type probeResult struct {
	passed bool
	// isFinal reports whether no probe follows: the engine's verdict, or the deadline, decides.
	isFinal bool
	// err is the reason against any probe.
	err error
	// output is the output of a failed probe, with the exit code.
	output string
	// isNotRun reports whether output is the engine's message about a probe without a start, for example for lack of
	// the command. Such a message hides no output of a probe.
	isNotRun bool
}

// isAnswer reports whether the probe has run, or can never run.
func (p probeResult) isAnswer() bool { return p.passed || p.isFinal || p.output != "" }

// probeLoop runs a command in a container again and again.
type probeLoop struct {
	engine engine.Engine
	id     string
	probe  *engine.Probe
	// backoff is the pause after a probe with a duration.
	backoff func(took time.Duration) time.Duration
}

// run probes at once and again, one probe at a time, until the command passes. The engine's first healthcheck comes
// only after the interval, 30 s by default. An overrun of the timeout ends the loop, because the API cannot kill an
// exec. The loop sends each result, until ctx ends.
func (l probeLoop) run(ctx context.Context, results chan<- probeResult) {
	for {
		began := time.Now()
		result := l.runOnce(ctx)
		took := time.Since(began)
		if took >= l.probe.Timeout && !result.passed {
			result = probeResult{isFinal: true, output: fmt.Sprintf("(no answer within %s)", durations.Text(l.probe.Timeout))}
		}
		if !sendResult(ctx, results, result) || result.passed || result.isFinal || !pauseFor(ctx, l.backoff(took)) {
			return
		}
	}
}

// runOnce probes once. A probe without a start, for instance during a restart of the container, is a failure without
// output. A probe killed with the container is too.
func (l probeLoop) runOnce(ctx context.Context) probeResult {
	ctx, cancel := context.WithTimeout(ctx, l.probe.Timeout)
	defer cancel()
	result, err := l.engine.Exec(
		ctx, l.id, engine.ExecCommand{Command: l.probe.Command, User: l.probe.User, Workdir: l.probe.Workdir},
	)
	switch {
	case err != nil:
		return probeResult{}
	case result.ExitCode == 0:
		return probeResult{passed: true}
	case result.ExitCode == codeSIGKILL && result.Output == "", engine.IsEngineNoise(result.Output):
		return probeResult{} // the end of the container killed or prevented the probe
	}
	code := fmt.Sprintf("(exit code %d)", result.ExitCode)
	return probeResult{
		output:   strings.TrimSpace(strings.TrimSpace(result.Output) + " " + code),
		isNotRun: engine.IsExecStartError(result.Output),
	}
}

// sendResult sends a result, and reports whether the wait still listens.
func sendResult(ctx context.Context, results chan<- probeResult, result probeResult) bool {
	select {
	case <-ctx.Done():
		return false
	case results <- result:
		return true
	}
}

// pauseFor waits, and reports whether ctx goes on.
func pauseFor(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
