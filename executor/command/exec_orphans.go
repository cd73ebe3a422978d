package command

import (
	"context"
	"errors"
	"os"
	"syscall"

	"tasks/executor/engine"
	"tasks/executor/step"
	"tasks/internal/coord"
)

// ExecEntry is a command in the container of a service. All its processes have a mark.
type ExecEntry = coord.ExecEntry

// KillOrphanedExec ends the command of a killed run in a container. A command that has ended is no error.
func KillOrphanedExec(ctx context.Context, e engine.Engine, newSlug func() string, orphan ExecEntry) error {
	// The signalling container is removed at once: no ledger is needed.
	r := &Runner{Env: step.Env{Engine: e, Project: orphan.Project, NewSlug: newSlug, Emit: func(step.Event) {}}}
	if owner, ok := coord.CurrentOwner(); ok {
		r.Self = owner.String()
	}
	ctx, cancel := context.WithTimeout(ctx, signalTimeout)
	defer cancel()
	err := r.signalMarked(
		ctx, orphan.Service, orphan.Container, execMark+"="+orphan.Mark, syscall.SIGKILL, triesOnceStarted,
	)
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}
