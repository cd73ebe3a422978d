package executor

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tasks/executor/engine"
	"tasks/executor/step"
)

// cleanupTimeout bounds the whole cleanup: an engine that does not answer must not keep the user waiting for ever.
const cleanupTimeout = time.Minute

// cleanUp removes what the run made and must not outlive it, in reverse order, and goes on after errors. One-offs always
// go, unless rm = false and they have run. When an interrupt came before a wanted command started, everything that this
// run made goes, as far as nothing else uses it; otherwise services stay, for the next run. What ran before and is down
// because of this run runs again, whatever its end.
func (r *run) cleanUp(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, cleanupTimeout)
	defer cancel()
	var commands []string
	var rest, stopped []step.Entry
	for _, e := range slices.Backward(r.ledger.entries) {
		switch {
		case r.isPrivate(e.Project):
			// all of it goes, together
		case e.Kind == step.HelperEntry || e.Kind == step.HookEntry:
			commands = append(commands, r.removeEntry(ctx, e)...) // most are gone already
		case e.IsTransient:
			// the end of the session sees to it
		case e.Kind == step.StoppedServiceEntry:
			stopped = append(stopped, e)
		case e.OneOff == nil:
			rest = append(rest, e)
		case e.OneOff.RemoveAfterRun || !e.OneOff.IsStarted:
			commands = append(commands, r.removeEntry(ctx, e)...)
		}
	}
	commands = append(commands, r.removePrivateProjects(ctx)...)
	if r.signal != 0 && !r.hasTargetStarted() {
		commands = append(commands, r.removeUnshared(ctx, rest)...)
	}
	r.restartStopped(ctx, stopped)
	for _, command := range commands {
		r.notify(Notice{Kind: Warned, Text: "could not be removed; to finish: " + command})
	}
}

// removeUnshared removes what the run made and nobody else uses, or is about to.
func (r *run) removeUnshared(ctx context.Context, entries []step.Entry) (commands []string) {
	usage := newUsageCheck(r)
	defer usage.unlockAll()
	for _, e := range entries {
		if !usage.isUsedByOthers(ctx, e) {
			commands = append(commands, r.removeEntry(ctx, e)...)
		}
	}
	return commands
}

// restartStopped starts what the run took down and did not get to start.
func (r *run) restartStopped(ctx context.Context, stopped []step.Entry) {
	for _, e := range stopped {
		if err := r.cfg.Engine.StartContainer(ctx, e.ID); err != nil && !engine.IsNotFound(err) { // somebody else has replaced it
			r.notify(Notice{Kind: Warned, Text: fmt.Sprintf("could not be started again; to finish: docker start %s   # %s", e.Name, err)})
		}
	}
}

// remove takes one thing away, and returns the command that would where it cannot. What somebody else uses stays.
func (r *run) removeEntry(ctx context.Context, e step.Entry) []string {
	command, err := r.removeFromEngine(ctx, e)
	if err == nil || engine.IsConflict(err) && e.Kind != step.OneOffEntry && e.Kind != step.HelperEntry && e.Kind != step.HookEntry {
		return nil
	}
	return []string{fmt.Sprintf("%s   # %s", command, err)}
}

// removePrivateEntry is remove for what nobody else has any business with.
func (r *run) removePrivateEntry(ctx context.Context, e step.Entry) []string {
	command, err := r.removeFromEngine(ctx, e)
	if err == nil {
		return nil
	}
	return []string{fmt.Sprintf("%s   # %s", command, err)}
}

// removeFromEngine removes one thing, and tells the command that does the same.
func (r *run) removeFromEngine(ctx context.Context, e step.Entry) (command string, err error) {
	switch e.Kind {
	case step.NetworkEntry:
		return "docker network rm " + e.Name, r.cfg.Engine.RemoveNetwork(ctx, e.ID)
	case step.VolumeEntry:
		return "docker volume rm " + e.Name, r.cfg.Engine.RemoveVolume(ctx, e.ID)
	default:
		return "docker rm --force --volumes " + e.Name, r.cfg.Engine.RemoveContainer(ctx, e.ID, engine.RemoveVolumes)
	}
}
