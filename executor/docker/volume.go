package docker

import (
	"context"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"tasks/planner"
	"tasks/planner/observed"
)

// CreateVolume implements [engine.Engine]. The engine answers a second creation with the first volume, so a name has
// one volume. made reports whether the volume was missing before.
func (e *Engine) CreateVolume(ctx context.Context, v *planner.Volume) (created string, made bool, err error) {
	err = e.call(ctx, "create volume "+v.Name, func(api *client.Client) error {
		exists, err := api.VolumeInspect(ctx, v.Name, client.VolumeInspectOptions{})
		created = exists.Volume.CreatedAt
		if err == nil || v.External || !errdefs.IsNotFound(err) {
			return err
		}
		creating, stop := lingeringContext(ctx)
		defer stop()
		fresh, err := api.VolumeCreate(creating, client.VolumeCreateOptions{
			Name:       v.Name,
			Driver:     v.Config.Driver,
			DriverOpts: v.Config.DriverOpts,
			Labels:     v.Labels,
		})
		created, made = fresh.Volume.CreatedAt, err == nil
		return err
	})
	return created, made, err
}

// InspectVolume implements [engine.Engine].
func (e *Engine) InspectVolume(ctx context.Context, name string) (found observed.Volume, err error) {
	err = e.call(ctx, "inspect volume "+name, func(api *client.Client) error {
		result, err := api.VolumeInspect(ctx, name, client.VolumeInspectOptions{})
		found = observedVolume(result.Volume)
		return err
	})
	return found, err
}

// RemoveVolume implements [engine.Engine].
func (e *Engine) RemoveVolume(ctx context.Context, name string) error {
	return e.call(ctx, "remove volume "+name, func(api *client.Client) error {
		_, err := api.VolumeRemove(ctx, name, client.VolumeRemoveOptions{})
		return ignoreNotFound(err)
	})
}
