package executor

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"tasks/hclspec"
	"tasks/planner"
)

// runHost runs the command of a task on the host.
func (w *worker) runHost(ctx context.Context, a *planner.RunHost) outcome {
	task, diags := a.Task.Resolve(w.facts.Results())
	if diags.HasErrors() {
		return outcome{err: &DiagnosticsError{Diagnostics: diags}}
	}
	streams, kept := captured(w.cfg.Observer.StreamsOf(task), task)
	defer streams.Close()
	dir := a.ProjectDir
	if task.Workdir != "" {
		dir = task.Workdir
	}
	if err := w.begins(ctx); err != nil {
		return outcome{err: err}
	}
	process, err := w.cfg.Host.Start(HostCommand{
		Args: task.Command, Dir: dir, Env: overlay(w.environ(a), task.Env), Streams: streams,
		Foreground: w.cfg.Observer.TerminalOf(task) != nil && kept == nil,
	})
	if err != nil {
		return outcome{err: err, code: codeIfCommand(err)}
	}
	code, err := w.accompany(ctx, task, process)
	return outcome{code: code, err: err, learn: learnTask(task, code, kept)}
}

// begins tells the loop of the command before it really starts: who sees its first output may answer with a signal, which then
// is the command's. It fails where the run has been stopped before.
func (w *worker) begins(ctx context.Context) error {
	w.send <- outcome{id: w.step.ID, commandStarted: true}
	return context.Cause(ctx)
}

// environ is what a host command inherits: the environment of `tasks`, and what tells of its private project.
func (w *worker) environ(a *planner.RunHost) []string {
	ports := map[string]*string{}
	for name, value := range a.Ports.Values(w.facts) {
		ports[name] = &value
	}
	return overlay(w.cfg.Environ, ports)
}

// accompany passes signals on until the command has ended. Asked to end by a signal, or by the end of ctx, it is made to
// when the grace period is over.
func (w *worker) accompany(ctx context.Context, task *hclspec.Task, process HostProcess) (int, error) {
	type ending struct {
		code int
		err  error
	}
	ended := make(chan ending, 1)
	go func() {
		code, err := process.Wait()
		ended <- ending{code, err}
	}()
	stopped, kill := ctx.Done(), w.control.kill
	var grace <-chan time.Time
	late, tooLate := deadline(task), false
	for {
		select {
		case e := <-ended:
			if tooLate && e.err == nil {
				return endedLate(task)
			}
			return e.code, e.err
		case <-late:
			tooLate = true
			w.check(process.Signal(stopSignal(task)))
			grace = time.After(w.grace(task))
		case sig := <-w.control.signals:
			w.check(process.Signal(sig))
			if ends(sig) {
				late = nil // it ends for another reason
			}
			if ends(sig) && grace == nil {
				grace = time.After(w.grace(task))
			}
		case <-kill:
			kill = nil
			w.check(process.Kill())
		case <-stopped:
			stopped = nil
			w.check(process.Signal(stopSignal(task)))
			grace = time.After(w.grace(task))
		case <-grace:
			w.check(process.Kill())
		}
	}
}

// check tells of a signal that could not be sent; one that came too late is none.
func (w *worker) check(err error) {
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		w.warn("a signal did not reach the command: %s", err)
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
