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
	"tasks/planner/observed"
)

// InspectNetwork implements [engine.Engine]. The network's own list has running containers only. The list of
// containers also has the others. A container without any start has only the network's name.
func (n networks) InspectNetwork(ctx context.Context, id string) (state engine.NetworkState, err error) {
	err = n.call(ctx, "inspect network "+shortID(id), func(api *client.Client) error {
		result, err := api.NetworkInspect(ctx, id, client.NetworkInspectOptions{})
		if err != nil {
			return err
		}
		found := result.Network.Network
		state = engine.NetworkState{Network: observedNetwork(found), Definition: networkDefinition(found)}
		filters := make(client.Filters).Add("network", found.ID, found.Name)
		listed, err := api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: filters})
		for _, item := range listed.Items {
			c := observedContainer(item)
			if at, on := c.Networks[found.Name]; on && (at == found.ID || at == "") {
				state.Members = append(state.Members, c)
			}
		}
		if err != nil {
			return err
		}
		return n.keepOwnLabels(ctx, api, state.Members...)
	})
	slices.SortFunc(state.Members, byName)
	return state, err
}

// networkDefinition returns the configuration to create the network again. The configuration includes addresses that
// the engine chose.
func networkDefinition(n network.Network) *planner.Network {
	config := types.NetworkConfig{
		Driver: n.Driver, DriverOpts: n.Options, Internal: n.Internal, Attachable: n.Attachable,
		Ipam: types.IPAMConfig{Driver: n.IPAM.Driver},
	}
	hasIPv4 := false
	for _, pool := range n.IPAM.Config {
		hasIPv4 = hasIPv4 || pool.Subnet.Addr().Is4()
		config.Ipam.Config = append(config.Ipam.Config, poolDefinition(pool))
	}
	if n.EnableIPv6 {
		config.EnableIPv6 = new(true)
		if !n.EnableIPv4 && !hasIPv4 { // engines without optional IPv4 do not report it
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
func (n networks) Disconnect(
	ctx context.Context, from observed.Network, id string,
) (settings engine.EndpointSettings, err error) {
	err = n.call(ctx, "disconnect container "+shortID(id)+" from network "+from.Name, func(api *client.Client) error {
		answer, err := inspectContainer(ctx, api, id)
		if err != nil {
			return err
		}
		settings = endpointSettingsOf(answer, from.Name)
		_, err = api.NetworkDisconnect(ctx, from.ID, client.NetworkDisconnectOptions{Container: id})
		return err
	})
	return settings, err
}

// endpointSettingsOf reads the configuration of an endpoint. Older engines add the container's short id to the aliases.
// This alias is dropped.
func endpointSettingsOf(r container.InspectResponse, name string) engine.EndpointSettings {
	settings := engine.EndpointSettings{Endpoint: planner.Endpoint{Network: name, Config: &types.ServiceNetworkConfig{}}}
	if r.NetworkSettings == nil || r.NetworkSettings.Networks[name] == nil {
		return settings
	}
	existing := r.NetworkSettings.Networks[name]
	settings.Links = existing.Links
	isID := func(alias string) bool { return alias == shortID(r.ID) }
	settings.Aliases = slices.DeleteFunc(slices.Clone(existing.Aliases), isID)
	settings.Config.DriverOpts, settings.Config.GatewayPriority = existing.DriverOpts, existing.GwPriority
	if ipam := existing.IPAMConfig; ipam != nil {
		settings.Config.Ipv4Address = addressText(ipam.IPv4Address)
		settings.Config.Ipv6Address = addressText(ipam.IPv6Address)
		for _, ip := range ipam.LinkLocalIPs {
			settings.Config.LinkLocalIPs = append(settings.Config.LinkLocalIPs, ip.String())
		}
	}
	return settings
}

// Connect implements [engine.Engine].
func (n networks) Connect(ctx context.Context, networkID, id string, endpointSettings engine.EndpointSettings) error {
	return n.call(ctx, "connect container "+shortID(id)+" to network "+shortID(networkID), func(api *client.Client) error {
		settings := &network.EndpointSettings{Aliases: endpointSettings.Aliases, Links: endpointSettings.Links}
		if c := endpointSettings.Config; c != nil {
			settings.DriverOpts = c.DriverOpts
			if err := mapAddresses(settings, c); err != nil {
				return err
			}
			if n.supports(severalEndpointsAPI) { // older engines keep the address with the container
				if err := hardwareAddress(settings, c.MacAddress); err != nil {
					return err
				}
			}
		}
		_, err := api.NetworkConnect(ctx, networkID, client.NetworkConnectOptions{Container: id, EndpointConfig: settings})
		return err
	})
}
