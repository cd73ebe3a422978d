package enginetest

import (
	"strconv"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/planner"
)

// hostPorts are known while the container runs, and given anew where the choice is the engine's.
func hostPorts(f *fixture) {
	n := f.network("default")
	f.createNetwork(n)
	spec := f.spec("web", "SLEEP=forever")
	spec.Service.NetworkMode = ""
	spec.Networks = []planner.Endpoint{{Key: "default", Network: n.Name}}
	spec.Service.Ports = []types.ServicePortConfig{
		{Target: 8080, HostIP: "127.0.0.1", Protocol: "tcp"}, {Target: 53, HostIP: "127.0.0.1", Protocol: "udp"},
	}
	id := f.create(spec)
	if before := f.inspect(id).HostPorts; len(before) > 0 {
		f.Errorf("before its start it has the host ports %v", before)
	}
	f.start(id)
	ports := f.inspect(id).HostPorts
	for _, port := range []string{"8080/tcp", "53/udp"} {
		if at, err := strconv.ParseUint(ports[port], 10, 16); err != nil || at == 0 {
			f.Errorf("%s is at %q", port, ports[port])
		}
	}
	f.noError(f.engine.KillContainer(f.Context(), id, "SIGKILL"))
	f.untilState(id, "exited")
	if after := f.inspect(id).HostPorts; len(after) > 0 {
		f.Errorf("after its end it has the host ports %v", after)
	}
}
