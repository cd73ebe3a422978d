package executor

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/executor/engine"
	"tasks/executor/step"
	"tasks/planner"
)

const (
	// hookTailLines and hookTailBytes are how much of a failing hook's output is told, as by Compose.
	hookTailLines = 10
	hookTailBytes = 2 << 10
	// codeKilled is how a command ends in a container that ends.
	codeKilled = 137

	stopContinues = "the container is stopped all the same"
)

// hookError is a hook that did not end with 0, or could not be run.
type hookError struct {
	service, kind string
	index, code   int
	// output are its last lines.
	output string
	// err is set where the hook could not be run.
	err error
}

func (e *hookError) Unwrap() error { return e.err }

func (e *hookError) Error() string {
	text := fmt.Sprintf("service %s: %s[%d] ", e.service, e.kind, e.index)
	if e.err != nil {
		return text + "could not be run: " + e.err.Error()
	}
	text += fmt.Sprintf("ended with code %d", e.code)
	if e.output != "" {
		text += ", and said last:\n" + indent(e.output)
	}
	return text
}

// mayBeInterrupted says that the container's end may be why the hook did not get to its own.
func (e *hookError) mayBeInterrupted() bool {
	// Engines tell an exec that comes too late by the code 126, or by 128 and their words.
	return e.err != nil || e.code == codeKilled || e.code == step.CodeNotExecutable || engine.IsExecStartError(e.output)
}

// runHooks runs the hooks of a service in its container, one after the other, until one fails.
func runHooks(ctx context.Context, e engine.Engine, id, service, kind string, hooks []types.ServiceHook) *hookError {
	for i, hook := range hooks {
		result, err := e.Exec(ctx, id, engine.ExecCommand{
			Command: hook.Command, User: hook.User, Workdir: hook.WorkingDir, Privileged: hook.Privileged, Env: hook.Environment,
		})
		if err != nil || result.ExitCode != 0 {
			tail := outputTail(cmp.Or(strings.TrimSpace(result.Stderr), result.Output))
			return &hookError{service: service, kind: kind, index: i, code: result.ExitCode, output: tail, err: err}
		}
	}
	return nil
}

// outputTail is the end of what a hook printed, without empty lines. Of a line that was written over only the last state counts.
func outputTail(output string) string {
	var lines []string
	for line := range strings.Lines(output) {
		line = strings.TrimRight(line, "\r\n")
		line = line[strings.LastIndex(line, "\r")+1:]
		if strings.TrimSpace(line) != "" {
			lines = append(lines, line)
		}
	}
	text := strings.Join(lines[max(0, len(lines)-hookTailLines):], "\n")
	return strings.ToValidUTF8(text[max(0, len(text)-hookTailBytes):], "")
}

// runPostStartHooks runs what comes after the start of a service's container. A failure is that of the start, though the container
// runs on, as with Compose.
func (w *worker) runPostStartHooks(ctx context.Context, id, service string, hooks []types.ServiceHook) error {
	if failed := runHooks(ctx, w.Engine, id, service, "post_start", hooks); failed != nil {
		return failed
	}
	return nil
}

// runPreStopHooks runs what comes before the stop of a container, if that runs. The stop does not hang on it.
func (w *worker) runPreStopHooks(ctx context.Context, c *planner.ObservedContainer, replica string, hooks []types.ServiceHook) {
	if !isRunning(c) {
		return
	}
	if failed := runHooks(ctx, w.Engine, c.ID, planner.ServiceOf(replica), "pre_stop", hooks); failed.isReportable(ctx) {
		w.Warn("%s\n"+stopContinues, failed)
	}
}

// isReportable says that there is something to warn of: not that the run has ended, nor that the container was stopped by somebody
// else in between.
func (e *hookError) isReportable(ctx context.Context) bool {
	return e != nil && ctx.Err() == nil && !engine.IsConflict(e.err) && !engine.IsNotFound(e.err)
}
