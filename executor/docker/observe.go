package docker

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"

	"tasks/planner/observed"
)

// observedContainer converts a container of the list. The list has no exit code, and health only for a running
// container.
func observedContainer(s container.Summary) *observed.Container {
	c := &observed.Container{
		ID:        s.ID,
		Name:      ownName(s.Names),
		Labels:    s.Labels,
		ImageID:   s.ImageID,
		Image:     s.Image,
		Ports:     listedPorts(s.Ports),
		State:     observed.ContainerState(s.State),
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

// listedHealth reads the health from the end of a running container's status, "Up 5 minutes (healthy)". Without a
// healthcheck the result is empty. Before API 1.52, a list has the health only in this text.
func listedHealth(status string) string {
	for end, health := range map[string]string{
		"(health: starting)": "starting", "(healthy)": "healthy", "(unhealthy)": "unhealthy",
	} {
		if strings.HasSuffix(status, end) {
			return health
		}
	}
	return ""
}

// ownName returns a container's own name. The other names are names within containers with a link to this container.
func ownName(names []string) string {
	for _, name := range names {
		if own := strings.TrimPrefix(name, "/"); !strings.Contains(own, "/") {
			return own
		}
	}
	return ""
}

// inspectedContainer converts the result of an inspection.
func inspectedContainer(r container.InspectResponse) observed.Container {
	c := observed.Container{
		ID:      r.ID,
		Name:    strings.TrimPrefix(r.Name, "/"),
		ImageID: r.Image,
		Mounts:  mounts(r.Mounts),
	}
	if created, err := time.Parse(time.RFC3339Nano, r.Created); err == nil {
		c.CreatedAt = created
	}
	if r.Config != nil {
		c.Labels, c.Image = r.Config.Labels, r.Config.Image
		c.HasHealthcheck = hasHealthcheck(r.Config.Healthcheck)
	}
	if r.State != nil {
		c.State, c.ExitCode = observed.ContainerState(r.State.Status), r.State.ExitCode
		c.Health = health(r)
	}
	if r.NetworkSettings != nil {
		c.Networks, c.Ports = networkIDs(r.NetworkSettings.Networks), inspectedPorts(r.NetworkSettings.Ports)
	}
	return c
}

// listedPorts converts the ports of the list. A port without a port of the host is not published.
func listedPorts(summaries []container.PortSummary) []observed.PublishedPort {
	var ports []observed.PublishedPort
	for _, p := range summaries {
		if p.PublicPort != 0 {
			ports = append(ports, observed.PublishedPort{
				HostIP: addressText(p.IP), HostPort: int(p.PublicPort), ContainerPort: int(p.PrivatePort), Protocol: p.Type,
			})
		}
	}
	return observed.SortPorts(ports)
}

// inspectedPorts converts the ports of an inspection.
func inspectedPorts(bindings network.PortMap) []observed.PublishedPort {
	var ports []observed.PublishedPort
	for port, hosts := range bindings {
		for _, host := range hosts {
			if number, err := strconv.Atoi(host.HostPort); err == nil && number != 0 {
				ports = append(ports, observed.PublishedPort{
					HostIP: addressText(host.HostIP), HostPort: number, ContainerPort: int(port.Num()), Protocol: string(port.Proto()),
				})
			}
		}
	}
	return observed.SortPorts(ports)
}

// health returns the health of a container. After an interruption, for example a pause, the engine reports unhealthy
// until the next successful probe. With too few failures in a row, this status is no verdict.
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

// retries returns the number of failures in a row that make a container unhealthy.
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

func mounts(points []container.MountPoint) []observed.Mount {
	out := make([]observed.Mount, 0, len(points))
	for _, p := range points {
		mount := observed.Mount{Type: string(p.Type), Name: p.Name, Source: p.Source, Destination: p.Destination}
		out = append(out, mount)
	}
	return out
}

func observedNetwork(n network.Network) observed.Network {
	return observed.Network{ID: n.ID, Name: n.Name, Driver: n.Driver, Labels: n.Labels, CreatedAt: n.Created}
}
