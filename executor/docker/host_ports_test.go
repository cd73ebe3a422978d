package docker

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/moby/api/types/container"
)

func TestHostPorts(t *testing.T) {
	response := decoded[container.InspectResponse](t, `{"NetworkSettings": {"Ports": {
		"80/tcp": [{"HostIp": "::", "HostPort": "49154"}, {"HostIp": "0.0.0.0", "HostPort": "49153"}],
		"81/tcp": [{"HostIp": "::1", "HostPort": "49160"}],
		"82/tcp": [{"HostIp": "127.0.0.1", "HostPort": "1"}, {"HostIp": "127.0.0.1", "HostPort": "2"}],
		"53/udp": [{"HostIp": "", "HostPort": "53"}],
		"90/tcp": null, "91/tcp": []}}}`)
	want := map[string]string{"80/tcp": "49153", "81/tcp": "49160", "82/tcp": "1", "53/udp": "53"}
	if diff := cmp.Diff(want, hostPorts(response)); diff != "" {
		t.Error(diff)
	}
	if got := hostPorts(container.InspectResponse{}); len(got) > 0 {
		t.Errorf("%v", got)
	}
}
