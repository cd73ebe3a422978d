package command

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"tasks/executor/engine"
	"tasks/executor/helper"
	"tasks/internal/prober"
	"tasks/internal/prober/wire"
	"tasks/planner"
)

const (
	// signalTimeout bounds a signal to a command in a container: an engine without an
	// answer must not delay the next signal.
	signalTimeout = 20 * time.Second
	// triesWhileStarting is the number of searches for a command that may still be
	// starting. triesOnceStarted is the number for a command after its start.
	triesWhileStarting = 3
	triesOnceStarted   = 1
)

// signalProcesses signals the processes of the command from a helper container with a view of the service's processes.
func (x *execRun) signalProcesses(sig syscall.Signal, tries int) error {
	ctx, cancel := context.WithTimeout(x.waitCtx, signalTimeout)
	defer cancel()
	if sig != syscall.SIGKILL {
		go func() {
			select {
			case <-ctx.Done():
			case <-x.Control.Kill:
				cancel() // the kill must not wait for an earlier signal
			}
		}()
	}
	err := x.Runner.signalMarked(ctx, x.task.Service, x.container, execMark+"="+x.mark, sig, tries)
	if ctx.Err() != nil && sig != syscall.SIGKILL && x.isKillRequested() {
		return nil
	}
	return err
}

// isKillRequested reports whether the user wants the command killed.
func (x *execRun) isKillRequested() bool {
	select {
	case <-x.Control.Kill:
		return true
	default:
		return false
	}
}

// signalMarked signals the processes with a mark in a service's container. The
// error is [os.ErrProcessDone] without such a process.
func (r *Runner) signalMarked(ctx context.Context, service, id, mark string, sig syscall.Signal, tries int) error {
	for range tries {
		state, err := r.Engine.InspectContainer(ctx, id)
		if engine.IsNotFound(err) || err == nil && !state.State.IsRunning() {
			return os.ErrProcessDone // the processes have ended with the container
		}
		if err != nil {
			return err
		}
		code, output, err := r.runSignaller(ctx, service, state, mark, sig)
		switch {
		case err != nil:
			return fmt.Errorf("signalling processes from a container of tasks' own: %w", err)
		case code == wire.Ready:
			return nil
		case code != wire.NoProcess:
			return fmt.Errorf(
				"signalling processes from a container of tasks' own: it ended with code %d: %s", code, output,
			)
		}
	}
	return os.ErrProcessDone
}

func (r *Runner) runSignaller(
	ctx context.Context, service string, s engine.ContainerState, mark string, sig syscall.Signal,
) (code int, output string, err error) {
	program, err := helper.Program(ctx, r.Engine, prober.SignalEnviron(mark, int(sig)))
	if err != nil {
		return 0, "", err
	}
	var lines []string
	spec := planner.SignalContainer(r.Project, service, r.NewSlug(), &s.Container, program)
	code, err = helper.Run(ctx, r.Env, spec, func(line string) { lines = append(lines, line) })
	return code, strings.Join(lines, "; "), err
}
