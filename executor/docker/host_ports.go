package docker

import (
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
)

// hostPorts maps the container's ports, such as "5432/tcp", to the published ports of the host.
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

// hostPort returns the first port with an IPv4 binding, and else an IPv6 port. Engines may choose another port for
// IPv6.
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
