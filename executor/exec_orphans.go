package executor

import (
	"context"
	"errors"
	"os"
	"syscall"

	"tasks/executor/engine"
	"tasks/executor/step"
	"tasks/internal/coord"
	"tasks/planner"
)

// ExecJournal remember which commands run in containers of services, for who comes after a run that was killed.
type ExecJournal interface {
	// RecordExec is called before a command is started; ended, when it has ended or was left alone.
	RecordExec(ExecEntry) (ended func())
}

// ExecEntry is a command in the container of a service, whose processes bear a mark.
type ExecEntry = coord.ExecEntry

// KillOrphanedExec ends a command that a killed run has left in a container. One that has ended, with its container or by itself, is no
// error.
func KillOrphanedExec(ctx context.Context, e engine.Engine, newSlug func() string, orphan ExecEntry) error {
	// The signalling container is removed at once: no ledger is needed.
	env := step.Env{Engine: e, Project: orphan.Project, NewSlug: newSlug, Emit: func(step.Event) {}}
	w := &worker{Env: env, plan: &planner.Plan{Project: orphan.Project}, step: &planner.Step{}, control: step.NewControl()}
	ctx, cancel := context.WithTimeout(ctx, signalTimeout)
	defer cancel()
	err := w.signalMarked(ctx, orphan.Service, orphan.Container, execMark+"="+orphan.Mark, syscall.SIGKILL, triesOnceStarted)
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}
