package fleet

import (
	"context"
	"fmt"
	"net"
	"net/netip"

	"github.com/containerd/errdefs"

	"tasks/executor/engine"
	"tasks/internal/composeproject"
	"tasks/planner"
	"tasks/planner/observed"
)

// networkCalls are the calls on networks.
type networkCalls struct{ *router }

// CreateNetwork implements [engine.Engine].
func (c networkCalls) CreateNetwork(ctx context.Context, n *planner.Network) (id string, made bool, err error) {
	at, err := c.place(ctx, n.Labels)
	if err != nil {
		return "", false, err
	}
	id, err = onNode(ctx, at, func(ctx context.Context) (id string, err error) {
		id, made, err = at.Engine.CreateNetwork(ctx, n)
		return id, err
	})
	if id != "" {
		c.record(objectKey{networkKind, id}, object{at, n.Name, n.Labels[composeproject.LabelProject]})
	}
	return id, made, err
}

// find returns the node of a network.
func (c networkCalls) find(ctx context.Context, id string) (*node, error) {
	if n := c.nodeOf(objectKey{networkKind, id}); n != nil {
		return n, nil
	}
	found, err := eachUsable(ctx, c.router, func(ctx context.Context, n *node) (*observed.Network, error) {
		state, err := n.Engine.InspectNetwork(ctx, id)
		if engine.IsNotFound(err) {
			return nil, nil
		}
		return &state.Network, err
	})
	if err != nil {
		return nil, err
	}
	for _, n := range c.nodes {
		if one := found[n]; one != nil {
			c.recordNetworks(n, []observed.Network{*one})
			return n, nil
		}
	}
	return nil, fmt.Errorf("no node has a network %s: %w", id, errdefs.ErrNotFound)
}

func (r *router) recordNetworks(n *node, networks []observed.Network) {
	for _, network := range networks {
		r.record(objectKey{networkKind, network.ID}, object{n, network.Name, network.Labels[composeproject.LabelProject]})
	}
}

// RemoveNetwork implements [engine.Engine].
func (c networkCalls) RemoveNetwork(ctx context.Context, id string) error {
	n, err := c.find(ctx, id)
	if err == nil {
		err = doOnNode(ctx, n, func(ctx context.Context) error { return n.Engine.RemoveNetwork(ctx, id) })
	}
	if err = ignoreMissing(err); err == nil {
		c.forget(objectKey{networkKind, id})
	}
	return err
}

// InspectNetwork implements [engine.Engine].
func (c networkCalls) InspectNetwork(ctx context.Context, id string) (engine.NetworkState, error) {
	n, err := c.find(ctx, id)
	if err != nil {
		return engine.NetworkState{}, err
	}
	state, err := onNode(ctx, n, func(ctx context.Context) (engine.NetworkState, error) {
		return n.Engine.InspectNetwork(ctx, id)
	})
	c.recordContainers(n, state.Members)
	return state, err
}

// Disconnect implements [engine.Engine].
func (c networkCalls) Disconnect(
	ctx context.Context, network observed.Network, id string,
) (engine.EndpointSettings, error) {
	n, err := c.find(ctx, network.ID)
	if err != nil {
		return engine.EndpointSettings{}, err
	}
	return onNode(ctx, n, func(ctx context.Context) (engine.EndpointSettings, error) {
		return n.Engine.Disconnect(ctx, network, id)
	})
}

// Connect implements [engine.Engine].
func (c networkCalls) Connect(ctx context.Context, networkID, id string, endpoint engine.EndpointSettings) error {
	n, err := c.find(ctx, networkID)
	if err != nil {
		return err
	}
	return doOnNode(ctx, n, func(ctx context.Context) error { return n.Engine.Connect(ctx, networkID, id, endpoint) })
}

// Dial implements [engine.Engine].
func (c networkCalls) Dial(ctx context.Context, networkID string, address netip.AddrPort) (net.Conn, error) {
	n := c.nodeOf(objectKey{networkKind, networkID})
	if n == nil {
		return nil, engine.ErrNoRoute
	}
	return n.Engine.Dial(ctx, networkID, address)
}

// volumeCalls are the calls on volumes.
type volumeCalls struct{ *router }

// CreateVolume implements [engine.Engine].
func (c volumeCalls) CreateVolume(ctx context.Context, v *planner.Volume) (created string, made bool, err error) {
	n, err := c.place(ctx, v.Labels)
	if err != nil {
		return "", false, err
	}
	created, err = onNode(ctx, n, func(ctx context.Context) (created string, err error) {
		created, made, err = n.Engine.CreateVolume(ctx, v)
		return created, err
	})
	if err == nil {
		c.record(objectKey{volumeKind, v.Name}, object{n, v.Name, v.Labels[composeproject.LabelProject]})
	}
	return created, made, err
}

// find returns the node of a volume.
func (c volumeCalls) find(ctx context.Context, name string) (*node, error) {
	if n := c.nodeOf(objectKey{volumeKind, name}); n != nil {
		return n, nil
	}
	found, err := eachUsable(ctx, c.router, func(ctx context.Context, n *node) (*observed.Volume, error) {
		volume, err := n.Engine.InspectVolume(ctx, name)
		if engine.IsNotFound(err) {
			return nil, nil
		}
		return &volume, err
	})
	if err != nil {
		return nil, err
	}
	for _, n := range c.nodes {
		if one := found[n]; one != nil {
			c.recordVolumes(n, []observed.Volume{*one})
			return n, nil
		}
	}
	return nil, fmt.Errorf("no node has a volume %s: %w", name, errdefs.ErrNotFound)
}

func (r *router) recordVolumes(n *node, volumes []observed.Volume) {
	for _, v := range volumes {
		r.record(objectKey{volumeKind, v.Name}, object{n, v.Name, v.Labels[composeproject.LabelProject]})
	}
}

// InspectVolume implements [engine.Engine].
func (c volumeCalls) InspectVolume(ctx context.Context, name string) (observed.Volume, error) {
	n, err := c.find(ctx, name)
	if err != nil {
		return observed.Volume{}, err
	}
	return onNode(ctx, n, func(ctx context.Context) (observed.Volume, error) { return n.Engine.InspectVolume(ctx, name) })
}

// RemoveVolume implements [engine.Engine]. A volume of a placed private project is removed from its node, any other
// volume from all nodes: after a time with a lost node, two nodes may have the same name.
func (c volumeCalls) RemoveVolume(ctx context.Context, name string) error {
	key := objectKey{volumeKind, name}
	n, err := c.find(ctx, name)
	switch {
	case err != nil:
	case c.isPrivate(key):
		err = doOnNode(ctx, n, func(ctx context.Context) error { return n.Engine.RemoveVolume(ctx, name) })
	default:
		_, err = eachUsable(ctx, c.router, func(ctx context.Context, n *node) (struct{}, error) {
			return struct{}{}, n.Engine.RemoveVolume(ctx, name)
		})
	}
	if err = ignoreMissing(err); err == nil {
		c.forget(key)
	}
	return err
}

// isPrivate reports whether an object is of a placed private project.
func (r *router) isPrivate(key objectKey) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	o := r.objects[key]
	return o != nil && r.projects[o.project] != nil && r.projects[o.project].isPrivate
}

// VolumeUsers implements [engine.Engine].
func (c volumeCalls) VolumeUsers(ctx context.Context, name string) ([]*observed.Container, error) {
	n, err := c.find(ctx, name)
	if engine.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	users, err := onNode(ctx, n, func(ctx context.Context) ([]*observed.Container, error) {
		return n.Engine.VolumeUsers(ctx, name)
	})
	c.recordContainers(n, users)
	return users, err
}
