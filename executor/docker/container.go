package docker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"tasks/executor"
	"tasks/internal/composeproject"
	"tasks/planner"
)

// CreateContainer implements [executor.Engine]. What cannot be finished is removed again; where even that fails, the id
// comes back with the error, and so it does where the engine has made the container, and its answer got lost.
func (e *Engine) CreateContainer(ctx context.Context, spec planner.ContainerSpec) (id string, err error) {
	err = e.call(ctx, "create container "+spec.Name, func(api *client.Client) error {
		spec, err := e.proxied(spec)
		if err == nil {
			spec, err = e.withCredentials(spec)
		}
		if err != nil {
			return err
		}
		m := newMapper(spec, apiVersion(api.ClientVersion()))
		m.system = e.system
		wanted, err := m.create()
		if err != nil {
			return err
		}
		for _, warning := range wanted.warnings {
			e.warn(warning)
		}
		creating, stop := lingering(ctx)
		defer stop()
		result, err := api.ContainerCreate(creating, wanted.options)
		id = result.ID
		if err != nil || id == "" {
			id = e.stray(ctx, spec, err)
			return wanted.explained(err)
		}
		for _, warning := range result.Warnings {
			e.warn("container " + spec.Name + ": " + warning)
		}
		if err = finish(ctx, api, id, wanted); err != nil {
			id, err = e.discard(ctx, id, err)
		}
		return err
	})
	return id, err
}

// stray looks for a container whose creation was not answered: it may be there all the same. The slug tells it from another
// one of its name. Where nothing can be learned, the name stands for the id, if it is nobody else's for sure.
func (e *Engine) stray(ctx context.Context, spec planner.ContainerSpec, err error) (id string) {
	slug := spec.Labels[composeproject.LabelSlug]
	if slug == "" || errdefs.IsNotFound(err) || errdefs.IsConflict(err) || errdefs.IsInvalidArgument(err) {
		return ""
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	found, err := e.api.ContainerInspect(ctx, spec.Name, client.ContainerInspectOptions{})
	switch {
	case err == nil && found.Container.Config != nil && found.Container.Config.Labels[composeproject.LabelSlug] == slug:
		return found.Container.ID
	case err != nil && !errdefs.IsNotFound(err) && len(slug) >= slugInName && strings.Contains(spec.Name, slug[:slugInName]):
		return spec.Name
	}
	return ""
}

// slugInName is how much of the slug the name of a one-off has, as Compose makes it.
const slugInName = 12

// proxied lays the proxies of the docker configuration under the environment, as `docker run` does.
func (e *Engine) proxied(spec planner.ContainerSpec) (planner.ContainerSpec, error) {
	file, err := e.config()
	if err != nil {
		return spec, err
	}
	return withProxies(spec, file.ParseProxyConfig(e.address, nil)), nil
}

// finish does what creation alone cannot: the other networks on engines before API 1.44, and the files given inline.
func finish(ctx context.Context, api *client.Client, id string, wanted creation) error {
	for _, c := range wanted.connect {
		_, err := api.NetworkConnect(ctx, c.network, client.NetworkConnectOptions{Container: id, EndpointConfig: c.endpoint})
		if err != nil {
			return fmt.Errorf("connect network %s: %w", c.network, err)
		}
	}
	archive := wanted.tar()
	if archive == nil {
		return nil
	}
	_, err := api.CopyToContainer(ctx, id, client.CopyToContainerOptions{DestinationPath: "/", Content: archive})
	if err != nil {
		return fmt.Errorf("copy in its secrets and configs: %w", err)
	}
	return nil
}

// discard removes a half-made container, even when ctx has ended, and returns its id where it is left behind.
func (e *Engine) discard(ctx context.Context, id string, because error) (string, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := e.RemoveContainer(ctx, id, executor.RemoveVolumes); err != nil {
		return id, errors.Join(because, err)
	}
	return "", because
}
