package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/moby/sys/signal"

	"tasks/executor/engine"
	"tasks/executor/step"
	"tasks/hclspec"
)

// oneOffRun is the started container of a task with all connections.
type oneOffRun struct {
	*Runner
	container  *step.OneOff
	task       *hclspec.Task
	streams    Streams
	capture    *capture
	attachment engine.Attachment
	exit       <-chan engine.Exit
	copied     chan copyResult
	// exited is closed when the exit of the container is known.
	exited chan struct{}
	// writing counts the writes that wait for the reader of the output.
	writing atomic.Int32
	// detachRequested yields after the detach keys. isDetached reports whether the
	// container then continued without the run.
	detachRequested chan struct{}
	isDetached      bool
	// refusal filters the output of a standby; nil: the container was no standby.
	refusal *refusalFilter
	// undo are the functions to undo start, in reverse order.
	undo []func()
	tty
}

// start attaches and registers the wait before the start of the container. So no byte and
// no exit code is lost, even of a command of a few milliseconds. After the start these
// connections outlive the step's context: the last output of a stopped command counts. outputBegun is closed at the
// first output.
func (o *oneOffRun) start(ctx context.Context, outputBegun <-chan struct{}) (err error) {
	stream, cancel := context.WithCancel(context.WithoutCancel(ctx))
	o.undo = append(o.undo, cancel)
	keepConnected := context.AfterFunc(ctx, cancel)
	defer func() {
		if err != nil {
			o.end()
		}
	}()
	if o.container.Held != nil {
		err = o.release(ctx, outputBegun)
	} else {
		err = o.attachAndStart(ctx, stream)
	}
	if err != nil {
		return err
	}
	if !keepConnected() {
		return context.Cause(ctx) // the step was cancelled: the cleanup removes the container
	}
	// This precedes the first output: a user may answer the output with a signal, and that signal is for the command.
	o.container.IsStarted = true
	o.Emit(step.CommandStarted{})
	o.useTerminal(stream)
	o.connect(stream)
	return nil
}

// attachAndStart connects to the created container, and starts the container.
func (o *oneOffRun) attachAndStart(ctx, stream context.Context) (err error) {
	registered := make(chan error, 1)
	go func() {
		exit, err := o.Engine.Wait(stream, o.container.ID)
		o.exit = exit
		registered <- err
	}()
	o.attachment, err = o.Engine.Attach(stream, o.container.ID, engine.AttachOptions{
		Stdin: o.container.Stdin, TTY: o.container.TTY, DetachKeys: o.detachKeys(),
	})
	if err != nil {
		return fmt.Errorf("attaching to the container: %w", err)
	}
	o.undo = append(o.undo, func() { o.attachment.Close() })
	if err = <-registered; err != nil {
		return fmt.Errorf("waiting for the container: %w", err)
	}
	if err = o.Engine.StartContainer(ctx, o.container.ID); err != nil {
		return o.startError(ctx, err)
	}
	if len(o.container.Ports) > 0 {
		return engine.ForwardPorts(ctx, o.Engine, o.container.ID)
	}
	return nil
}

// startError distinguishes a missing command (127), a command that is not executable
// (126), and a container that cannot be started (125). The engine records the code.
func (o *oneOffRun) startError(ctx context.Context, err error) error {
	ctx, cancel := o.Uncancelled(ctx)
	defer cancel()
	state, inspectErr := o.Engine.InspectContainer(ctx, o.container.ID)
	if inspectErr == nil && (state.ExitCode == step.CodeNotExecutable || state.ExitCode == step.CodeNotFound) {
		err = engine.WithPlace(commandError(o.task, state.ExitCode, err), o.container.Locate)
		return &step.CodedError{Code: state.ExitCode, Err: err}
	}
	return step.ExplainStart("starting the container", err, o.container.Ports, o.container.Locate)
}

// commandError explains why a command does not start. The engine counts some other failures as a missing command.
func commandError(task *hclspec.Task, code int, err error) error {
	what := "is not in the image"
	if code == step.CodeNotExecutable {
		what = "is not executable in the image"
	}
	rejection, ok := errors.AsType[*engine.Rejection](err)
	if !ok {
		return fmt.Errorf("the command %s: %w", what, err)
	}
	if task.IsOnce && strings.HasPrefix(rejection.Program, "-") {
		words := strings.Join(task.Command[min(1, len(task.Command)):], " ")
		return &engine.Rejection{
			Fact: fmt.Sprintf("%q %s", rejection.Program, what), Err: err,
			Remedy: fmt.Sprintf("flags go before the service: tasks once %s %s %s", rejection.Program, task.Service, words),
		}
	}
	return rejection
}

// commandExitCode is the exit code of a command without a start. A failed run has no code of its own.
func commandExitCode(err error) int {
	if coded, ok := errors.AsType[*step.CodedError](err); ok {
		return coded.Code
	}
	return 0
}

// connect starts the copies of the streams.
func (o *oneOffRun) connect(ctx context.Context) {
	o.copied, o.detachRequested = make(chan copyResult, 1), make(chan struct{})
	o.exited = make(chan struct{})
	o.goRestoring(func() { o.copied <- o.copyOutput(ctx) })
	if o.container.Stdin {
		o.copyInput(&o.tty, o.streams.In, o.attachment, func() { close(o.detachRequested) })
	}
}

