package docker

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"

	"tasks/planner"
)

// severalEndpointsAPI is the first API version with several endpoints at the creation of a container. From this version
// on, an endpoint also has a MAC address.
const severalEndpointsAPI = "1.44"

// connection is a network to connect to a created container.
type connection struct {
	// network is the engine's name for the network.
	network  string
	endpoint *network.EndpointSettings
}

// networkAttributes configure names, addresses and ports. mapNetworks maps the endpoints of the spec.
func networkAttributes() []attribute {
	return []attribute{
		{name: "network_mode", target: "HostConfig.NetworkMode, or Config.NetworkDisabled",
			apply: (*mapper).networkMode},
		{name: "networks", target: "NetworkingConfig"},
		{name: "mac_address", target: "the endpoint of the main network", since: severalEndpointsAPI,
			apply: (*mapper).macAddress},
		{name: "links", target: "HostConfig.Links and the endpoints"},
		{name: "external_links", target: "HostConfig.Links and the endpoints"},
		{name: "ports", target: "Config.ExposedPorts and HostConfig.PortBindings", apply: (*mapper).ports},
		{name: "expose", target: "Config.ExposedPorts", apply: (*mapper).expose},
		{name: "dns", target: "HostConfig.DNS", apply: (*mapper).dns},
		{name: "dns_opt", target: "HostConfig.DNSOptions",
			apply: infallible(func(m *mapper) { m.host.DNSOptions = m.service.DNSOpts })},
		{name: "dns_search", target: "HostConfig.DNSSearch",
			apply: infallible(func(m *mapper) { m.host.DNSSearch = m.service.DNSSearch })},
		{name: "extra_hosts", target: "HostConfig.ExtraHosts", apply: infallible(func(m *mapper) {
			m.host.ExtraHosts = slices.Sorted(slices.Values(m.service.ExtraHosts.AsList(":")))
		})},
	}
}

func (m *mapper) networkMode() error {
	if m.service.NetworkMode == "disabled" {
		m.config.NetworkDisabled = true
		m.host.NetworkMode = network.NetworkNone
		return nil
	}
	m.host.NetworkMode = container.NetworkMode(m.service.NetworkMode)
	return checkResolved(m.service.NetworkMode)
}

// macAddress checks the MAC address of the service. endpointMapper adds the address to the main endpoint.
func (m *mapper) macAddress() error {
	if len(m.spec.Networks) == 0 {
		return fmt.Errorf("there is no network of its own to have it in: network_mode is %s", m.service.NetworkMode)
	}
	if own := m.spec.Networks[0].Config; own != nil && own.MacAddress != "" && own.MacAddress != m.service.MacAddress {
		const format = "%s is not the %s of networks.%s: give one of them"
		return fmt.Errorf(format, m.service.MacAddress, own.MacAddress, m.spec.Networks[0].Key)
	}
	return nil
}

// mapNetworks maps the endpoints of the spec. At creation, engines before 25 accept only the main endpoint.
func (m *mapper) mapNetworks() error {
	m.host.Links = m.links()
	if m.service.NetworkMode != "" {
		return nil
	}
	if m.service.Provider != nil {
		return nil // a provider has no container and is refused
	}
	if len(m.spec.Networks) == 0 {
		return m.errorAbout(attributeSubject("networks"), errors.New("none is given, and no network_mode"))
	}
	m.host.NetworkMode = container.NetworkMode(m.spec.Networks[0].Network)
	mapping := endpointMapper{reporter: m.reporter, links: m.host.Links, mainMAC: m.service.MacAddress}
	endpoints := map[string]*network.EndpointSettings{}
	var errs []error
	for i, e := range m.spec.Networks {
		settings, err := mapping.endpoint(e, i == 0)
		errs = append(errs, err)
		if i == 0 || m.api.atLeast(severalEndpointsAPI) {
			endpoints[e.Network] = settings
		} else {
			m.request.connections = append(m.request.connections, connection{network: e.Network, endpoint: settings})
		}
	}
	m.request.options.NetworkingConfig = &network.NetworkingConfig{EndpointsConfig: endpoints}
	return errors.Join(errs...)
}

// links returns the links to other services, from the spec, and the links to containers of other projects.
func (m *mapper) links() []string {
	links := slices.Clone(m.spec.Links)
	for _, link := range m.service.ExternalLinks {
		name, alias, _ := strings.Cut(link, ":")
		if full := name + ":" + cmp.Or(alias, name); !slices.Contains(links, full) {
			links = append(links, full)
		}
	}
	return links
}

// endpointMapper maps the endpoints of a container.
type endpointMapper struct {
	*reporter
	links []string
	// mainMAC is the MAC address of the service. It belongs to the main endpoint.
	mainMAC string
}

