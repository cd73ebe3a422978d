package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/moby/sys/signal"

	"tasks/executor/engine"
	"tasks/executor/step"
	"tasks/hclspec"
)

// oneOffRun is one started container of a task and everything that is connected to it.
type oneOffRun struct {
	*Runner
	container  *step.OneOff
	task       *hclspec.Task
	streams    Streams
	capture    *capture
	attachment engine.Attachment
	exit       <-chan engine.Exit
	copied     chan error
	// detachRequested yields once the user has pressed the detach keys; left says that the container then went on alone.
	detachRequested chan struct{}
	isDetached      bool
	// undo undoes what start has set up, last first.
	undo []func()
	tty
}

// start attaches and registers the wait before it starts the container, so that no byte and no exit code of a command that
// ends within milliseconds is lost. Once it has started, these calls are not cancelled with the step: the last words of a
// stopped command count.
func (o *oneOffRun) start(ctx context.Context) (err error) {
	stream, cancel := context.WithCancel(context.WithoutCancel(ctx))
	o.undo = append(o.undo, cancel)
	keepConnected := context.AfterFunc(ctx, cancel)
	defer func() {
		if err != nil {
			o.end()
		}
	}()
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
	if !keepConnected() {
		return context.Cause(ctx) // nobody listens any more: the cleanup takes it away
	}
	// Before the first output is passed on: who sees it may answer with a signal, which then is the command's.
	o.container.IsStarted = true
	o.Emit(step.CommandStarted{})
	o.useTerminal(stream)
	o.connect()
	return nil
}

// startError tells a command that is not there (127) or not executable (126) from a container that cannot be started
// (125): the engine records the code.
func (o *oneOffRun) startError(ctx context.Context, err error) error {
	ctx, cancel := o.Uncancelled(ctx)
	defer cancel()
	state, inspectErr := o.Engine.InspectContainer(ctx, o.container.ID)
	if inspectErr == nil && (state.ExitCode == step.CodeNotExecutable || state.ExitCode == step.CodeNotFound) {
		what := "was not found in the image"
		if state.ExitCode == step.CodeNotExecutable {
			what = "is not executable in the image"
		}
		return &step.CodedError{Code: state.ExitCode, Err: fmt.Errorf("the command %s: %s", what, err)}
	}
	return fmt.Errorf("starting the container: %w", err)
}

// commandExitCode is the code of a command that could not be started; a run that could not be made has none of its own.
func commandExitCode(err error) int {
	if coded, ok := errors.AsType[*step.CodedError](err); ok {
		return coded.Code
	}
	return 0
}

// connect lets the streams flow.
func (o *oneOffRun) connect() {
	o.copied, o.detachRequested = make(chan error, 1), make(chan struct{})
	o.goRestoring(func() { o.copied <- o.attachment.Copy(o.streams.Out, o.streams.Err) })
	if o.container.Stdin {
		o.copyInput(&o.tty, o.streams.In, o.attachment, func() { close(o.detachRequested) })
	}
}

// useTerminal makes the user's terminal the container's, where both are there.
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

// codeBrokenPipe is that of a program whose reader has gone: 128 + SIGPIPE.
const codeBrokenPipe = 128 + 13

// drainTimeout bounds the wait for the last output of a container that has ended.
const drainTimeout = 10 * time.Second

// killAckTimeout is how long an engine may take to tell the end of a container that is killed.
const killAckTimeout = 30 * time.Second

// waitExit passes signals on until the command has ended and its output is complete. A command that was asked to end, and has
// not when its grace period is over, is killed.
func (o *oneOffRun) waitExit(ctx context.Context) (int, error) {
	uncancelledCtx := context.WithoutCancel(ctx)
	stopped, kill, copied := ctx.Done(), o.Control.Kill, o.copied
	gracePeriod := cmp.Or(o.container.GracePeriod, o.GracePeriod)
	var grace, ackDeadline <-chan time.Time
	var outputErr error
	timeout, hasTimedOut := timeoutChannel(o.task), false
	for {
		select {
		case exit := <-o.exit:
			if exit.Err != nil {
				return 0, fmt.Errorf("the engine lost the container: %w", exit.Err)
			}
			if copied != nil {
				outputErr = o.drain()
			}
			switch {
			case errors.Is(outputErr, syscall.EPIPE):
				return codeBrokenPipe, nil // as in `tasks run x | head`: the reader has had enough
			case outputErr != nil:
				return 0, fmt.Errorf("passing on the output: %w", outputErr)
			case hasTimedOut:
				return timeoutResult(o.task)
			}
			return exit.Code, nil
		case <-ackDeadline:
			return 0, errors.New("the engine does not tell the end of the container")
		case <-timeout:
			hasTimedOut = true
			o.stop(uncancelledCtx)
			ackDeadline = time.After(gracePeriod + killAckTimeout)
		case <-o.detachRequested:
			o.detachRunning()
			return 0, nil
		case outputErr = <-copied:
			copied = nil
			if outputErr != nil {
				// Nobody reads on. A connection that is not read would hold up the engine, which passes the output to it.
				_ = o.attachment.Close()
				o.stop(uncancelledCtx)
				ackDeadline = time.After(gracePeriod + killAckTimeout)
			}
		case sig := <-o.Control.Signals:
			o.kill(uncancelledCtx, signalName(sig))
			if step.IsStopSignal(sig) {
				timeout = nil // it ends for another reason
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
			o.stop(uncancelledCtx)
			ackDeadline = time.After(gracePeriod + killAckTimeout)
		}
	}
}

func (o *oneOffRun) drain() error {
	select {
	case err := <-o.copied:
		return err
	case <-time.After(drainTimeout):
		return errors.New("the stream did not end with the container")
	}
}

// stop ends the command in its own way and time, without keeping stay from hearing of it.
func (o *oneOffRun) stop(ctx context.Context) {
	var grace *time.Duration
	if o.container.GracePeriod > 0 {
		grace = &o.container.GracePeriod
	}
	go func() { _ = o.Engine.StopContainer(ctx, o.container.ID, grace) }() // its failure shows as a missing exit
}

// kill sends a signal. A container that has just ended is no failure: its exit is on its way.
func (o *oneOffRun) kill(ctx context.Context, signal string) {
	ctx, cancel := o.Uncancelled(ctx)
	defer cancel()
	if err := o.Engine.KillContainer(ctx, o.container.ID, signal); err != nil && !engine.IsConflict(err) && !engine.IsNotFound(err) {
		o.Warn("signal %s did not reach the container: %s", signal, err)
	}
}

// signalName is the engine's spelling of a signal.
func signalName(sig os.Signal) string {
	for name, number := range signal.SignalMap {
		if number == sig {
			return "SIG" + name
		}
	}
	return sig.String()
}
