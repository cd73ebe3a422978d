package command

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"tasks/executor/step"
	"tasks/hclspec"
	"tasks/planner"
)

// runHost runs the command of a task on the host.
func (r *Runner) runHost(ctx context.Context, a *planner.RunHost) (outcome step.Outcome) {
	task, diags := a.Task.Resolve(r.Facts.Results())
	if diags.HasErrors() {
		return step.Outcome{Err: &step.DiagnosticsError{Diagnostics: diags}}
	}
	streams, stdout := captureOutput(r.Observer.StreamsOf(task), task)
	defer func() { outcome = streams.close(outcome) }()
	dir := a.ProjectDir
	if task.Workdir != "" {
		dir = task.Workdir
	}
	if err := r.reportStarted(ctx); err != nil {
		return step.Outcome{Err: err}
	}
	process, err := r.Host.Start(HostCommand{
		Args: task.Command, Dir: dir, Env: overlay(r.hostEnviron(a), task.Env), Streams: streams,
		Foreground: r.Observer.TerminalOf(task) != nil && stdout == nil,
	})
	if err != nil {
		return step.Outcome{Err: err, Code: commandExitCode(err)}
	}
	code, err := r.supervise(ctx, task, process)
	return step.Outcome{Code: code, Err: err, ApplyFacts: RecordResult(task, code, stdout)}
}

// reportStarted reports the start of the command just before the start. A user may answer the first output
// with a signal, and that signal is for the command. reportStarted fails if the run was stopped before.
func (r *Runner) reportStarted(ctx context.Context) error {
	r.Emit(step.CommandStarted{})
	return context.Cause(ctx)
}

// hostEnviron is the environment of a host command: the environment of `tasks`, and
// the variables of its private project.
func (r *Runner) hostEnviron(a *planner.RunHost) []string {
	ports := map[string]*string{}
	for name, value := range a.Ports.Values(r.Facts) {
		ports[name] = &value
	}
	return overlay(r.Environ, ports)
}

// supervise passes signals on until the end of the command. After a signal to end,
// or the end of ctx, the grace period bounds the command.
func (r *Runner) supervise(ctx context.Context, task *hclspec.Task, process HostProcess) (int, error) {
	type exit struct {
		code int
		err  error
	}
	ended := make(chan exit, 1)
	go func() {
		code, err := process.Wait()
		ended <- exit{code, err}
	}()
	stopped, kill := ctx.Done(), r.Control.Kill
	var grace <-chan time.Time
	timeout, hasTimedOut := timeoutChannel(task), false
	for {
		select {
		case e := <-ended:
			if errors.Is(e.err, syscall.EPIPE) {
				return CodeReaderGone, nil
			}
			if errors.Is(e.err, ErrOutputAbandoned) {
				return e.code, nil
			}
			if hasTimedOut && e.err == nil {
				return timeoutResult(task)
			}
			if e.err != nil {
				// Without its output a command ends by SIGPIPE, or not: the code means nothing.
				return commandExitCode(e.err), e.err
			}
			return e.code, nil
		case <-timeout:
			hasTimedOut = true
			r.warnUndelivered(process.Signal(stopSignal(task)))
			grace = time.After(r.gracePeriod(task))
		case sig := <-r.Control.Signals:
			r.warnUndelivered(process.Signal(sig))
			if step.IsStopSignal(sig) {
				timeout = nil // the command ends for another reason
			}
			if step.IsStopSignal(sig) && grace == nil {
				grace = time.After(r.gracePeriod(task))
			}
		case <-kill:
			kill = nil
			r.warnUndelivered(process.Kill())
		case <-stopped:
			stopped = nil
			r.warnUndelivered(process.Signal(stopSignal(task)))
			grace = time.After(r.gracePeriod(task))
		case <-grace:
			r.warnUndelivered(process.Kill())
		}
	}
}

// warnUndelivered reports an undelivered signal. A signal after the end of the command is no failure.
func (r *Runner) warnUndelivered(err error) {
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		r.Warn("a signal did not reach the command: %s", err)
	}
}

// overlay lays a task's environment over another environment. A nil value removes the variable.
func overlay(environ []string, env map[string]*string) []string {
	out := slices.DeleteFunc(slices.Clone(environ), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		_, set := env[name]
		return set
	})
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if value := env[name]; value != nil {
			out = append(out, name+"="+*value)
		}
	}
	return out
}
