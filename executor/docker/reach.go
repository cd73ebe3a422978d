package docker

import (
	"context"
	"fmt"
	"net"
	"net/netip"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"tasks/executor/engine"
)

// Platform implements [engine.Engine].
func (e *Engine) Platform(ctx context.Context) (os, arch string, err error) {
	err = e.call(ctx, "ask for the engine's platform", func(api *client.Client) error {
		version, err := api.ServerVersion(ctx, client.ServerVersionOptions{})
		os, arch = version.Os, version.Arch
		return err
	})
	return os, arch, err
}

// bridgeDigits is the length of a network's id in the name of the network's bridge.
const bridgeDigits = 12

// Dial implements [engine.Engine]. A local socket does not prove that the engine's addresses are reachable. The
// engine may run in a virtual machine, or in a separate network namespace. Its addresses may belong to other machines
// here. But the bridge of a network has the network's id in the name. If this host has the bridge, the network is
// reachable.
func (n networks) Dial(ctx context.Context, networkID string, address netip.AddrPort) (net.Conn, error) {
	if !engine.IsLocalAddress(n.address) || len(networkID) < bridgeDigits {
		return nil, engine.ErrNoRoute
	}
	if _, err := net.InterfaceByName("br-" + networkID[:bridgeDigits]); err != nil {
		return nil, fmt.Errorf("%w: %w", engine.ErrNoRoute, err)
	}
	return new(net.Dialer).DialContext(ctx, "tcp", address.String())
}

// networkAddresses returns a container's addresses. IPv6 comes last: with both, a server is more likely to listen on
// IPv4.
func networkAddresses(r container.InspectResponse) []engine.NetworkAddress {
	if r.NetworkSettings == nil {
		return nil
	}
	var v4, v6 []engine.NetworkAddress
	for _, s := range r.NetworkSettings.Networks {
		if s == nil {
			continue
		}
		if s.IPAddress.IsValid() {
			v4 = append(v4, engine.NetworkAddress{NetworkID: s.NetworkID, Address: s.IPAddress})
		}
		if s.GlobalIPv6Address.IsValid() {
			v6 = append(v6, engine.NetworkAddress{NetworkID: s.NetworkID, Address: s.GlobalIPv6Address})
		}
	}
	return append(v4, v6...)
}
