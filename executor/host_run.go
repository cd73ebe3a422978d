package executor

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"tasks/executor/step"
	"tasks/hclspec"
	"tasks/planner"
)

// runHost runs the command of a task on the host.
func (w *worker) runHost(ctx context.Context, a *planner.RunHost) step.Outcome {
	task, diags := a.Task.Resolve(w.facts.Results())
	if diags.HasErrors() {
		return step.Outcome{Err: &step.DiagnosticsError{Diagnostics: diags}}
	}
	streams, stdout := captureOutput(w.cfg.Observer.StreamsOf(task), task)
	defer streams.Close()
	dir := a.ProjectDir
	if task.Workdir != "" {
		dir = task.Workdir
	}
	if err := w.reportStarted(ctx); err != nil {
		return step.Outcome{Err: err}
	}
	process, err := w.cfg.Host.Start(HostCommand{
		Args: task.Command, Dir: dir, Env: overlay(w.hostEnviron(a), task.Env), Streams: streams,
		Foreground: w.cfg.Observer.TerminalOf(task) != nil && stdout == nil,
	})
	if err != nil {
		return step.Outcome{Err: err, Code: commandExitCode(err)}
	}
	code, err := w.supervise(ctx, task, process)
	return step.Outcome{Code: code, Err: err, ApplyFacts: recordTaskResult(task, code, stdout)}
}

// reportStarted tells the loop of the command before it really starts: who sees its first output may answer with a signal, which then
// is the command's. It fails where the run has been stopped before.
func (w *worker) reportStarted(ctx context.Context) error {
	w.Emit(step.CommandStarted{})
	return context.Cause(ctx)
}

// hostEnviron is what a host command inherits: the environment of `tasks`, and what tells of its private project.
func (w *worker) hostEnviron(a *planner.RunHost) []string {
	ports := map[string]*string{}
	for name, value := range a.Ports.Values(w.facts) {
		ports[name] = &value
	}
	return overlay(w.cfg.Environ, ports)
}

// supervise passes signals on until the command has ended. Asked to end by a signal, or by the end of ctx, it is made to
// when the grace period is over.
func (w *worker) supervise(ctx context.Context, task *hclspec.Task, process HostProcess) (int, error) {
	type exit struct {
		code int
		err  error
	}
	ended := make(chan exit, 1)
	go func() {
		code, err := process.Wait()
		ended <- exit{code, err}
	}()
	stopped, kill := ctx.Done(), w.control.Kill
	var grace <-chan time.Time
	timeout, hasTimedOut := timeoutChannel(task), false
	for {
		select {
		case e := <-ended:
			if hasTimedOut && e.err == nil {
				return timeoutResult(task)
			}
			return e.code, e.err
		case <-timeout:
			hasTimedOut = true
			w.warnUndelivered(process.Signal(stopSignal(task)))
			grace = time.After(w.gracePeriod(task))
		case sig := <-w.control.Signals:
			w.warnUndelivered(process.Signal(sig))
			if step.IsStopSignal(sig) {
				timeout = nil // it ends for another reason
			}
			if step.IsStopSignal(sig) && grace == nil {
				grace = time.After(w.gracePeriod(task))
			}
		case <-kill:
			kill = nil
			w.warnUndelivered(process.Kill())
		case <-stopped:
			stopped = nil
			w.warnUndelivered(process.Signal(stopSignal(task)))
			grace = time.After(w.gracePeriod(task))
		case <-grace:
			w.warnUndelivered(process.Kill())
		}
	}
}

// warnUndelivered tells of a signal that could not be sent; one that came too late is none.
func (w *worker) warnUndelivered(err error) {
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		w.Warn("a signal did not reach the command: %s", err)
	}
}

// overlay lays a task's environment over another; a nil value takes the name out.
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
