package docker

import (
	"net/http"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tasks/planner"
)

func TestNetworkOptions(t *testing.T) {
	n := &planner.Network{
		Name:   "p_default",
		Labels: map[string]string{"a": "b"},
		Config: types.NetworkConfig{
			Driver: "bridge", DriverOpts: map[string]string{"mtu": "1400"}, Internal: true, Attachable: true, EnableIPv6: new(true),
			Ipam: types.IPAMConfig{Driver: "default", Options: types.Options{"o": "p"}, Config: []*types.IPAMPool{{
				Subnet: "10.1.0.0/16", IPRange: "10.1.2.0/24", Gateway: "10.1.0.1", AuxiliaryAddresses: types.Mapping{"x": "10.1.0.2"},
			}}},
		},
	}
	got, err := networkOptions(n, "1.47")
	if err != nil {
		t.Fatal(err)
	}
	if got.Driver != "bridge" || !got.Internal || !got.Attachable || !*got.EnableIPv6 || got.EnableIPv4 != nil {
		t.Errorf("options %+v", got)
	}
	if diff := cmp.Diff(map[string]string{"mtu": "1400"}, got.Options); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"o": "p"}, got.IPAM.Options); diff != "" {
		t.Errorf("options of the address management: %s", diff)
	}
	pool := got.IPAM.Config[0]
	text := []string{pool.Subnet.String(), pool.IPRange.String(), pool.Gateway.String(), pool.AuxAddress["x"].String()}
	if diff := cmp.Diff([]string{"10.1.0.0/16", "10.1.2.0/24", "10.1.0.1", "10.1.0.2"}, text); diff != "" {
		t.Error(diff)
	}
	empty, err := networkOptions(&planner.Network{Name: "x"}, "1.47")
	if err != nil || empty.IPAM != nil {
		t.Errorf("a network without configuration has %+v, error %v", empty, err)
	}
}

func TestNetworkOptionsFail(t *testing.T) {
	pool := func(p types.IPAMPool) types.NetworkConfig {
		return types.NetworkConfig{Ipam: types.IPAMConfig{Config: []*types.IPAMPool{&p}}}
	}
	tests := map[string]types.NetworkConfig{
		"enable_ipv4":   {EnableIPv4: new(false)},
		"subnet":        pool(types.IPAMPool{Subnet: "10.1"}),
		"ip_range":      pool(types.IPAMPool{IPRange: "x"}),
		"gateway":       pool(types.IPAMPool{Gateway: "x"}),
		"aux_addresses": pool(types.IPAMPool{AuxiliaryAddresses: types.Mapping{"a": "x"}}),
	}
	for attribute, config := range tests {
		if _, err := networkOptions(&planner.Network{Config: config}, "1.47"); err == nil || !strings.Contains(err.Error(), attribute) {
			t.Errorf("error %v, want one that names %s", err, attribute)
		}
	}
	if got, err := networkOptions(&planner.Network{Config: types.NetworkConfig{EnableIPv4: new(false)}}, "1.48"); err != nil || *got.EnableIPv4 {
		t.Errorf("a new engine gets %+v, error %v", got, err)
	}
}

// TestNetworkOptionsTellThePlace: the error for an old engine has the place in the compose file.
func TestNetworkOptionsTellThePlace(t *testing.T) {
	n := &planner.Network{
		Key: "six", Config: types.NetworkConfig{EnableIPv4: new(false)},
		Locate: func(path ...string) string { return "compose.yaml:3:5(" + strings.Join(path, ".") + ")" },
	}
	_, err := networkOptions(n, "1.47")
	want := "compose.yaml:3:5(enable_ipv4): network six: enable_ipv4: false needs Docker Engine 28.0 (API 1.48), and this one speaks API 1.47"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// networkEngine is an engine of API 1.41 with these networks.
func networkEngine(t *testing.T, body string) *Engine {
	engine, _ := fakeEngine(t, httpAnswer(t, body))
	return engine
}

func TestExternalNetwork(t *testing.T) {
	two := `[{"Name":"x","Id":"1"},{"Name":"x-2","Id":"2"}]`
	id, made, err := networkEngine(t, two).CreateNetwork(t.Context(), &planner.Network{Name: "x", External: true})
	if id != "1" || made || err != nil {
		t.Errorf("id %q, made %t, error %v; want the one that has exactly the name", id, made, err)
	}
	_, _, err = networkEngine(t, "[]").CreateNetwork(t.Context(), &planner.Network{Name: "x", External: true})
	if err == nil || !strings.Contains(err.Error(), "docker network create x") {
		t.Errorf("error %v of a missing one, want one that says how to create it", err)
	}
}

func TestNetworkOfSeveralIsRefused(t *testing.T) {
	engine := networkEngine(t, `[{"Name":"x","Id":"1"},{"Name":"x","Id":"2"}]`)
	_, _, err := engine.CreateNetwork(t.Context(), &planner.Network{Name: "x", External: true})
	if err == nil || !strings.Contains(err.Error(), "2 networks") {
		t.Errorf("error %v, want one that counts them", err)
	}
}

func TestNetworkThatOthersMadeIsTaken(t *testing.T) {
	engine := networkEngine(t, `[{"Name":"x","Id":"1","Labels":null}]`)
	id, made, err := engine.CreateNetwork(t.Context(), &planner.Network{Name: "x"})
	if diff := cmp.Diff([]any{"1", false, nil}, []any{id, made, err}, cmpopts.EquateErrors()); diff != "" {
		t.Error(diff)
	}
}

// TestNetworkNotCreatedBecauseOfOthers: another run has just made the network, and a second cannot be created.
func TestNetworkNotCreatedBecauseOfOthers(t *testing.T) {
	refused := false
	engine, _ := fakeEngine(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost:
			refused = true
			answer(w, 500, `{"message":"no address pool left"}`)
		case refused:
			answer(w, 200, `[{"Name":"x","Id":"1"}]`)
		default:
			answer(w, 200, "[]")
		}
	})
	id, made, err := engine.CreateNetwork(t.Context(), &planner.Network{Name: "x"})
	if id != "1" || made || err != nil {
		t.Errorf("id %q, made %t, error %v; want the other's", id, made, err)
	}
}

func TestNetworkNotCreated(t *testing.T) {
	engine, _ := fakeEngine(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			answer(w, 500, `{"message":"no address pool left"}`)
			return
		}
		answer(w, 200, "[]")
	})
	id, made, err := engine.CreateNetwork(t.Context(), &planner.Network{Name: "x"})
	if id != "" || made || err == nil || !strings.Contains(err.Error(), "create network x: no address pool left") {
		t.Errorf("id %q, made %t, error %v; want the engine's words", id, made, err)
	}
}
