package removal

import (
	"context"
	"slices"
	"time"

	"tasks/executor/engine"
	"tasks/internal/holder/wire"
	"tasks/planner"
	"tasks/planner/observed"
)

const (
	// dismissTimeout bounds the end of a dismissed process, with the engine's work after the end.
	dismissTimeout = 5 * time.Second
	// dismissInterval is the pause between two looks at a dismissed container.
	dismissInterval = 20 * time.Millisecond
)

// DismissStandbys removes the standbys of a watch among containers, and returns the other containers. A watch without
// its standby makes a plain container for the next run. A released standby may still have the name of a standby: its
// command does not notice the signal, and the container is among the others.
func (r Remover) DismissStandbys(
	ctx context.Context, claim planner.Claim, containers []*observed.Container,
) (others []*observed.Container, err error) {
	for i, c := range containers {
		isDismissed := false
		if c.IsStandby() && c.State.IsRunning() && claim.Check(c) == nil {
			if isDismissed, err = r.dismiss(ctx, claim, c); err != nil {
				return slices.Concat(others, containers[i:]), err
			}
		}
		if !isDismissed {
			others = append(others, c)
		}
	}
	return others, nil
}

// dismiss ends a waiting process, and removes its container; false: a command runs.
func (r Remover) dismiss(
	ctx context.Context, claim planner.Claim, c *observed.Container,
) (isDismissed bool, err error) {
	own := Claimed{Engine: r.Engine, Claim: claim}
	err = own.signal(ctx, c, wire.DismissName)
	if err != nil && !engine.IsNotFound(err) && !engine.IsConflict(err) { // a conflict: the process has ended by itself
		return false, manualError(removeFailed, removeCommand+c.Name, err)
	}
	for end := time.Now().Add(dismissTimeout); ; {
		state, err := r.Engine.InspectContainer(ctx, c.ID)
		switch {
		case engine.IsNotFound(err):
			return true, nil
		case err != nil:
			return false, manualError(removeFailed, removeCommand+c.Name, err)
		case !state.State.IsUp():
			err = own.remove(ctx, c, engine.RemoveVolumes)
			return err == nil, manualError(removeFailed, removeCommand+c.Name, err)
		case !state.IsStandby() || time.Now().After(end):
			return false, nil
		}
		select {
		case <-ctx.Done():
			return false, context.Cause(ctx)
		case <-time.After(dismissInterval):
		}
	}
}

// RemoveNetworkFully removes a network like [Remover.RemoveNetwork]. A watch may have made a standby since the
// plan, right after the end of its command: standbys are no reason to keep the network.
func (r Remover) RemoveNetworkFully(ctx context.Context, claim planner.Claim, id, name string) error {
	for attempt := 1; ; attempt++ {
		err := r.RemoveNetwork(ctx, claim, id, name)
		if !engine.IsConflict(err) || attempt == removeAttempts {
			return err
		}
		users, listErr := r.networkUsers(ctx, id)
		if listErr != nil {
			return err
		}
		others, dismissErr := r.DismissStandbys(ctx, claim, users)
		if dismissErr != nil || len(others) > 0 || len(users) == 0 {
			return err
		}
	}
}

// removeAttempts is the number of attempts to remove a network under the standbys of a watch. Without its network, the
// engine starts no further standby.
const removeAttempts = 3
