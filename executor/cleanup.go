package executor

import (
	"context"
	"fmt"
	"slices"
	"time"
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
	var left []string
	var rest, down []entry
	for _, e := range slices.Backward(r.ledger.entries) {
		switch {
		case r.isPrivate(e.project):
			// all of it goes, together
		case e.kind == proberMade || e.kind == hookMade:
			left = append(left, r.remove(ctx, e)...) // most are gone already
		case e.transient:
			// the end of the session sees to it
		case e.kind == serviceDown:
			down = append(down, e)
		case e.oneOff == nil:
			rest = append(rest, e)
		case e.oneOff.remove || !e.oneOff.started:
			left = append(left, r.remove(ctx, e)...)
		}
	}
	left = append(left, r.removePrivate(ctx)...)
	if r.signal != 0 && !r.wantedStarted() {
		left = append(left, r.undo(ctx, rest)...)
	}
	r.startAgain(ctx, down)
	for _, command := range left {
		r.tell(Notice{Happening: Warned, Text: "could not be removed; to finish: " + command})
	}
}

// undo removes what the run made and nobody else uses, or is about to.
func (r *run) undo(ctx context.Context, made []entry) (left []string) {
	shared := newSharing(r)
	defer shared.done()
	for _, e := range made {
		if !shared.withOthers(ctx, e) {
			left = append(left, r.remove(ctx, e)...)
		}
	}
	return left
}

// startAgain starts what the run took down and did not get to start.
func (r *run) startAgain(ctx context.Context, down []entry) {
	for _, e := range down {
		if err := r.cfg.Engine.StartContainer(ctx, e.id); err != nil && !IsNotFound(err) { // somebody else has replaced it
			r.tell(Notice{Happening: Warned, Text: fmt.Sprintf("could not be started again; to finish: docker start %s   # %s", e.name, err)})
		}
	}
}

// remove takes one thing away, and returns the command that would where it cannot. What somebody else uses stays.
func (r *run) remove(ctx context.Context, e entry) []string {
	command, err := r.takeAway(ctx, e)
	if err == nil || IsConflict(err) && e.kind != oneOffMade && e.kind != proberMade && e.kind != hookMade {
		return nil
	}
	return []string{fmt.Sprintf("%s   # %s", command, err)}
}

// removeForGood is remove for what nobody else has any business with.
func (r *run) removeForGood(ctx context.Context, e entry) []string {
	command, err := r.takeAway(ctx, e)
	if err == nil {
		return nil
	}
	return []string{fmt.Sprintf("%s   # %s", command, err)}
}

// takeAway removes one thing, and tells the command that does the same.
func (r *run) takeAway(ctx context.Context, e entry) (command string, err error) {
	switch e.kind {
	case networkMade:
		return "docker network rm " + e.name, r.cfg.Engine.RemoveNetwork(ctx, e.id)
	case volumeMade:
		return "docker volume rm " + e.name, r.cfg.Engine.RemoveVolume(ctx, e.id)
	default:
		return "docker rm --force --volumes " + e.name, r.cfg.Engine.RemoveContainer(ctx, e.id, RemoveVolumes)
	}
}
