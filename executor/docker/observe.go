package docker

import (
	"cmp"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"

	"tasks/planner"
)

// observedContainer is a container as the list shows it: without exit code, and with health only while it runs.
func observedContainer(s container.Summary) *planner.ObservedContainer {
	c := &planner.ObservedContainer{
		ID:        s.ID,
		Name:      ownName(s.Names),
		Labels:    s.Labels,
		ImageID:   s.ImageID,
		State:     planner.ContainerState(s.State),
		Mounts:    mounts(s.Mounts),
		CreatedAt: time.Unix(s.Created, 0).UTC(),
	}
	if s.NetworkSettings != nil {
		c.Networks = networkIDs(s.NetworkSettings.Networks)
	}
	if s.State == container.StateRunning {
		c.Health = listedHealth(s.Status)
		c.HasHealthcheck = c.Health != ""
	}
	return c
}

// listedHealth reads the end of a running container's status, "Up 5 minutes (healthy)"; one without a healthcheck has none.
// Engines before API 1.52 tell it nowhere else in a list.
func listedHealth(status string) string {
	for end, health := range map[string]string{"(health: starting)": "starting", "(healthy)": "healthy", "(unhealthy)": "unhealthy"} {
		if strings.HasSuffix(status, end) {
			return health
		}
	}
	return ""
}

// ownName picks a container's own name: the others are its names within containers that link to it.
func ownName(names []string) string {
	for _, name := range names {
		if own := strings.TrimPrefix(name, "/"); !strings.Contains(own, "/") {
			return own
		}
	}
	return ""
}

// inspectedContainer is a container as a close look shows it.
func inspectedContainer(r container.InspectResponse) planner.ObservedContainer {
	c := planner.ObservedContainer{
		ID:      r.ID,
		Name:    strings.TrimPrefix(r.Name, "/"),
		ImageID: r.Image,
		Mounts:  mounts(r.Mounts),
	}
	if created, err := time.Parse(time.RFC3339Nano, r.Created); err == nil {
		c.CreatedAt = created
	}
	if r.Config != nil {
		c.Labels = r.Config.Labels
		c.HasHealthcheck = hasHealthcheck(r.Config.Healthcheck)
	}
	if r.State != nil {
		c.State, c.ExitCode = planner.ContainerState(r.State.Status), r.State.ExitCode
		c.Health = health(r)
	}
	if r.NetworkSettings != nil {
		c.Networks = networkIDs(r.NetworkSettings.Networks)
	}
	return c
}

// health is what the engine says of a container's health. Of one whose probing was ended, by a pause for instance, it says
// unhealthy until its next probe passes: without as many failures as that takes, it is no verdict.
func health(r container.InspectResponse) string {
	h := r.State.Health
	switch {
	case h == nil || h.Status == container.NoHealthcheck:
		return ""
	case h.Status == container.Unhealthy && h.FailingStreak < retries(r.Config):
		return string(container.Starting)
	}
	return string(h.Status)
}

// retries is how many failures in a row make a container unhealthy.
func retries(c *container.Config) int {
	if c == nil || c.Healthcheck == nil {
		return defaultProbeRetries
	}
	return cmp.Or(c.Healthcheck.Retries, defaultProbeRetries)
}

func hasHealthcheck(h *container.HealthConfig) bool {
	return h != nil && len(h.Test) > 0 && h.Test[0] != "NONE"
}

func networkIDs(endpoints map[string]*network.EndpointSettings) map[string]string {
	ids := make(map[string]string, len(endpoints))
	for name, endpoint := range endpoints {
		if endpoint != nil {
			ids[name] = endpoint.NetworkID
		}
	}
	return ids
}

func mounts(points []container.MountPoint) []planner.ObservedMount {
	out := make([]planner.ObservedMount, 0, len(points))
	for _, p := range points {
		out = append(out, planner.ObservedMount{Type: string(p.Type), Name: p.Name, Source: p.Source, Destination: p.Destination})
	}
	return out
}

func observedNetwork(n network.Network) planner.ObservedNetwork {
	return planner.ObservedNetwork{ID: n.ID, Name: n.Name, Driver: n.Driver, Labels: n.Labels, CreatedAt: n.Created}
}
