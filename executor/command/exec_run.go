package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/executor/engine"
	"tasks/executor/step"
	"tasks/hclspec"
	"tasks/planner"
)

// execMark is the environment variable of every process of a command in a service's container.
// The mark finds the processes, because the engine can neither signal nor end such a command.
const execMark = "TASKS_EXEC"

// execRun is the command of a task in the running container of its service, with all connections.
type execRun struct {
	*Runner
	task      *hclspec.Task
	container string
	// mark is the value of execMark. ports are the variables with host ports.
	mark    string
	ports   map[string]string
	streams Streams
	command engine.Execution
	tty
	// isAskedToEnd reports whether the command was asked to end: then all its processes end.
	isAskedToEnd atomic.Bool
	// waitCtx is done when the command continues without the run: after a detachment,
	// or if the command cannot be ended.
	waitCtx    context.Context
	cancelWait context.CancelCauseFunc
}

var _ HostProcess = (*execRun)(nil)

// runExec runs the command of a task in the container of its service.
func (r *Runner) runExec(ctx context.Context, a *planner.RunExec) (outcome step.Outcome) {
	task, diags := a.Task.Resolve(r.Facts.Results())
	if diags.HasErrors() {
		return step.Outcome{Err: &step.DiagnosticsError{Diagnostics: diags}}
	}
	x := &execRun{Runner: r, task: task, mark: r.NewSlug()[:16], ports: a.Ports.Values(r.Facts)}
	var err error
	if x.container, err = r.execContainer(a); err != nil {
		return step.Outcome{Err: err}
	}
	var stdout *capture
	x.streams, stdout = captureOutput(r.Observer.StreamsOf(task), task)
	defer func() { outcome = x.streams.close(outcome) }()
	x.waitCtx, x.cancelWait = context.WithCancelCause(context.WithoutCancel(ctx))
	defer x.cancelWait(nil)
	if r.ExecJournal != nil {
		ended := r.ExecJournal.RecordExec(ExecEntry{
			Project: r.Project, Service: task.Service, Container: x.container, Mark: x.mark,
		})
		defer ended()
	}
	if err := x.start(ctx); err != nil {
		return step.Outcome{Err: err}
	}
	defer x.end()
	code, err := r.supervise(ctx, task, x)
	if coded := commandExitCode(err); coded != 0 {
		code = coded
	}
	err = cmp.Or(err, r.fetchOutputs(ctx, x.container, task))
	return step.Outcome{Code: code, Err: err, ApplyFacts: RecordResult(task, code, stdout)}
}

// execContainer returns the container for the command.
func (r *Runner) execContainer(a *planner.RunExec) (string, error) {
	if id := r.Facts.Containers[a.Task.Service]; id != "" && !a.Task.NoDeps {
		return id, nil
	}
	if a.Existing == nil || !a.Existing.State.IsRunning() {
		return "", fmt.Errorf("service %s does not run, and no_deps keeps it from being started. "+
			"Start it first (docker compose up -d %s), or take no_deps out", a.Task.Service, a.Task.Service)
	}
	return a.Existing.ID, nil
}

// errDetached is the cause of waitCtx after a detachment by the user.
var errDetached = errors.New("left alone")

// start starts the command and connects its streams. The call is not cancelled,
// because a started command cannot be ended by the call.
func (x *execRun) start(ctx context.Context) error {
	terminal := x.Observer.TerminalOf(x.task)
	tty := x.task.TTY == hclspec.TTYAlways || x.task.TTY == hclspec.TTYAuto && terminal != nil
	env := types.MappingWithEquals{}
	for name, value := range x.ports {
		env[name] = &value
	}
	maps.Copy(env, x.task.Env)
	env[execMark] = &x.mark
	if err := x.reportStarted(ctx); err != nil {
		return err
	}
	call, cancel := x.Uncancelled(ctx)
	defer cancel()
	var err error
	x.command, err = x.Engine.StartExec(call, x.container,
		engine.ExecCommand{Command: x.task.Command, User: x.task.User, Workdir: x.task.Workdir, Env: env},
		engine.AttachOptions{
			Stdin: x.task.Interactive, TTY: tty, DetachKeys: x.detachKeys(), Size: terminalSize(terminal),
		})
	if engine.IsConflict(err) || engine.IsNotFound(err) {
		return fmt.Errorf("the container of service %s runs no more: %w", x.task.Service, err)
	}
	if err != nil {
		return err
	}
	if tty && terminal != nil {
		x.acquire(x.waitCtx, terminal, x.command.Resize)
	}
	if x.task.Interactive {
		x.copyInput(&x.tty, x.streams.In, x.command, func() { x.abandon(errDetached) })
	}
	return nil
}

// terminalSize returns zero for an unknown size.
func terminalSize(terminal Terminal) (size engine.Size) {
	if terminal != nil {
		size.Rows, size.Columns, _ = terminal.Size()
	}
	return size
}

