package docker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"tasks/executor/engine"
	"tasks/internal/composeproject"
	"tasks/planner"
)

// CreateContainer implements [engine.Engine]. What cannot be finished is removed again; where even that fails, the id
// comes back with the error, and so it does where the engine has made the container, and its answer got lost.
func (e *Engine) CreateContainer(ctx context.Context, spec planner.ContainerSpec) (id string, err error) {
	err = e.call(ctx, "create container "+spec.Name, func(api *client.Client) error {
		spec, err := e.withConfigProxies(spec)
		if err == nil {
			spec, err = e.withCredentials(spec)
		}
		if err != nil {
			return err
		}
		m := newMapper(spec, apiVersion(api.ClientVersion()))
		m.osType = e.osType
		request, err := m.create()
		if err != nil {
			return err
		}
		for _, warning := range request.warnings {
			e.warn(warning)
		}
		creating, stop := lingeringContext(ctx)
		defer stop()
		result, err := api.ContainerCreate(creating, request.options)
		id = result.ID
		if err != nil || id == "" {
			id = e.findUnanswered(ctx, spec, err)
			return request.withMountSource(err)
		}
		for _, warning := range result.Warnings {
			e.warn("container " + spec.Name + ": " + warning)
		}
		if err = completeCreation(ctx, api, id, request); err != nil {
			id, err = e.discard(ctx, id, err)
		}
		return err
	})
	return id, err
}

// findUnanswered looks for a container whose creation was not answered: it may be there all the same. The slug tells it from another
// one of its name. Where nothing can be learned, the name stands for the id, if it is nobody else's for sure.
func (e *Engine) findUnanswered(ctx context.Context, spec planner.ContainerSpec, err error) (id string) {
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
	case err != nil && !errdefs.IsNotFound(err) && len(slug) >= slugNameDigits && strings.Contains(spec.Name, slug[:slugNameDigits]):
		return spec.Name
	}
	return ""
}

// slugNameDigits is how much of the slug the name of a one-off has, as Compose makes it.
const slugNameDigits = 12

// withConfigProxies lays the proxies of the docker configuration under the environment, as `docker run` does.
func (e *Engine) withConfigProxies(spec planner.ContainerSpec) (planner.ContainerSpec, error) {
	file, err := e.config()
	if err != nil {
		return spec, err
	}
	return withProxies(spec, file.ParseProxyConfig(e.address, nil)), nil
}

// completeCreation does what creation alone cannot: the other networks on engines before API 1.44, and the files given inline.
func completeCreation(ctx context.Context, api *client.Client, id string, request createRequest) error {
	for _, c := range request.connections {
		_, err := api.NetworkConnect(ctx, c.network, client.NetworkConnectOptions{Container: id, EndpointConfig: c.endpoint})
		if err != nil {
			return fmt.Errorf("connect network %s: %w", c.network, err)
		}
	}
	archive := request.tar()
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
func (e *Engine) discard(ctx context.Context, id string, cause error) (string, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := e.RemoveContainer(ctx, id, engine.RemoveVolumes); err != nil {
		return id, errors.Join(cause, err)
	}
	return "", cause
}
