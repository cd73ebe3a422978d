package docker

import (
	"context"
	"slices"

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

// VolumeUsers implements [engine.Engine]. The filter of the engine also matches parts of names.
func (e *Engine) VolumeUsers(ctx context.Context, name string) (users []*observed.Container, err error) {
	err = e.call(ctx, "list the containers of volume "+name, func(api *client.Client) error {
		filters := make(client.Filters).Add("volume", name)
		listed, err := api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: filters})
		for _, item := range listed.Items {
			if c := observedContainer(item); c.MountsVolume(name) {
				users = append(users, c)
			}
		}
		return err
	})
	slices.SortFunc(users, byName)
	return users, err
}

// RemoveVolume implements [engine.Engine].
func (e *Engine) RemoveVolume(ctx context.Context, name string) error {
	return e.call(ctx, "remove volume "+name, func(api *client.Client) error {
		_, err := api.VolumeRemove(ctx, name, client.VolumeRemoveOptions{})
		return ignoreNotFound(err)
	})
}
