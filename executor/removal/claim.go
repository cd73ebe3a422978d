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

// Claimed acts on containers, networks and volumes. Each act begins with the check of the labels, so that resources of
// others stay as they are. For a container of the run's own making the id is proof enough. The name of a volume may get
// another volume at any time, so volumes and networks are read again right before the act.
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

// signal is [engine.Engine.KillContainer] for a container of the claim.
func (c Claimed) signal(ctx context.Context, found *observed.Container, signal string) error {
	if err := c.Claim.Check(found); err != nil {
		return err
	}
	return c.Engine.KillContainer(ctx, found.ID, signal)
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

// removeNetwork is [engine.Engine.RemoveNetwork] for a network of the claim. A missing network is no error.
func (c Claimed) removeNetwork(ctx context.Context, id string) error {
	err := c.CheckNetworkID(ctx, id)
	switch {
	case engine.IsNotFound(err):
		return nil
	case err != nil:
		return err
	}
	return c.Engine.RemoveNetwork(ctx, id)
}

// CheckNetworkID returns a [planner.ForeignError] for a network outside the claim.
func (c Claimed) CheckNetworkID(ctx context.Context, id string) error {
	state, err := c.Engine.InspectNetwork(ctx, id)
	if err != nil {
		return err
	}
	return c.Claim.CheckNetwork(state.Network)
}

// CheckVolumeName returns a [planner.ForeignError] for a volume outside the claim.
func (c Claimed) CheckVolumeName(ctx context.Context, name string) error {
	return c.checkVolume(ctx, name, false)
}

func (c Claimed) checkVolume(ctx context.Context, name string, isAnonymous bool) error {
	found, err := c.Engine.InspectVolume(ctx, name)
	if err != nil {
		return err
	}
	return c.Claim.CheckVolume(found, isAnonymous)
}

// removeVolume is [engine.Engine.RemoveVolume] for a volume of the claim, or for an anonymous volume of a container of
// the claim. A missing volume is no error.
func (c Claimed) removeVolume(ctx context.Context, name string, isAnonymous bool) error {
	err := c.checkVolume(ctx, name, isAnonymous)
	switch {
	case engine.IsNotFound(err):
		return nil
	case err != nil:
		return err
	}
	return c.Engine.RemoveVolume(ctx, name)
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
