package executor

import (
	"fmt"
	"net/netip"

	"tasks/executor/engine"
	"tasks/planner"
)

// validateAddresses checks that a network can give the fixed addresses of a place. Engines before 24 take any for a container that does
// not run, and then cannot start it.
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

// isInSubnets says whether one of the subnets that a network is given has an address. The engine allows no fixed address where
// it chooses the subnet.
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
