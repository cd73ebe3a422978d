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

// CreateContainer implements [engine.Engine]. A container that cannot be completed is removed. If the removal fails,
// the id is returned with the error. The id is also returned if the engine made the container and the answer was lost.
func (e *Engine) CreateContainer(ctx context.Context, spec planner.ContainerSpec) (id string, err error) {
	err = e.call(ctx, "create container "+spec.Name, func(api *client.Client) error {
		spec, err := e.config.withProxies(spec)
		if err == nil {
			spec, err = e.config.withCredentials(spec, e.osType)
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
		if err = request.hold(ctx, api, spec); err != nil {
			return err
		}
		creating, stop := lingeringContext(ctx)
		defer stop()
		result, err := api.ContainerCreate(creating, request.options)
		id = result.ID
		if err != nil || id == "" {
			id = findUnanswered(ctx, api, spec, err)
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
	return id, engine.WithPlace(err, spec.Locate)
}

// findUnanswered looks for a container after a creation without an answer: the container may exist. The slug
// distinguishes the container from another container with the same name. Without any information, the name serves as
// the id, if the name certainly belongs to this container.
func findUnanswered(ctx context.Context, api *client.Client, spec planner.ContainerSpec, err error) (id string) {
	slug := spec.Labels[composeproject.LabelSlug]
	if slug == "" || errdefs.IsNotFound(err) || errdefs.IsConflict(err) || errdefs.IsInvalidArgument(err) {
		return ""
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	found, err := api.ContainerInspect(ctx, spec.Name, client.ContainerInspectOptions{})
	switch {
	case err == nil && found.Container.Config != nil && found.Container.Config.Labels[composeproject.LabelSlug] == slug:
		return found.Container.ID
	case err != nil && !errdefs.IsNotFound(err) && isNameOfSlug(spec.Name, slug):
		return spec.Name
	}
	return ""
}

// isNameOfSlug reports whether a name has the beginning of the slug.
func isNameOfSlug(name, slug string) bool {
	return len(slug) >= slugNameDigits && strings.Contains(name, slug[:slugNameDigits])
}

// slugNameDigits is the length of the slug in the name of a one-off, as in Compose.
const slugNameDigits = 12

// completeCreation connects the other networks on engines before API 1.44, and copies the inline files.
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

// discard removes an incomplete container, even after the end of ctx. If the removal fails, discard returns the id.
func (e *Engine) discard(ctx context.Context, id string, cause error) (string, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := e.RemoveContainer(ctx, id, engine.RemoveVolumes); err != nil {
		return id, errors.Join(cause, err)
	}
	return "", cause
}
