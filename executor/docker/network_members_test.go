package docker

import (
	"encoding/json"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"

	"tasks/executor/engine"
	"tasks/planner"
)

// decoded reads an answer of the engine.
func decoded[T any](t *testing.T, text string) (value T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// A recreated network has the old configuration, for every form of the engine's answer.
func TestNetworkAsMade(t *testing.T) {
	for name, test := range map[string]struct {
		told string
		want types.NetworkConfig
	}{
		"of an engine that knows no IPv4 to leave out": {
			`{"Driver": "bridge", "EnableIPv6": true, "Internal": true, "Options": {"a": "b"}, "IPAM": {"Driver": "default", "Config": [
				{"Subnet": "10.1.0.0/16", "IPRange": "10.1.2.0/24", "Gateway": "10.1.0.1", "AuxiliaryAddresses": {"x": "10.1.0.9"}},
				{"Subnet": "fd00::/64"}]}}`,
			types.NetworkConfig{
				Driver: "bridge", EnableIPv6: new(true), Internal: true, DriverOpts: types.Options{"a": "b"},
				Ipam: types.IPAMConfig{Driver: "default", Config: []*types.IPAMPool{
					{Subnet: "10.1.0.0/16", IPRange: "10.1.2.0/24", Gateway: "10.1.0.1", AuxiliaryAddresses: types.Mapping{"x": "10.1.0.9"}},
					{Subnet: "fd00::/64"},
				}},
			},
		},
		"without IPv4": {
			`{"Driver": "bridge", "EnableIPv4": false, "EnableIPv6": true, "Attachable": true, "IPAM": {"Driver": "default", "Config": [{"Subnet": "fd00::/64", "Gateway": "fd00::1"}]}}`,
			types.NetworkConfig{
				Driver: "bridge", EnableIPv4: new(false), EnableIPv6: new(true), Attachable: true,
				Ipam: types.IPAMConfig{Driver: "default", Config: []*types.IPAMPool{{Subnet: "fd00::/64", Gateway: "fd00::1"}}},
			},
		},
		"with no addresses at all": {
			`{"Driver": "null", "IPAM": {"Driver": "null"}}`,
			types.NetworkConfig{Driver: "null", Ipam: types.IPAMConfig{Driver: "null"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := decoded[network.Network](t, test.told)
			n.Name, n.Labels = "app_default", map[string]string{"l": "1"}
			want := &planner.Network{Name: "app_default", Config: test.want, Labels: n.Labels}
			if diff := cmp.Diff(want, networkDefinition(n)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// Only the requested settings belong to an endpoint: not the address by chance, nor the short id.
func TestSeat(t *testing.T) {
	const id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	response := decoded[container.InspectResponse](t, `{"Id": "`+id+`", "NetworkSettings": {"Networks": {
		"other": {"Aliases": ["wrong"]},
		"app_default": {"Aliases": ["db", "0123456789ab"], "Links": ["app-web-1:web"], "DriverOpts": {"a": "b"}, "GwPriority": 3,
			"IPAMConfig": {"IPv4Address": "10.1.0.9", "IPv6Address": "fd00::9", "LinkLocalIPs": ["169.254.1.2"]},
			"IPAddress": "10.1.0.7", "MacAddress": "02:42:ac:11:00:02", "NetworkID": "x"}}}}`)
	want := engine.EndpointSettings{
		Endpoint: planner.Endpoint{Network: "app_default", Aliases: []string{"db"}, Config: &types.ServiceNetworkConfig{
			Ipv4Address: "10.1.0.9", Ipv6Address: "fd00::9", LinkLocalIPs: []string{"169.254.1.2"}, GatewayPriority: 3,
			DriverOpts: map[string]string{"a": "b"},
		}},
		Links: []string{"app-web-1:web"},
	}
	if diff := cmp.Diff(want, endpointSettingsOf(response, "app_default")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	none := engine.EndpointSettings{Endpoint: planner.Endpoint{Network: "gone", Config: &types.ServiceNetworkConfig{}}}
	if diff := cmp.Diff(none, endpointSettingsOf(response, "gone")); diff != "" {
		t.Errorf("of a network that it is not on:\n%s", diff)
	}
}
