package executor

import (
	"fmt"
	"net/netip"

	"tasks/executor/engine"
	"tasks/planner"
)

// validateAddresses checks the fixed addresses of an endpoint against a network. Engines
// before 24 accept any address for a stopped container, and then cannot start the container.
func validateAddresses(endpoint engine.EndpointSettings, n *planner.Network) error {
	if endpoint.Config == nil {
		return nil
	}
	for _, text := range []string{endpoint.Config.Ipv4Address, endpoint.Config.Ipv6Address} {
		if text != "" && !isInSubnets(text, n) {
			return fmt.Errorf("its address %s is in none of the network's subnets", text)
		}
	}
	return nil
}

// isInSubnets reports whether a configured subnet of a network contains an address.
// With subnets of its own choice the engine allows no fixed address.
func isInSubnets(text string, n *planner.Network) bool {
	address, err := netip.ParseAddr(text)
	if err != nil {
		return false
	}
	for _, pool := range n.Config.Ipam.Config {
		subnet, err := netip.ParsePrefix(pool.Subnet)
		if err == nil && subnet.Contains(address.Unmap()) {
			return true
		}
	}
	return false
}
