package executor

import (
	"context"
	"errors"
	"os"
	"syscall"

	"tasks/planner"
)

// ExecNotes remember which commands run in containers of services, for who comes after a run that was killed.
type ExecNotes interface {
	// Executing is called before a command is started; ended, when it has ended or was left alone.
	Executing(ExecNote) (ended func())
}

// ExecNote is a command in the container of a service, whose processes bear a mark.
type ExecNote struct{ Project, Service, Container, Mark string }

// EndExec ends a command that a killed run has left in a container. One that has ended, with its container or by itself, is no
// error.
func EndExec(ctx context.Context, engine Engine, newSlug func() string, left ExecNote) error {
	sent := make(chan outcome)
	defer close(sent)
	go func() {
		for range sent { // what is made is removed at once: nobody keeps a ledger
		}
	}()
	w := &worker{
		cfg: Config{Engine: engine, NewSlug: newSlug}, plan: &planner.Plan{Project: left.Project}, step: &planner.Step{}, control: newControl(), send: sent,
	}
	ctx, cancel := context.WithTimeout(ctx, reachTimeout)
	defer cancel()
	err := w.signalMarked(ctx, left.Service, left.Container, execMark+"="+left.Mark, syscall.SIGKILL, once)
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}
