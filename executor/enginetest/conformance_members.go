package enginetest

import (
	"fmt"
	"hash/crc32"
	"slices"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/executor/engine"
	"tasks/planner"
	"tasks/planner/observed"
)

// subnetOf is the beginning of a subnet that is likely to be a project's alone.
func subnetOf(project string) string {
	sum := crc32.ChecksumIEEE([]byte(project))
	return fmt.Sprintf("10.%d.%d", 160+sum%40, sum/40%256)
}

// networkChanged takes containers off a network, makes it anew and gives them their places again.
func networkChanged(f *fixture) {
	subnet := subnetOf(f.project)
	n := f.network("default")
	n.Config.Ipam.Config = []*types.IPAMPool{{Subnet: subnet + ".0/24"}}
	old, _ := f.createNetwork(n)
	place := planner.Endpoint{Key: "default", Network: n.Name, Aliases: []string{"database"}, Config: &types.ServiceNetworkConfig{
		Ipv4Address: subnet + ".40", DriverOpts: map[string]string{"com.example.option": "kept"},
	}}
	ran, never := f.createAtEndpoint("db", place), f.createAtEndpoint("web", planner.Endpoint{Key: "default", Network: n.Name, Aliases: []string{"site"}})
	f.start(ran)
	f.running("elsewhere")
	state, err := f.engine.InspectNetwork(f.Context(), old)
	f.fatal(err)
	if got, want := idsOf(state.Members), []string{ran, never}; state.ID != old || state.Name != n.Name || !slices.Equal(got, want) {
		f.Fatalf("network %s %s with %q; want %s %s with %q", state.ID, state.Name, got, old, n.Name, want)
	}
	f.noError(f.engine.StopContainer(f.Context(), ran, new(time.Second)))
	seats := map[string]engine.EndpointSettings{}
	for _, id := range []string{ran, never} {
		seats[id], err = f.engine.Disconnect(f.Context(), state.Network, id)
		f.fatal(err)
		if on := f.inspect(id).Networks; len(on) != 0 {
			f.Errorf("still on networks %v", on)
		}
	}
	f.assertEndpointKept(seats[ran], place)
	f.assertEndpointKept(seats[never], planner.Endpoint{Aliases: []string{"site"}, Config: &types.ServiceNetworkConfig{}})
	f.noError(f.engine.RemoveNetwork(f.Context(), old))
	_, err = f.engine.InspectNetwork(f.Context(), old)
	f.isNotFound(err)
	renewed, made := f.createNetwork(state.Definition)
	if !made || renewed == old {
		f.Fatalf("made %t, %s after %s", made, renewed, old)
	}
	for id, seat := range seats {
		f.noError(f.engine.Connect(f.Context(), renewed, id, seat))
		f.start(id)
		if on := f.inspect(id).Networks; len(on) != 1 || on[n.Name] != renewed {
			f.Errorf("on networks %v, want %s", on, renewed)
		}
		f.noError(f.engine.StopContainer(f.Context(), id, new(time.Second)))
	}
	again, err := f.engine.InspectNetwork(f.Context(), renewed)
	f.fatal(err)
	seat, err := f.engine.Disconnect(f.Context(), again.Network, ran)
	f.fatal(err)
	f.assertEndpointKept(seat, place)
}

// createAtEndpoint is a container that was never started, with a place in a network.
func (f *fixture) createAtEndpoint(service string, place planner.Endpoint) string {
	f.Helper()
	spec := f.spec(service, "SLEEP=forever")
	spec.Service.NetworkMode = ""
	spec.Networks = []planner.Endpoint{place}
	return f.create(spec)
}

// assertEndpointKept says whether a place has all that was asked of it, and nothing of the engine's choice.
func (f *fixture) assertEndpointKept(got engine.EndpointSettings, want planner.Endpoint) {
	f.Helper()
	config := got.Config
	if config == nil {
		config = &types.ServiceNetworkConfig{}
	}
	option := "com.example.option"
	if !slices.Equal(got.Aliases, want.Aliases) || config.Ipv4Address != want.Config.Ipv4Address || config.DriverOpts[option] != want.Config.DriverOpts[option] {
		f.Errorf("the place is %q %+v; want %q %+v", got.Aliases, config, want.Aliases, want.Config)
	}
}

func idsOf(containers []*observed.Container) []string {
	var ids []string
	for _, c := range containers {
		ids = append(ids, c.ID)
	}
	return ids
}
