package fleet

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/containerd/errdefs"

	"tasks/executor/engine"
	"tasks/internal/composeproject"
	"tasks/planner"
	"tasks/planner/observed"
)

// containerCalls are the calls on containers.
type containerCalls struct {
	*router
	images imageCalls
}

// PrepareContainer implements [engine.Preparer]: the node gets the images and the sources.
func (c containerCalls) PrepareContainer(
	ctx context.Context, spec planner.ContainerSpec, progress func(string),
) (planner.ContainerSpec, error) {
	n, err := c.place(ctx, spec.Labels)
	if err == nil {
		err = c.images.ensure(ctx, n, spec, progress)
	}
	if err != nil {
		return spec, err
	}
	return onNode(ctx, n, func(ctx context.Context) (planner.ContainerSpec, error) {
		return engine.Prepare(ctx, n.Engine, spec, progress)
	})
}

// CreateContainer implements [engine.Engine].
func (c containerCalls) CreateContainer(ctx context.Context, spec planner.ContainerSpec) (string, error) {
	n, err := c.place(ctx, spec.Labels)
	if err == nil {
		err = c.images.ensure(ctx, n, spec, nil)
	}
	if err != nil {
		return "", err
	}
	id, err := onNode(ctx, n, func(ctx context.Context) (string, error) { return n.Engine.CreateContainer(ctx, spec) })
	if id != "" {
		c.record(objectKey{containerKind, id}, object{n, spec.Name, spec.Labels[composeproject.LabelProject]})
	}
	return id, err
}

// find returns the node of a container, by id or name.
func (c containerCalls) find(ctx context.Context, idOrName string) (*node, error) {
	if n := c.nodeOf(objectKey{containerKind, idOrName}); n != nil {
		return n, nil
	}
	found, err := eachUsable(ctx, c.router, func(ctx context.Context, n *node) (*observed.Container, error) {
		state, err := n.Engine.InspectContainer(ctx, idOrName)
		if engine.IsNotFound(err) {
			return nil, nil
		}
		return &state.Container, err
	})
	if err != nil {
		return nil, err
	}
	for _, n := range c.nodes {
		if one := found[n]; one != nil {
			c.record(objectKey{containerKind, one.ID}, object{n, one.Name, one.Project()})
			return n, nil
		}
	}
	return nil, fmt.Errorf("no node has a container %s: %w", idOrName, errdefs.ErrNotFound)
}

// on performs a call on the node of a container.
func (c containerCalls) on(ctx context.Context, id string, do func(context.Context, NodeEngine) error) error {
	n, err := c.find(ctx, id)
	if err != nil {
		return err
	}
	return doOnNode(ctx, n, func(ctx context.Context) error { return do(ctx, n.Engine) })
}

// StartContainer implements [engine.Engine].
func (c containerCalls) StartContainer(ctx context.Context, id string) error {
	return c.on(ctx, id, func(ctx context.Context, e NodeEngine) error { return e.StartContainer(ctx, id) })
}

// UnpauseContainer implements [engine.Engine].
func (c containerCalls) UnpauseContainer(ctx context.Context, id string) error {
	return c.on(ctx, id, func(ctx context.Context, e NodeEngine) error { return e.UnpauseContainer(ctx, id) })
}

// StopContainer implements [engine.Engine].
func (c containerCalls) StopContainer(ctx context.Context, id string, grace *time.Duration) error {
	err := c.on(ctx, id, func(ctx context.Context, e NodeEngine) error { return e.StopContainer(ctx, id, grace) })
	return ignoreMissing(err)
}

// KillContainer implements [engine.Engine].
func (c containerCalls) KillContainer(ctx context.Context, id, signal string) error {
	return c.on(ctx, id, func(ctx context.Context, e NodeEngine) error { return e.KillContainer(ctx, id, signal) })
}

// RenameContainer implements [engine.Engine].
func (c containerCalls) RenameContainer(ctx context.Context, id, name string) error {
	err := c.on(ctx, id, func(ctx context.Context, e NodeEngine) error { return e.RenameContainer(ctx, id, name) })
	if err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		if o := c.objects[objectKey{containerKind, id}]; o != nil {
			o.name = name
		}
	}
	return err
}

// RemoveContainer implements [engine.Engine].
func (c containerCalls) RemoveContainer(ctx context.Context, id string, volumes engine.VolumePolicy) error {
	err := c.on(ctx, id, func(ctx context.Context, e NodeEngine) error { return e.RemoveContainer(ctx, id, volumes) })
	if err = ignoreMissing(err); err == nil {
		c.forget(objectKey{containerKind, id})
	}
	return err
}

func ignoreMissing(err error) error {
	if engine.IsNotFound(err) {
		return nil
	}
	return err
}

// InspectContainer implements [engine.Engine].
func (c containerCalls) InspectContainer(ctx context.Context, idOrName string) (engine.ContainerState, error) {
	n, err := c.find(ctx, idOrName)
	if err != nil {
		return engine.ContainerState{}, err
	}
	state, err := onNode(ctx, n, func(ctx context.Context) (engine.ContainerState, error) {
		return n.Engine.InspectContainer(ctx, idOrName)
	})
	if engine.IsNotFound(err) {
		c.forget(objectKey{containerKind, idOrName})
	}
	state.Node = n.Name
	return state, err
}

// ProjectContainers implements [engine.Engine].
func (c containerCalls) ProjectContainers(ctx context.Context, project string) ([]*observed.Container, error) {
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	var all []*observed.Container
	for _, n := range c.projectNodes(project) {
		found, err := onNode(ctx, n, func(ctx context.Context) ([]*observed.Container, error) {
			return n.Engine.ProjectContainers(ctx, project)
		})
		if err != nil {
			return nil, err
		}
		c.recordContainers(n, found)
		all = append(all, found...)
	}
	sortContainers(all)
	return all, nil
}

// recordContainers remembers the node of listed containers, and writes its name into them.
func (r *router) recordContainers(n *node, containers []*observed.Container) {
	for _, c := range containers {
		c.Node = n.Name
		r.record(objectKey{containerKind, c.ID}, object{n, c.Name, c.Project()})
	}
}

func sortContainers(all []*observed.Container) {
	slices.SortStableFunc(all, func(a, b *observed.Container) int { return strings.Compare(a.Name, b.Name) })
}

// ForwardPorts implements [engine.PortForwarder].
func (c containerCalls) ForwardPorts(ctx context.Context, id string) error {
	return c.on(ctx, id, func(ctx context.Context, e NodeEngine) error { return engine.ForwardPorts(ctx, e, id) })
}

// FetchOutputs implements [engine.OutputFetcher].
func (c containerCalls) FetchOutputs(ctx context.Context, id, dir string, globs []string) (files int, err error) {
	n, err := c.find(ctx, id)
	if err != nil {
		return 0, err
	}
	fetcher, ok := n.Engine.(engine.OutputFetcher)
	if !ok {
		return 0, nil // the node has the files of this machine
	}
	return onNode(ctx, n, func(ctx context.Context) (int, error) { return fetcher.FetchOutputs(ctx, id, dir, globs) })
}
