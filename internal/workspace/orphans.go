package workspace

import (
	"context"
	"errors"
	"fmt"

	"tasks/executor/command"
	"tasks/executor/engine"
	"tasks/internal/coord"
)

// OrphanKiller kills the commands of dead runs: on the host, and in service containers.
type OrphanKiller struct {
	Journal *coord.Journal
	// Connect returns the engine. OrphanKiller asks only if a container has such a command.
	Connect func() (engine.Engine, error)
	// NewSlug makes the random part of the names of helper containers.
	NewSlug func() string
}

// KillOrphans implements [executor.OrphanKiller].
func (k OrphanKiller) KillOrphans(ctx context.Context) (killed int, err error) {
	killed, err = k.Journal.KillOrphans()
	return killed, errors.Join(append(k.KillExecs(ctx), err)...)
}

// KillExecs kills the commands in service containers. The next call tries again after an error.
func (k OrphanKiller) KillExecs(ctx context.Context) (errs []error) {
	orphaned, err := k.Journal.OrphanedExecs()
	if err != nil {
		const unknown = "whether commands in containers of runs that were killed still run is not known: %w"
		errs = append(errs, fmt.Errorf(unknown, err))
	}
	for _, x := range orphaned {
		connected, err := k.Connect()
		if err == nil {
			err = command.KillOrphanedExec(ctx, connected, k.NewSlug, x)
		}
		if err != nil {
			const failed = "a command of a run that was killed may go on in the container of service %s: %w"
			errs = append(errs, fmt.Errorf(failed, x.Service, err))
			continue
		}
		k.Journal.RemoveExec(x)
	}
	return errs
}

// orphanKiller returns the killer for commands of crashed runs in a project.
func (c Config) orphanKiller(store *coord.Store) OrphanKiller {
	connect := func() (engine.Engine, error) { return c.Engine.Connect() }
	return OrphanKiller{Journal: store.Journal(), Connect: connect, NewSlug: newSlug}
}

// killOrphans kills the commands of crashed runs in a project, and warns about commands that may go on.
func (c Config) killOrphans(ctx context.Context, store *coord.Store) {
	killed, err := store.Journal().KillOrphans()
	if _, isUnwritable := errors.AsType[*coord.UnwritableError](err); isUnwritable {
		c.warn(err.Error() + ": commands of killed runs go on, and no task is up to date")
		return
	}
	if err != nil {
		c.warn("whether commands of runs that were killed still run is not known: " + err.Error())
	}
	if killed > 0 {
		c.Reporter.PrintEndedCommands(killed)
	}
	for _, err := range c.orphanKiller(store).KillExecs(ctx) {
		c.warn(err.Error())
	}
}

// warn shows a warning; an empty text is no warning.
func (c Config) warn(text string) {
	if text != "" {
		c.Reporter.PrintWarning(text)
	}
}
