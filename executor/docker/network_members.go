package docker

import (
	"context"
	"net/netip"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"

	"tasks/executor"
	"tasks/planner"
)

// InspectNetwork implements [executor.Engine]. The network itself tells only of containers that run; the list of containers
// knows the others too, one that was never started by the network's name alone.
func (e *Engine) InspectNetwork(ctx context.Context, id string) (state executor.NetworkState, err error) {
	err = e.call(ctx, "inspect network "+short(id), func(api *client.Client) error {
		result, err := api.NetworkInspect(ctx, id, client.NetworkInspectOptions{})
		if err != nil {
			return err
		}
		n := result.Network.Network
		state = executor.NetworkState{ObservedNetwork: observedNetwork(n), Made: asMade(n)}
		filters := make(client.Filters).Add("network", n.ID, n.Name)
		found, err := api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: filters})
		for _, item := range found.Items {
			c := listed(item)
			if at, on := c.Networks[n.Name]; on && (at == n.ID || at == "") {
				state.Members = append(state.Members, c)
			}
		}
		return err
	})
	slices.SortFunc(state.Members, byName)
	return state, err
}

// asMade is the configuration that makes the network once more. The engine's own choice of addresses becomes part of it.
func asMade(n network.Network) *planner.Network {
	config := types.NetworkConfig{
		Driver: n.Driver, DriverOpts: n.Options, Internal: n.Internal, Attachable: n.Attachable,
		Ipam: types.IPAMConfig{Driver: n.IPAM.Driver},
	}
	four := false
	for _, pool := range n.IPAM.Config {
		four = four || pool.Subnet.Addr().Is4()
		config.Ipam.Config = append(config.Ipam.Config, poolAsMade(pool))
	}
	if n.EnableIPv6 {
		config.EnableIPv6 = new(true)
		if !n.EnableIPv4 && !four { // engines that cannot leave IPv4 out do not tell of it
			config.EnableIPv4 = new(false)
		}
	}
	return &planner.Network{Name: n.Name, Config: config, Labels: n.Labels}
}

func poolAsMade(pool network.IPAMConfig) *types.IPAMPool {
	made := &types.IPAMPool{Gateway: addressText(pool.Gateway)}
	if pool.Subnet.IsValid() {
		made.Subnet = pool.Subnet.String()
	}
	if pool.IPRange.IsValid() {
		made.IPRange = pool.IPRange.String()
	}
	for host, address := range pool.AuxAddress {
		if made.AuxiliaryAddresses == nil {
			made.AuxiliaryAddresses = types.Mapping{}
		}
		made.AuxiliaryAddresses[host] = address.String()
	}
	return made
}

func addressText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// Disconnect implements [executor.Engine].
func (e *Engine) Disconnect(ctx context.Context, n planner.ObservedNetwork, id string) (seat executor.Seat, err error) {
	err = e.call(ctx, "disconnect container "+short(id)+" from network "+n.Name, func(api *client.Client) error {
		answer, err := inspectContainer(ctx, api, id)
		if err != nil {
			return err
		}
		seat = seatOf(answer, n.Name)
		_, err = api.NetworkDisconnect(ctx, n.ID, client.NetworkDisconnectOptions{Container: id})
		return err
	})
	return seat, err
}

// seatOf reads the configuration of an endpoint. Older engines add the container's short id to the aliases, by themselves.
func seatOf(r container.InspectResponse, name string) executor.Seat {
	seat := executor.Seat{Endpoint: planner.Endpoint{Network: name, Config: &types.ServiceNetworkConfig{}}}
	if r.NetworkSettings == nil || r.NetworkSettings.Networks[name] == nil {
		return seat
	}
	have := r.NetworkSettings.Networks[name]
	seat.Links = have.Links
	seat.Aliases = slices.DeleteFunc(slices.Clone(have.Aliases), func(alias string) bool { return alias == short(r.ID) })
	seat.Config.DriverOpts, seat.Config.GatewayPriority = have.DriverOpts, have.GwPriority
	if ipam := have.IPAMConfig; ipam != nil {
		seat.Config.Ipv4Address, seat.Config.Ipv6Address = addressText(ipam.IPv4Address), addressText(ipam.IPv6Address)
		for _, ip := range ipam.LinkLocalIPs {
			seat.Config.LinkLocalIPs = append(seat.Config.LinkLocalIPs, ip.String())
		}
	}
	return seat
}

// Connect implements [executor.Engine].
func (e *Engine) Connect(ctx context.Context, networkID, id string, seat executor.Seat) error {
	return e.call(ctx, "connect container "+short(id)+" to network "+short(networkID), func(api *client.Client) error {
		m := &mapper{api: apiVersion(api.ClientVersion())}
		settings := &network.EndpointSettings{Aliases: seat.Aliases, Links: seat.Links}
		if c := seat.Config; c != nil {
			settings.DriverOpts = c.DriverOpts
			if err := m.addresses(settings, c); err != nil {
				return err
			}
			if m.api.atLeast(severalEndpoints) { // before, the container has the address, and keeps it
				if err := hardwareAddress(settings, c.MacAddress); err != nil {
					return err
				}
			}
		}
		_, err := api.NetworkConnect(ctx, networkID, client.NetworkConnectOptions{Container: id, EndpointConfig: settings})
		return err
	})
}
