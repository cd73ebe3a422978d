package docker

import (
	"context"
	"net/netip"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"

	"tasks/executor/engine"
	"tasks/planner"
)

// InspectNetwork implements [engine.Engine]. The network itself tells only of containers that run; the list of containers
// knows the others too, one that was never started by the network's name alone.
func (e *Engine) InspectNetwork(ctx context.Context, id string) (state engine.NetworkState, err error) {
	err = e.call(ctx, "inspect network "+shortID(id), func(api *client.Client) error {
		result, err := api.NetworkInspect(ctx, id, client.NetworkInspectOptions{})
		if err != nil {
			return err
		}
		n := result.Network.Network
		state = engine.NetworkState{ObservedNetwork: observedNetwork(n), Definition: networkDefinition(n)}
		filters := make(client.Filters).Add("network", n.ID, n.Name)
		found, err := api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: filters})
		for _, item := range found.Items {
			c := observedContainer(item)
			if at, on := c.Networks[n.Name]; on && (at == n.ID || at == "") {
				state.Members = append(state.Members, c)
			}
		}
		return err
	})
	slices.SortFunc(state.Members, byName)
	return state, err
}

// networkDefinition is the configuration that makes the network once more. The engine's own choice of addresses becomes part of it.
func networkDefinition(n network.Network) *planner.Network {
	config := types.NetworkConfig{
		Driver: n.Driver, DriverOpts: n.Options, Internal: n.Internal, Attachable: n.Attachable,
		Ipam: types.IPAMConfig{Driver: n.IPAM.Driver},
	}
	four := false
	for _, pool := range n.IPAM.Config {
		four = four || pool.Subnet.Addr().Is4()
		config.Ipam.Config = append(config.Ipam.Config, poolDefinition(pool))
	}
	if n.EnableIPv6 {
		config.EnableIPv6 = new(true)
		if !n.EnableIPv4 && !four { // engines that cannot leave IPv4 out do not tell of it
			config.EnableIPv4 = new(false)
		}
	}
	return &planner.Network{Name: n.Name, Config: config, Labels: n.Labels}
}

func poolDefinition(pool network.IPAMConfig) *types.IPAMPool {
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

// Disconnect implements [engine.Engine].
func (e *Engine) Disconnect(ctx context.Context, n planner.ObservedNetwork, id string) (endpointSettings engine.EndpointSettings, err error) {
	err = e.call(ctx, "disconnect container "+shortID(id)+" from network "+n.Name, func(api *client.Client) error {
		answer, err := inspectContainer(ctx, api, id)
		if err != nil {
			return err
		}
		endpointSettings = endpointSettingsOf(answer, n.Name)
		_, err = api.NetworkDisconnect(ctx, n.ID, client.NetworkDisconnectOptions{Container: id})
		return err
	})
	return endpointSettings, err
}

// endpointSettingsOf reads the configuration of an endpoint. Older engines add the container's short id to the aliases, by themselves.
func endpointSettingsOf(r container.InspectResponse, name string) engine.EndpointSettings {
	settings := engine.EndpointSettings{Endpoint: planner.Endpoint{Network: name, Config: &types.ServiceNetworkConfig{}}}
	if r.NetworkSettings == nil || r.NetworkSettings.Networks[name] == nil {
		return settings
	}
	existing := r.NetworkSettings.Networks[name]
	settings.Links = existing.Links
	settings.Aliases = slices.DeleteFunc(slices.Clone(existing.Aliases), func(alias string) bool { return alias == shortID(r.ID) })
	settings.Config.DriverOpts, settings.Config.GatewayPriority = existing.DriverOpts, existing.GwPriority
	if ipam := existing.IPAMConfig; ipam != nil {
		settings.Config.Ipv4Address, settings.Config.Ipv6Address = addressText(ipam.IPv4Address), addressText(ipam.IPv6Address)
		for _, ip := range ipam.LinkLocalIPs {
			settings.Config.LinkLocalIPs = append(settings.Config.LinkLocalIPs, ip.String())
		}
	}
	return settings
}

// Connect implements [engine.Engine].
func (e *Engine) Connect(ctx context.Context, networkID, id string, endpointSettings engine.EndpointSettings) error {
	return e.call(ctx, "connect container "+shortID(id)+" to network "+shortID(networkID), func(api *client.Client) error {
		m := &mapper{api: apiVersion(api.ClientVersion())}
		settings := &network.EndpointSettings{Aliases: endpointSettings.Aliases, Links: endpointSettings.Links}
		if c := endpointSettings.Config; c != nil {
			settings.DriverOpts = c.DriverOpts
			if err := m.addresses(settings, c); err != nil {
				return err
			}
			if m.api.atLeast(severalEndpointsAPI) { // before, the container has the address, and keeps it
				if err := hardwareAddress(settings, c.MacAddress); err != nil {
					return err
				}
			}
		}
		_, err := api.NetworkConnect(ctx, networkID, client.NetworkConnectOptions{Container: id, EndpointConfig: settings})
		return err
	})
}