func (m endpointMapper) endpoint(e planner.Endpoint, main bool) (*network.EndpointSettings, error) {
	settings := &network.EndpointSettings{Aliases: e.Aliases, Links: m.links}
	config := e.Config
	if config == nil {
		config = &types.ServiceNetworkConfig{}
	}
	about := attributeSubject("networks", e.Key)
	mac, ofMAC := config.MacAddress, attributeSubject("networks", e.Key, "mac_address")
	if main && mac == "" {
		mac, ofMAC = m.mainMAC, attributeSubject("mac_address")
	}
	return settings, errors.Join(
		m.requireEndpointAPI(e.Key, config),
		m.errorAbout(about, mapAddresses(settings, config)),
		m.errorAbout(ofMAC, hardwareAddress(settings, mac)),
		m.errorAbout(about, mapDriverOptions(settings, config)),
	)
}

// requireEndpointAPI returns an error for attributes of an endpoint that older engines ignore silently.
func (m endpointMapper) requireEndpointAPI(key string, config *types.ServiceNetworkConfig) error {
	var errs []error
	for _, need := range []struct {
		name, since string
		set         bool
	}{
		{"mac_address", severalEndpointsAPI, config.MacAddress != ""},
		{"gw_priority", "1.48", config.GatewayPriority != 0},
		{"interface_name", "1.49", config.InterfaceName != ""},
	} {
		if need.set {
			errs = append(errs, m.requireAPI(attributeSubject("networks", key, need.name), need.since))
		}
	}
	return errors.Join(errs...)
}

func mapAddresses(settings *network.EndpointSettings, config *types.ServiceNetworkConfig) error {
	settings.GwPriority = config.GatewayPriority
	if config.Ipv4Address == "" && config.Ipv6Address == "" && len(config.LinkLocalIPs) == 0 {
		return nil
	}
	ipam := &network.EndpointIPAMConfig{}
	var errs [2]error
	ipam.IPv4Address, errs[0] = address("ipv4_address", config.Ipv4Address)
	ipam.IPv6Address, errs[1] = address("ipv6_address", config.Ipv6Address)
	settings.IPAMConfig = ipam
	for _, ip := range config.LinkLocalIPs {
		parsed, err := address("link_local_ips", ip)
		if err != nil {
			return err
		}
		ipam.LinkLocalIPs = append(ipam.LinkLocalIPs, parsed)
	}
	return errors.Join(errs[:]...)
}

// address parses an IP address. An empty text is no error.
func address(field, text string) (netip.Addr, error) {
	if text == "" {
		return netip.Addr{}, nil
	}
	ip, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{}, atPart(fmt.Errorf("%s: %q is no IP address", field, text), field)
	}
	return ip.Unmap(), nil
}

func hardwareAddress(settings *network.EndpointSettings, text string) error {
	if text == "" {
		return nil
	}
	mac, err := net.ParseMAC(text)
	if err != nil {
		return fmt.Errorf("%q is no MAC address", text)
	}
	settings.MacAddress = network.HardwareAddr(mac)
	return nil
}

// mapDriverOptions returns a copy, because the map belongs to the model. For the engine, interface_name is an option of
// the driver.
func mapDriverOptions(settings *network.EndpointSettings, config *types.ServiceNetworkConfig) error {
	const interfaceName = "com.docker.network.endpoint.ifname"
	settings.DriverOpts = maps.Clone(config.DriverOpts)
	if config.InterfaceName == "" {
		return nil
	}
	if have, ok := settings.DriverOpts[interfaceName]; ok && have != config.InterfaceName {
		const format = "interface_name %s contradicts %s in driver_opts, which is %s"
		err := fmt.Errorf(format, config.InterfaceName, interfaceName, have)
		return atPart(err, "interface_name")
	}
	if settings.DriverOpts == nil {
		settings.DriverOpts = map[string]string{}
	}
	settings.DriverOpts[interfaceName] = config.InterfaceName
	return nil
}

// ports publishes and exposes the ports. For a single engine, mode, name and app_protocol have no meaning.
func (m *mapper) ports() error {
	m.host.PortBindings = network.PortMap{}
	for _, p := range m.service.Ports {
		port, err := network.ParsePort(fmt.Sprintf("%d/%s", p.Target, cmp.Or(p.Protocol, "tcp")))
		if err != nil {
			return fmt.Errorf("%d/%s: %w", p.Target, p.Protocol, err)
		}
		ip, err := address("host_ip", p.HostIP)
		if err != nil {
			return err
		}
		m.exposePort(port)
		m.host.PortBindings[port] = append(m.host.PortBindings[port], network.PortBinding{HostIP: ip, HostPort: p.Published})
	}
	return nil
}

// expose also accepts ranges.
func (m *mapper) expose() error {
	for _, spec := range m.service.Expose {
		ports, err := network.ParsePortRange(spec)
		if err != nil {
			return fmt.Errorf("%q: %w", spec, err)
		}
		for port := range ports.All() {
			m.exposePort(port)
		}
	}
	return nil
}

func (m *mapper) exposePort(port network.Port) {
	if m.config.ExposedPorts == nil {
		m.config.ExposedPorts = network.PortSet{}
	}
	m.config.ExposedPorts[port] = struct{}{}
}

func (m *mapper) dns() error {
	for _, server := range m.service.DNS {
		ip, err := address("server", server)
		if err != nil {
			return err
		}
		m.host.DNS = append(m.host.DNS, ip)
	}
	return nil
}