// useTerminal connects the user's terminal with the container's terminal, if both exist.
func (o *oneOffRun) useTerminal(ctx context.Context) {
	terminal := o.Observer.TerminalOf(o.task)
	if terminal == nil || !o.container.TTY {
		return
	}
	o.acquire(ctx, terminal, func(ctx context.Context, size engine.Size) error {
		return o.Engine.Resize(ctx, o.container.ID, size)
	})
	o.undo = append(o.undo, o.restore)
}

func (o *oneOffRun) end() {
	for i := len(o.undo) - 1; i >= 0; i-- {
		o.undo[i]()
	}
	o.undo = nil
}

// CodeReaderGone is the exit code of a program after the loss of its reader: 128 + SIGPIPE.
const CodeReaderGone = 128 + 13

// drainTimeout bounds the wait for the last output of an ended container.
const drainTimeout = 10 * time.Second

// killAckTimeout bounds the wait for the engine's die event after SIGKILL.
const killAckTimeout = 30 * time.Second

// waitExit passes signals on until the command has ended and its output is complete.
// After a signal to end, the grace period bounds the command; then waitExit kills.
func (o *oneOffRun) waitExit(ctx context.Context) (int, error) {
	uncancelledCtx := context.WithoutCancel(ctx)
	stopped, kill, copied := ctx.Done(), o.Control.Kill, o.copied
	gracePeriod := cmp.Or(o.container.GracePeriod, o.GracePeriod)
	var grace, ackDeadline <-chan time.Time
	var output copyResult
	timeout, hasTimedOut := timeoutChannel(o.task), false
	for {
		select {
		case exit := <-o.exit:
			if exit.Err != nil {
				return 0, &lostError{exit.Err}
			}
			close(o.exited)
			if copied != nil {
				output = o.drain()
			}
			if isRefused, err := o.refusal.isRefused(); isRefused {
				return 0, errStandbyLost
			} else if output.err == nil {
				output.err = err
			}
			code, err := o.outcomeOf(exit.Code, output)
			if hasTimedOut && err == nil && !errors.Is(output.err, syscall.EPIPE) {
				return timeoutResult(o.task)
			}
			return code, err
		case <-ackDeadline:
			return 0, errors.New("the engine does not tell the end of the container")
		case <-timeout:
			hasTimedOut = true
			o.stop(uncancelledCtx, o.container.GracePeriod)
			ackDeadline = time.After(gracePeriod + killAckTimeout)
		case <-o.detachRequested:
			o.detachRunning()
			return 0, nil
		case output = <-copied:
			copied = nil
			if _, isLost := errors.AsType[*lostOutputError](output.err); output.err != nil && !isLost {
				// The output has no reader. An unread connection would block the engine's copy of the output.
				_ = o.attachment.Close()
				unread := unreadGracePeriod(o.container.GracePeriod)
				o.stop(uncancelledCtx, unread)
				ackDeadline = time.After(unread + killAckTimeout)
			}
		case sig := <-o.Control.Signals:
			o.kill(uncancelledCtx, signalName(sig))
			if step.IsStopSignal(sig) {
				timeout = nil // the command ends for another reason
			}
			if step.IsStopSignal(sig) && grace == nil {
				grace = time.After(gracePeriod)
			}
		case <-grace:
			o.kill(uncancelledCtx, "SIGKILL")
			ackDeadline = time.After(killAckTimeout)
		case <-kill:
			kill = nil
			o.kill(uncancelledCtx, "SIGKILL")
			ackDeadline = time.After(killAckTimeout)
		case <-stopped:
			stopped = nil
			o.stop(uncancelledCtx, o.container.GracePeriod)
			ackDeadline = time.After(gracePeriod + killAckTimeout)
		}
	}
}

// drain waits for the last output. The engine has a limited time. The reader of the output has all the time until the
// second signal.
func (o *oneOffRun) drain() copyResult {
	for {
		select {
		case output := <-o.copied:
			return output
		case <-time.After(drainTimeout):
			if o.writing.Load() == 0 {
				return copyResult{err: errors.New("the stream did not end with the container")}
			}
		}
	}
}

// countedWriter counts the writes under way.
type countedWriter struct {
	w       io.Writer
	writing *atomic.Int32
}

func (o *oneOffRun) counted(w io.Writer) io.Writer { return countedWriter{w, &o.writing} }

func (c countedWriter) Write(text []byte) (int, error) {
	c.writing.Add(1)
	defer c.writing.Add(-1)
	return c.w.Write(text)
}

// stop stops the container with its signal and a grace period in the background, so that waitExit sees the exit. A zero
// period stands for that of the engine.
func (o *oneOffRun) stop(ctx context.Context, period time.Duration) {
	var grace *time.Duration
	if period > 0 {
		grace = &period
	}
	go func() { _ = o.Engine.StopContainer(ctx, o.container.ID, grace) }() // a failure shows as a missing exit
}

// kill sends a signal. An ended container is no failure: its exit is on the way. A call without an answer after the
// second signal is none either: the missing exit shows.
func (o *oneOffRun) kill(ctx context.Context, signal string) {
	ctx, cancel := o.Uncancelled(ctx)
	defer cancel()
	err := o.Engine.KillContainer(ctx, o.container.ID, signal)
	if err != nil && ctx.Err() == nil && !engine.IsConflict(err) && !engine.IsNotFound(err) {
		o.Warn("signal %s did not reach the container: %s", signal, err)
	}
}

// signalName returns the engine's name of a signal.
func signalName(sig os.Signal) string {
	for name, number := range signal.SignalMap {
		if number == sig {
			return "SIG" + name
		}
	}
	return sig.String()
}