func (x *execRun) end() {
	_ = x.command.Close()
	x.restore()
}

// abandon stops waiting for the command: the command continues in the container.
func (x *execRun) abandon(cause error) {
	x.cancelWait(cause)
	_ = x.command.Close()
}

// Wait implements [HostProcess].
func (x *execRun) Wait() (int, error) {
	stdout, stderr := &countingWriter{w: x.streams.Out}, &countingWriter{w: x.streams.Err}
	out := &execErrorFilter{next: stdout}
	_ = x.command.Copy(out, stderr) // isBroken tells a broken connection
	if failed := cmp.Or(stdout.err, stderr.err); failed != nil && x.waitCtx.Err() == nil {
		return x.endUnread(failed)
	}
	isBroken := x.isBroken()
	code, err := x.command.Exit(x.waitCtx)
	switch cause := context.Cause(x.waitCtx); {
	case cause == errDetached:
		x.Progress("detached; still running in service " + x.task.Service)
		return 0, out.flush()
	case cause != nil:
		return 0, cause
	case engine.IsNotFound(err):
		return 0, fmt.Errorf("the container of service %s was removed under the command: %w", x.task.Service, err)
	case err != nil:
		return 0, fmt.Errorf("the engine lost the command: %w", err)
	}
	if startErr := out.startError(code); startErr != nil {
		return 0, startErr
	}
	x.killRemaining()
	if err := out.flush(); err != nil {
		return 0, OutputError(err)
	}
	if isBroken {
		return 0, fmt.Errorf("the connection to the command broke before the end of the command, so the rest "+
			"of the output is lost; the engine tells exit code %d. A proxy with a time limit may be the cause", code)
	}
	return code, nil
}

// isBroken reports whether the output has ended without the command. The engine ends the output right after the
// command.
func (x *execRun) isBroken() bool {
	soon, cancel := context.WithTimeout(x.waitCtx, breakDelay)
	defer cancel()
	if _, err := x.command.Exit(soon); err == nil || soon.Err() == nil || x.waitCtx.Err() != nil {
		return false
	}
	isRunning, err := x.command.IsRunning(x.waitCtx)
	return err == nil && isRunning && x.waitCtx.Err() == nil
}

// endUnread ends a command without a reader of its output.
func (x *execRun) endUnread(cause error) (int, error) {
	_ = x.command.Close()
	x.warnUndelivered(x.Signal(stopSignal(x.task)))
	ended, cancel := context.WithTimeout(x.waitCtx, unreadGracePeriod(x.task.StopGracePeriod))
	defer cancel()
	code, err := x.command.Exit(ended)
	if err != nil {
		code = 128 + int(syscall.SIGKILL)
		x.warnUndelivered(x.Kill())
	}
	x.killRemaining()
	switch {
	case errors.Is(cause, syscall.EPIPE):
		return CodeReaderGone, nil // as in `tasks run x | head`: the reader has had enough
	case errors.Is(cause, ErrOutputAbandoned):
		return code, nil
	}
	return 0, OutputError(cause)
}

// Signal implements [HostProcess]: the signal reaches every process of the command.
func (x *execRun) Signal(sig os.Signal) error {
	number, ok := sig.(syscall.Signal)
	if !ok {
		return &os.SyscallError{Syscall: "kill", Err: syscall.EINVAL}
	}
	if step.IsStopSignal(sig) || number == stopSignal(x.task) {
		x.isAskedToEnd.Store(true)
	}
	return x.signalProcesses(number, triesWhileStarting)
}

// killTimeout bounds the time from SIGKILL to the known end of a command.
const killTimeout = 2 * time.Second

// Kill implements [HostProcess]. If the command cannot be ended, for instance
// without its mark, Kill abandons the command, so that the run ends.
func (x *execRun) Kill() error {
	x.isAskedToEnd.Store(true)
	err := x.signalProcesses(syscall.SIGKILL, triesWhileStarting)
	soon, cancel := context.WithTimeout(x.waitCtx, killTimeout)
	defer cancel()
	if _, waited := x.command.Exit(soon); waited == nil || soon.Err() == nil {
		return nil
	}
	if err == nil || errors.Is(err, os.ErrProcessDone) {
		err = errors.New("SIGKILL did not reach it")
	}
	x.abandon(fmt.Errorf(
		"the command could not be ended, and goes on in the container of service %s: %w", x.task.Service, err,
	))
	return nil
}

// killRemaining ends the remaining processes of a command that was asked to end: deaf or background processes.
func (x *execRun) killRemaining() {
	if !x.isAskedToEnd.Load() {
		return
	}
	if err := x.signalProcesses(syscall.SIGKILL, triesOnceStarted); err != nil && !errors.Is(err, os.ErrProcessDone) {
		const warning = "what the command has left behind in the container of service %s could not be ended: %s"
		x.Warn(warning, x.task.Service, err)
	}
}
