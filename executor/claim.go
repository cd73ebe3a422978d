package executor

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"tasks/executor/engine"
	"tasks/planner"
)

// claimed acts on containers that a look has found. Each act begins with the check of the labels, so that a container
// of others stays as it is. A container that the run has made itself needs no check: the run knows the id.
type claimed struct {
	engine engine.Engine
	claim  planner.Claim
}

// claimService is the claim of a step on the containers of a service, by the name of one of its instances.
func (w *worker) claimService(instance string) claimed {
	return claimed{engine: w.Engine, claim: planner.ServiceClaim(w.Project, planner.ServiceOf(instance))}
}

// claimProject is the claim of a step on all containers of its project, and on those of private copies of the project.
func (w *worker) claimProject() claimed {
	original := cmp.Or(w.plan.Scopes[w.step.Scope].Original, w.Project)
	return claimed{engine: w.Engine, claim: planner.Claim{Project: w.Project, Original: original}}
}

// take returns the id of a container that is used as it is: started, waited for, entered, or joined by others.
func (c claimed) take(found *planner.ObservedContainer) (id string, err error) {
	return found.ID, c.claim.Check(found)
}

// stop is [Engine.StopContainer] for a container of the claim.
func (c claimed) stop(ctx context.Context, found *planner.ObservedContainer, grace *time.Duration) error {
	if err := c.claim.Check(found); err != nil {
		return err
	}
	return c.engine.StopContainer(ctx, found.ID, grace)
}

// remove is [Engine.RemoveContainer] for a container of the claim.
func (c claimed) remove(ctx context.Context, found *planner.ObservedContainer, volumes engine.VolumePolicy) error {
	if err := c.claim.Check(found); err != nil {
		return err
	}
	return c.engine.RemoveContainer(ctx, found.ID, volumes)
}

// stopAndRemove stops a container of the claim in order, and removes it with its anonymous volumes.
func (c claimed) stopAndRemove(ctx context.Context, found *planner.ObservedContainer) error {
	if err := c.stop(ctx, found, nil); err != nil {
		return err
	}
	return c.remove(ctx, found, engine.RemoveVolumes)
}

// rename is [Engine.RenameContainer] for a container of the claim.
func (c claimed) rename(ctx context.Context, found *planner.ObservedContainer, name string) error {
	if err := c.claim.Check(found); err != nil {
		return err
	}
	return c.engine.RenameContainer(ctx, found.ID, name)
}

// disconnect is [Engine.Disconnect] for a container of the claim.
func (c claimed) disconnect(
	ctx context.Context, network planner.ObservedNetwork, found *planner.ObservedContainer,
) (engine.EndpointSettings, error) {
	if err := c.claim.Check(found); err != nil {
		return engine.EndpointSettings{}, err
	}
	return c.engine.Disconnect(ctx, network, found.ID)
}

// named finds the container of the claim that has a name; nil: there is none. A container of others with the name is
// an error.
func (c claimed) named(ctx context.Context, name string) (*engine.ContainerState, error) {
	state, err := c.engine.InspectContainer(ctx, name)
	switch {
	case engine.IsNotFound(err), err == nil && state.Name != name: // the engine has taken the name for the beginning of an id
		return nil, nil
	case err != nil:
		return nil, err
	}
	if err := c.claim.Check(&state.ObservedContainer); err != nil {
		const advice = "remove or rename that container, or choose another name"
		return nil, fmt.Errorf("the name %s is taken: %w: %s", name, err, advice)
	}
	return &state, nil
}
