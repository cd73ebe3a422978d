package executor

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/hclspec"
	"tasks/planner"
)

// execMark is the variable that every process of a command bears which was started in a service's container: by it they are
// found again, because the engine can neither signal nor end such a command.
const execMark = "TASKS_EXEC"

// execRun is the command of a task in the running container of its service, with everything that is connected to it.
type execRun struct {
	*worker
	task      *hclspec.Task
	container string
	// mark is the value of its variable, ports are the variables that tell of host ports.
	mark    string
	ports   map[string]string
	streams Streams
	command Execution
	screen
	// asked says that it was asked to end: then nothing of it stays.
	asked atomic.Bool
	// alone is done when the command goes on alone: the user has left it, or there is no way to end it.
	alone context.Context
	leave context.CancelCauseFunc
}

var _ HostProcess = (*execRun)(nil)

// runExec runs the command of a task in the container of its service.
func (w *worker) runExec(ctx context.Context, a *planner.RunExec) outcome {
	task, diags := a.Task.Resolve(w.facts.Results())
	if diags.HasErrors() {
		return outcome{err: &DiagnosticsError{Diagnostics: diags}}
	}
	x := &execRun{worker: w, task: task, mark: w.cfg.NewSlug()[:16], ports: a.Ports.Values(w.facts)}
	var err error
	if x.container, err = w.execTarget(a); err != nil {
		return outcome{err: err}
	}
	var kept *capture
	x.streams, kept = captured(w.cfg.Observer.StreamsOf(task), task)
	defer x.streams.Close()
	x.alone, x.leave = context.WithCancelCause(context.WithoutCancel(ctx))
	defer x.leave(nil)
	if w.cfg.Execs != nil {
		ended := w.cfg.Execs.Executing(ExecNote{Project: w.project(), Service: task.Service, Container: x.container, Mark: x.mark})
		defer ended()
	}
	if err := x.start(ctx); err != nil {
		return outcome{err: err}
	}
	defer x.end()
	code, err := w.accompany(ctx, task, x)
	if coded := codeIfCommand(err); coded != 0 {
		code = coded
	}
	return outcome{code: code, err: err, learn: learnTask(task, code, kept)}
}

// execTarget is the container that the command runs in.
func (w *worker) execTarget(a *planner.RunExec) (string, error) {
	if id := w.facts.Containers[a.Task.Service]; id != "" && !a.Task.NoDeps {
		return id, nil
	}
	if a.Have == nil || !ran(a.Have) {
		return "", fmt.Errorf("service %s does not run, and no_deps keeps it from being started. Start it first (docker compose up -d %s), or take no_deps out",
			a.Task.Service, a.Task.Service)
	}
	return a.Have.ID, nil
}

// errLeft says that the user has left the command to itself.
var errLeft = errors.New("left alone")

// start starts the command and connects its streams. The call is not cancelled: nobody could end what it has begun.
func (x *execRun) start(ctx context.Context) error {
	terminal := x.cfg.Observer.TerminalOf(x.task)
	tty := x.task.TTY == hclspec.TTYAlways || x.task.TTY == hclspec.TTYAuto && terminal != nil
	env := types.MappingWithEquals{}
	for name, value := range x.ports {
		env[name] = &value
	}
	maps.Copy(env, x.task.Env)
	env[execMark] = &x.mark
	if err := x.begins(ctx); err != nil {
		return err
	}
	call, cancel := x.uncancelled(ctx)
	defer cancel()
	var err error
	x.command, err = x.cfg.Engine.StartExec(call, x.container,
		ExecCommand{Command: x.task.Command, User: x.task.User, Workdir: x.task.Workdir, Env: env},
		AttachOptions{Stdin: x.task.Interactive, TTY: tty, DetachKeys: x.detachKeys(), Size: sizeOf(terminal)})
	if IsConflict(err) || IsNotFound(err) {
		return fmt.Errorf("the container of service %s runs no more: %w", x.task.Service, err)
	}
	if err != nil {
		return err
	}
	if tty && terminal != nil {
		x.lend(x.alone, terminal, x.command.Resize)
	}
	if x.task.Interactive {
		x.feed(&x.screen, x.streams.In, x.command, func() { x.goOnAlone(errLeft) })
	}
	return nil
}

