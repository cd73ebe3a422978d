package docker

import (
	"encoding/json"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"
	"github.com/moby/moby/api/types/network"
)

// wiring holds a container's connections at the creation, and later connections.
func wiring(t *testing.T, made createRequest) (atCreate, later map[string]any) {
	t.Helper()
	later = map[string]any{}
	for _, c := range made.connections {
		later[c.network] = setFields(t, c.endpoint)
	}
	atCreate = map[string]any{}
	if made.options.NetworkingConfig != nil {
		for name, endpoint := range made.options.NetworkingConfig.EndpointsConfig {
			atCreate[name] = setFields(t, endpoint)
		}
	}
	return atCreate, later
}

// setFields are the fields of an endpoint with a value.
func setFields(t *testing.T, endpoint *network.EndpointSettings) map[string]any {
	t.Helper()
	fields := onTheWire(t, endpoint)
	for key, value := range onTheWire(t, &network.EndpointSettings{}) {
		if cmp.Equal(fields[key], value) {
			delete(fields, key)
		}
	}
	return fields
}

func TestNetworking(t *testing.T) {
	const networks = "networks: {front: , back: , far: {external: true, name: elsewhere}}"
	const two = "networks: {back: , front: {priority: 5, aliases: [x]}}"
	tests := map[string]struct {
		attributes string
		api        apiVersion
		mode       string
		at, later  string
	}{
		"the default network": {
			"hostname: x", newest, "p_default", `{"p_default": {"Aliases": ["p-web-1", "web"]}}`, `{}`,
		},
		"two, the main one by priority": {
			two, "1.44", "p_front",
			`{"p_front": {"Aliases": ["p-web-1", "web"]}, "p_back": {"Aliases": ["p-web-1", "web"]}}`, `{}`,
		},
		"two, on an engine that takes one at a time": {
			two, "1.43", "p_front",
			`{"p_front": {"Aliases": ["p-web-1", "web"]}}`, `{"p_back": {"Aliases": ["p-web-1", "web"]}}`,
		},
		"an external network": {
			"networks: [far]", newest, "elsewhere", `{"elsewhere": {"Aliases": ["p-web-1", "web"]}}`, `{}`,
		},
		"addresses": {
			"networks: {front: {ipv4_address: 10.9.9.5, ipv6_address: 'fd00::5', link_local_ips: [169.254.1.2]}}", newest, "p_front",
			`{"p_front": {"Aliases": ["p-web-1", "web"],
				"IPAMConfig": {"IPv4Address": "10.9.9.5", "IPv6Address": "fd00::5", "LinkLocalIPs": ["169.254.1.2"]}}}`, `{}`,
		},
		"options of the driver": {
			"networks: {front: {driver_opts: {a: b}, interface_name: eth7, gw_priority: 3}}", newest, "p_front",
			`{"p_front": {"Aliases": ["p-web-1", "web"], "GwPriority": 3,
				"DriverOpts": {"a": "b", "com.docker.network.endpoint.ifname": "eth7"}}}`, `{}`,
		},
		"the service's MAC address is the main network's": {
			two + "\nmac_address: 02:42:ac:11:00:02", newest, "p_front",
			`{"p_front": {"Aliases": ["p-web-1", "web"], "MacAddress": "02:42:ac:11:00:02"}, "p_back": {"Aliases": ["p-web-1", "web"]}}`, `{}`,
		},
		"a network's MAC address": {
			"networks: {back: {mac_address: '02:42:ac:11:00:03'}, front: {priority: 1}}", newest, "p_front",
			`{"p_front": {"Aliases": ["p-web-1", "web"]}, "p_back": {"Aliases": ["p-web-1", "web"], "MacAddress": "02:42:ac:11:00:03"}}`, `{}`,
		},
		"host":                    {"network_mode: host", newest, "host", `{}`, `{}`},
		"none":                    {"network_mode: none", newest, "none", `{}`, `{}`},
		"of another container":    {"network_mode: 'container:abc'", newest, "container:abc", `{}`, `{}`},
		"none, by Compose's word": {"network_mode: disabled", newest, "none", `{}`, `{}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			made := created(t, specOf(t, test.attributes, networks), test.api)
			at, later := wiring(t, made)
			if diff := cmp.Diff(parsed(t, test.at), at); diff != "" {
				t.Errorf("at creation, -want +got:\n%s", diff)
			}
			if diff := cmp.Diff(parsed(t, test.later), later); diff != "" {
				t.Errorf("after creation, -want +got:\n%s", diff)
			}
			if got := string(made.options.HostConfig.NetworkMode); got != test.mode {
				t.Errorf("mode %q, want %q", got, test.mode)
			}
			if got, want := made.options.Config.NetworkDisabled, test.attributes == "network_mode: disabled"; got != want {
				t.Errorf("disabled: %v", got)
			}
		})
	}
}

func TestNetworkingRefusals(t *testing.T) {
	checkRefusals(t, map[string]refusal{
		"IPv4":               {"networks: {front: {ipv4_address: x}}", "", `service web: networks.front: ipv4_address: "x" is no IP address`},
		"IPv6":               {"networks: {front: {ipv6_address: x}}", "", `service web: networks.front: ipv6_address: "x" is no IP address`},
		"link-local":         {"networks: {front: {link_local_ips: [x]}}", "", `service web: networks.front: link_local_ips: "x" is no IP address`},
		"MAC":                {"networks: {front: {mac_address: x}}", "", `service web: networks.front.mac_address: "x" is no MAC address`},
		"MAC of the service": {"mac_address: x", "", `service web: mac_address: "x" is no MAC address`},
		"two MACs": {
			"networks: {front: {mac_address: '02:42:ac:11:00:03'}}\nmac_address: 02:42:ac:11:00:02", "",
			"service web: mac_address: 02:42:ac:11:00:02 is not the 02:42:ac:11:00:03 of networks.front: give one of them",
		},
		"a MAC without a network": {
			"network_mode: host\nmac_address: 02:42:ac:11:00:02", "",
			"service web: mac_address: there is no network of its own to have it in: network_mode is host",
		},
		"two interface names": {
			"networks: {front: {interface_name: eth7, driver_opts: {com.docker.network.endpoint.ifname: eth8}}}", "",
			"service web: networks.front: interface_name eth7 contradicts com.docker.network.endpoint.ifname in driver_opts, which is eth8",
		},
		"a name server": {"dns: nowhere", "", `service web: dns: server: "nowhere" is no IP address`},
		"expose":        {"expose: [x]", "", `service web: expose: "x": invalid`},
	}, "networks: {front: }")
	spec := specOf(t, "hostname: x")
	spec.Service.Ports = []types.ServicePortConfig{{Target: 80, HostIP: "x"}}
	if _, err := createOptions(spec, newest); err == nil || err.Error() != `service web: ports: host_ip: "x" is no IP address` {
		t.Errorf("host_ip: %v", err)
	}
	spec.Service.Ports, spec.Networks = nil, nil
	if _, err := createOptions(spec, newest); err == nil || err.Error() != "service web: networks: none is given, and no network_mode" {
		t.Errorf("without a network: %v", err)
	}
}

func TestPorts(t *testing.T) {
	checkMappings(t, map[string]mapping{
		"published": {
			"ports: ['8080:80', '127.0.0.1:5353:53/udp', '90']",
			`{"ExposedPorts": {"80/tcp": {}, "53/udp": {}, "90/tcp": {}}, "PortBindings": {
				"80/tcp": [{"HostIp": "", "HostPort": "8080"}], "53/udp": [{"HostIp": "127.0.0.1", "HostPort": "5353"}],
				"90/tcp": [{"HostIp": "", "HostPort": ""}]}}`,
		},
		"published twice": {
			"ports: ['8080:80', '8081:80']",
			`{"ExposedPorts": {"80/tcp": {}}, "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8080"}, {"HostIp": "", "HostPort": "8081"}]}}`,
		},
		"a range of the host": {
			"ports: [{target: 80, published: '8080-8090', mode: host, name: web, app_protocol: http}]",
			`{"ExposedPorts": {"80/tcp": {}}, "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8080-8090"}]}}`,
		},
		"exposed": {
			"expose: ['80', '90-91/udp']\nports: ['70']",
			`{"ExposedPorts": {"70/tcp": {}, "80/tcp": {}, "90/udp": {}, "91/udp": {}}, "PortBindings": {"70/tcp": [{"HostIp": "", "HostPort": ""}]}}`,
		},
	})
}

func TestNamesOfHosts(t *testing.T) {
	checkMappings(t, map[string]mapping{
		"dns": {
			"dns: [1.1.1.1, 'fd00::1']\ndns_opt: [ndots:1]\ndns_search: [x.test]",
			`{"Dns": ["1.1.1.1", "fd00::1"], "DnsOptions": ["ndots:1"], "DnsSearch": ["x.test"]}`,
		},
		"extra hosts, sorted": {
			"extra_hosts: ['b:1.1.1.1', 'a=::1', 'host.docker.internal:host-gateway']",
			`{"ExtraHosts": ["a:::1", "b:1.1.1.1", "host.docker.internal:host-gateway"]}`,
		},
		"external links": {"external_links: [other, 'more:alias']", `{"Links": ["other:other", "more:alias"]}`},
	})
}

func TestLinks(t *testing.T) {
	spec := specOf(t, "external_links: ['c:d', 'a:b']")
	spec.Links = []string{"a:b"}
	made := created(t, spec, newest)
	want := []string{"a:b", "c:d"}
	if diff := cmp.Diff(want, made.options.HostConfig.Links); diff != "" {
		t.Errorf("host:\n%s", diff)
	}
	if diff := cmp.Diff(want, made.options.NetworkingConfig.EndpointsConfig["p_default"].Links); diff != "" {
		t.Errorf("endpoint:\n%s", diff)
	}
}

// An absent address must not be sent, and the engine must be able to read an endpoint.
func TestEndpointOnTheWire(t *testing.T) {
	made := created(t, specOf(t, "mac_address: 02:42:ac:11:00:02"), newest)
	encoded, err := json.Marshal(made.options.NetworkingConfig)
	if err != nil {
		t.Fatal(err)
	}
	var back network.NetworkingConfig
	if err := json.Unmarshal(encoded, &back); err != nil {
		t.Fatalf("%v in %s", err, encoded)
	}
	endpoint := back.EndpointsConfig["p_default"]
	if endpoint.IPAMConfig != nil || endpoint.IPAddress.IsValid() || endpoint.MacAddress.String() != "02:42:ac:11:00:02" {
		t.Errorf("got %s", encoded)
	}
}
