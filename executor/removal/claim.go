// Package removal stops and removes containers, and removes networks and volumes. Every removal of a run is here.
package removal

import (
	"context"
	"fmt"
	"time"

	"tasks/executor/engine"
	"tasks/planner"
	"tasks/planner/observed"
)

// Claimed acts on containers of a snapshot. Each act begins with the check of the labels, so that containers of others
// stay as they are. For a container of the run's own making the id is proof enough.
type Claimed struct {
	Engine engine.Engine
	Claim  planner.Claim
}

// Take returns the id of a container for use as it is: to start, to wait for, to enter, or to join.
func (c Claimed) Take(found *observed.Container) (id string, err error) {
	return found.ID, c.Claim.Check(found)
}

// Stop is [engine.Engine.StopContainer] for a container of the claim.
func (c Claimed) Stop(ctx context.Context, found *observed.Container, grace *time.Duration) error {
	if err := c.Claim.Check(found); err != nil {
		return err
	}
	return c.Engine.StopContainer(ctx, found.ID, grace)
}

// remove is [engine.Engine.RemoveContainer] for a container of the claim.
func (c Claimed) remove(ctx context.Context, found *observed.Container, volumes engine.VolumePolicy) error {
	if err := c.Claim.Check(found); err != nil {
		return err
	}
	return c.Engine.RemoveContainer(ctx, found.ID, volumes)
}

// Rename is [engine.Engine.RenameContainer] for a container of the claim.
func (c Claimed) Rename(ctx context.Context, found *observed.Container, name string) error {
	if err := c.Claim.Check(found); err != nil {
		return err
	}
	return c.Engine.RenameContainer(ctx, found.ID, name)
}

// DisconnectFrom is [engine.Engine.Disconnect] for a container of the claim.
func (c Claimed) DisconnectFrom(
	ctx context.Context, network observed.Network, found *observed.Container,
) (engine.EndpointSettings, error) {
	if err := c.Claim.Check(found); err != nil {
		return engine.EndpointSettings{}, err
	}
	return c.Engine.Disconnect(ctx, network, found.ID)
}

// Named returns the container of the claim with a name; nil: none. A container of others with the name is an error.
func (c Claimed) Named(ctx context.Context, name string) (*engine.ContainerState, error) {
	state, err := c.Engine.InspectContainer(ctx, name)
	switch {
	// the engine took the name for the beginning of an id
	case engine.IsNotFound(err), err == nil && state.Name != name:
		return nil, nil
	case err != nil:
		return nil, err
	}
	if err := c.Claim.Check(&state.Container); err != nil {
		const advice = "remove or rename that container, or choose another name"
		return nil, fmt.Errorf("the name %s is taken: %w: %s", name, err, advice)
	}
	return &state, nil
}
