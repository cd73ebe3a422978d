package docker

import (
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
)

// hostPorts are the ports of the host that a container's own are published at, by "5432/tcp".
func hostPorts(r container.InspectResponse) map[string]string {
	if r.NetworkSettings == nil {
		return nil
	}
	given := map[string]string{}
	for port, bindings := range r.NetworkSettings.Ports {
		if at := hostPort(bindings); at != "" {
			given[port.String()] = at
		}
	}
	return given
}

// hostPort is the first of several that is not IPv6 alone: engines may choose another one there.
func hostPort(bindings []network.PortBinding) string {
	found := ""
	for _, b := range bindings {
		if b.HostPort != "" && b.HostPort != "0" && (found == "" || !b.HostIP.Is6()) {
			if found = b.HostPort; !b.HostIP.Is6() {
				break
			}
		}
	}
	return found
}
