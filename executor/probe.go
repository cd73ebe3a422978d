package executor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tasks/executor/engine"
)

const (
	// An exec costs the engine some tens of milliseconds: probing takes at most a quarter of the time, and pauses
	// between these bounds.
	minPause    = 100 * time.Millisecond
	maxPause    = 500 * time.Millisecond
	pauseFactor = 3
)

// backoff is the pause after a try that took so long.
func backoff(took time.Duration) time.Duration {
	return min(max(pauseFactor*took, minPause), maxPause)
}

// probeResult is how one of our own tries ended.
type probeResult struct {
	passed bool
	// isFinal says that there will be no further try: the engine's verdict, or the end of the time, is waited for.
	isFinal bool
	// err says why it cannot be tried at all.
	err error
	// said is the output of a probe that failed, and its exit code.
	output string
	// isNotRun says that the words are the engine's, which could not run the probe: there is no such command, or the
	// container is just ending. They hide nothing that a probe has said itself.
	isNotRun bool
}

// probeLoop runs a command in a container again and again.
type probeLoop struct {
	engine engine.Engine
	id     string
	probe  *engine.Probe
	// pause is the time until the next try, after one that took so long.
	backoff func(took time.Duration) time.Duration
}

// run tries at once and again, one at a time, until the command passes. For a healthcheck: the engine's first probe comes
// only after the interval, 30 s by default. It gives up when a try overruns its timeout, because the API cannot kill an
// exec. Each result is sent, until ctx ends.
func (t probeLoop) run(ctx context.Context, results chan<- probeResult) {
	for {
		began := time.Now()
		result := t.runOnce(ctx)
		took := time.Since(began)
		if took >= t.probe.Timeout && !result.passed {
			result = probeResult{isFinal: true, output: fmt.Sprintf("(no answer within %s)", t.probe.Timeout)}
		}
		if !sendResult(ctx, results, result) || result.passed || result.isFinal || !pauseFor(ctx, t.backoff(took)) {
			return
		}
	}
}

// codeSIGKILL is the exit code of a command that SIGKILL ended.
const codeSIGKILL = 128 + 9

// once tries once. That the engine could not run the command, because the container is just restarting for instance, is
// a failure that says nothing, and so is a probe that was killed with it.
func (t probeLoop) runOnce(ctx context.Context) probeResult {
	ctx, cancel := context.WithTimeout(ctx, t.probe.Timeout)
	defer cancel()
	result, err := t.engine.Exec(ctx, t.id, engine.ExecCommand{Command: t.probe.Command, User: t.probe.User, Workdir: t.probe.Workdir})
	switch {
	case err != nil:
		return probeResult{}
	case result.ExitCode == 0:
		return probeResult{passed: true}
	case result.ExitCode == codeSIGKILL && result.Output == "":
		return probeResult{} // the container ended under it
	}
	code := fmt.Sprintf("(exit code %d)", result.ExitCode)
	return probeResult{
		output:   strings.TrimSpace(strings.TrimSpace(result.Output) + " " + code),
		isNotRun: engine.IsExecStartError(result.Output),
	}
}
