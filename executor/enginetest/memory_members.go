package enginetest

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/containerd/errdefs"

	"tasks/executor/engine"
	"tasks/planner"
	"tasks/planner/observed"
)

// InspectNetwork implements [engine.Engine].
func (m *Memory) InspectNetwork(ctx context.Context, id string) (state engine.NetworkState, err error) {
	late, err := m.recordCall(ctx, "InspectNetwork", id)
	if err != nil {
		return state, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.networks[id]
	if n == nil {
		return state, notFound("network", id)
	}
	made := &planner.Network{Name: n.Name, Config: m.networkConfigs[id], Labels: maps.Clone(n.Labels)}
	state = engine.NetworkState{Network: *n, Definition: made}
	for _, c := range m.containers {
		if c.networks[n.Name] == id {
			state.Members = append(state.Members, c.observed())
		}
	}
	slices.SortFunc(state.Members, func(a, b *observed.Container) int { return strings.Compare(a.Name, b.Name) })
	return state, late
}

// Disconnect implements [engine.Engine].
func (m *Memory) Disconnect(ctx context.Context, n observed.Network, id string) (endpoint engine.EndpointSettings, err error) {
	err = m.withContainer(ctx, "Disconnect", id, func(c *memoryContainer) error {
		i := slices.IndexFunc(c.spec.Networks, func(e planner.Endpoint) bool { return e.Network == n.Name })
		switch {
		case c.isRunning():
			return m.violation("Disconnect", id, errdefs.ErrFailedPrecondition, "the container runs")
		case i < 0 || c.networks[n.Name] != n.ID:
			return m.violation("Disconnect", id, errdefs.ErrNotFound, "the container is not on network %s", n.Name)
		}
		endpoint.Endpoint, endpoint.Links = c.spec.Networks[i], c.spec.Links
		c.spec.Networks = slices.Delete(slices.Clone(c.spec.Networks), i, i+1)
		delete(c.networks, n.Name)
		return nil
	})
	return endpoint, err
}

// Connect implements [engine.Engine].
func (m *Memory) Connect(ctx context.Context, networkID, id string, endpoint engine.EndpointSettings) error {
	return m.withContainer(ctx, "Connect", id, func(c *memoryContainer) error {
		n := m.networks[networkID]
		switch {
		case n == nil:
			return m.violation("Connect", id, errdefs.ErrNotFound, "network %s is not there", networkID)
		case c.isRunning():
			return m.violation("Connect", id, errdefs.ErrFailedPrecondition, "the container runs")
		}
		endpoint.Network = n.Name
		c.spec.Networks = append(slices.Clone(c.spec.Networks), endpoint.Endpoint)
		c.networks[n.Name] = n.ID
		return nil
	})
}

// missingNetwork names a network of the container that is gone: the engine does not start it then.
func (m *Memory) missingNetwork(c *memoryContainer) string {
	for name, id := range c.networks {
		if m.networks[id] == nil {
			return name
		}
	}
	return ""
}
