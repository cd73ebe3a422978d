package docker

import (
	"context"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"tasks/executor/engine"
)

// StartContainer implements [engine.Engine].
func (e *Engine) StartContainer(ctx context.Context, id string) error {
	return e.call(ctx, "start container "+shortID(id), func(api *client.Client) error {
		_, err := api.ContainerStart(ctx, id, client.ContainerStartOptions{})
		return explainTakenPort(ctx, api, id, err)
	})
}

// UnpauseContainer implements [engine.Engine].
func (e *Engine) UnpauseContainer(ctx context.Context, id string) error {
	return e.call(ctx, "unpause container "+shortID(id), func(api *client.Client) error {
		_, err := api.ContainerUnpause(ctx, id, client.ContainerUnpauseOptions{})
		return err
	})
}

// StopContainer implements [engine.Engine]. The engine takes whole seconds. The grace period is rounded up.
func (e *Engine) StopContainer(ctx context.Context, id string, grace *time.Duration) error {
	return e.call(ctx, "stop container "+shortID(id), func(api *client.Client) error {
		_, err := api.ContainerStop(ctx, id, client.ContainerStopOptions{Timeout: wholeSeconds(grace)})
		return ignoreNotFound(err)
	})
}

func wholeSeconds(d *time.Duration) *int {
	if d == nil {
		return nil
	}
	return new(int((max(*d, 0) + time.Second - 1) / time.Second))
}

// KillContainer implements [engine.Engine].
func (e *Engine) KillContainer(ctx context.Context, id, signal string) error {
	return e.call(ctx, "send "+signal+" to container "+shortID(id), func(api *client.Client) error {
		_, err := api.ContainerKill(ctx, id, client.ContainerKillOptions{Signal: signal})
		return err
	})
}

// RenameContainer implements [engine.Engine].
func (e *Engine) RenameContainer(ctx context.Context, id, name string) error {
	return e.call(ctx, "rename container "+shortID(id)+" to "+name, func(api *client.Client) error {
		_, err := api.ContainerRename(ctx, id, client.ContainerRenameOptions{NewName: name})
		return err
	})
}

// RemoveContainer implements [engine.Engine]. If a removal by another client is under way, RemoveContainer waits and
// tries again. The other removal may fail and leave the container.
func (e *Engine) RemoveContainer(ctx context.Context, id string, volumes engine.VolumePolicy) error {
	options := client.ContainerRemoveOptions{Force: true, RemoveVolumes: volumes == engine.RemoveVolumes}
	return e.call(ctx, "remove container "+shortID(id), func(api *client.Client) error {
		for {
			_, err := api.ContainerRemove(ctx, id, options)
			if !isBeingRemoved(err) {
				return ignoreNotFound(err)
			}
			if err := sleep(ctx, 50*time.Millisecond); err != nil {
				return err
			}
		}
	})
}

func isBeingRemoved(err error) bool {
	return errdefs.IsConflict(err) && strings.Contains(err.Error(), "already in progress")
}

// Resize implements [engine.Engine].
func (e *Engine) Resize(ctx context.Context, id string, size engine.Size) error {
	return e.call(ctx, "resize the terminal of container "+shortID(id), func(api *client.Client) error {
		_, err := api.ContainerResize(ctx, id, client.ContainerResizeOptions{Height: size.Rows, Width: size.Columns})
		return err
	})
}