// sizeOf is zero where nobody knows it.
func sizeOf(terminal Terminal) (size Size) {
	if terminal != nil {
		size.Rows, size.Columns, _ = terminal.Size()
	}
	return size
}

func (x *execRun) end() {
	_ = x.command.Close()
	x.giveBack()
}

// goOnAlone gives the command up: it goes on in the container.
func (x *execRun) goOnAlone(why error) {
	x.leave(why)
	_ = x.command.Close()
}

// Wait implements [HostProcess].
func (x *execRun) Wait() (int, error) {
	out := &refusal{next: x.streams.Out}
	err := x.command.Copy(out, x.streams.Err)
	if err != nil && x.alone.Err() == nil {
		return x.cutOff(err)
	}
	code, err := x.command.Exit(x.alone)
	switch why := context.Cause(x.alone); {
	case why == errLeft:
		x.send <- outcome{id: x.step.ID, notice: &Notice{Happening: Progressed, Text: "left alone: it goes on in the container of service " + x.task.Service}}
		return 0, out.pass()
	case why != nil:
		return 0, why
	case IsNotFound(err):
		return 0, fmt.Errorf("the container of service %s was removed under the command: %w", x.task.Service, err)
	case err != nil:
		return 0, fmt.Errorf("the engine lost the command: %w", err)
	}
	if refused := out.verdict(code); refused != nil {
		return 0, refused
	}
	x.sweep()
	return code, out.pass()
}

// cutOff ends a command whose output nobody takes any more.
func (x *execRun) cutOff(why error) (int, error) {
	_ = x.command.Close()
	x.check(x.Signal(stopSignal(x.task)))
	ended, cancel := context.WithTimeout(x.alone, x.grace(x.task))
	defer cancel()
	if _, err := x.command.Exit(ended); err != nil {
		x.check(x.Kill())
	}
	x.sweep()
	if errors.Is(why, syscall.EPIPE) {
		return codeBrokenPipe, nil // as in `tasks run x | head`: the reader has had enough
	}
	return 0, fmt.Errorf("passing on the output: %w", why)
}

// Signal implements [HostProcess]: it reaches every process of the command.
func (x *execRun) Signal(sig os.Signal) error {
	number, ok := sig.(syscall.Signal)
	if !ok {
		return &os.SyscallError{Syscall: "kill", Err: syscall.EINVAL}
	}
	if ends(sig) || number == stopSignal(x.task) {
		x.asked.Store(true)
	}
	return x.reach(number, mayStart)
}

// killTimeout is how long a command may take to end by SIGKILL, and its end to be known.
const killTimeout = 5 * time.Second

// Kill implements [HostProcess]. Where a command cannot be ended, because it has given up its mark for instance, it is given
// up itself, so that the run comes to its end.
func (x *execRun) Kill() error {
	x.asked.Store(true)
	err := x.reach(syscall.SIGKILL, mayStart)
	soon, cancel := context.WithTimeout(x.alone, killTimeout)
	defer cancel()
	if _, waited := x.command.Exit(soon); waited == nil || soon.Err() == nil {
		return nil
	}
	if err == nil || errors.Is(err, os.ErrProcessDone) {
		err = errors.New("SIGKILL did not reach it")
	}
	x.goOnAlone(fmt.Errorf("the command could not be ended, and goes on in the container of service %s: %w", x.task.Service, err))
	return nil
}

// sweep ends what a command that was asked to end has left behind: processes that did not hear, or that hid in the background.
func (x *execRun) sweep() {
	if !x.asked.Load() {
		return
	}
	if err := x.reach(syscall.SIGKILL, once); err != nil && !errors.Is(err, os.ErrProcessDone) {
		x.warn("what the command has left behind in the container of service %s could not be ended: %s", x.task.Service, err)
	}
}
