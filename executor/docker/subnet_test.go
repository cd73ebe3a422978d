package docker

import (
	"encoding/json"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tasks/planner"
)

const exhausted = `{"message":"could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network"}`

// exhaustedEngine has no free addresses and one network, and refuses the first subnet.
func exhaustedEngine(t *testing.T, subnets *[]string) *Engine {
	engine, _ := fakeEngine(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			answer(w, 200, `[]`)
			return
		}
		var request struct {
			IPAM *struct{ Config []struct{ Subnet string } }
		}
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
			t.Error(err)
		}
		if request.IPAM == nil {
			answer(w, 404, exhausted)
			return
		}
		*subnets = append(*subnets, request.IPAM.Config[0].Subnet)
		if len(*subnets) == 1 {
			answer(w, 403, `{"message":"Pool overlaps with other one on this address space"}`)
			return
		}
		answer(w, 201, `{"Id":"made"}`)
	})
	return engine
}

func TestSubnetWhereThePoolsAreExhausted(t *testing.T) {
	var subnets []string
	engine := exhaustedEngine(t, &subnets)
	if err := engine.negotiate(t.Context()); err != nil {
		t.Fatal(err)
	}
	m := &networkCreator{api: engine.api, name: "x"}
	created, err := m.create(t.Context())
	if err != nil || created.ID != "made" {
		t.Errorf("created %q, error %v", created.ID, err)
	}
	if len(subnets) != 2 || subnets[0] == subnets[1] {
		t.Errorf("asked for %q, want two different subnets", subnets)
	}
}

func TestNoSubnetIsChosenForTheAuthor(t *testing.T) {
	for name, config := range map[string]types.NetworkConfig{
		"ipam":   {Ipam: types.IPAMConfig{Driver: "default"}},
		"driver": {Driver: "macvlan"},
	} {
		engine, _ := fakeEngine(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				answer(w, 200, `[]`)
				return
			}
			answer(w, 404, exhausted)
		})
		_, _, err := engine.CreateNetwork(t.Context(), &planner.Network{Name: "x", Config: config})
		if err == nil || !strings.Contains(err.Error(), "no free address range") || !strings.Contains(err.Error(), "docker network prune") {
			t.Errorf("%s: error %v, want the fact with the remedies", name, err)
		}
	}
}

func TestFreeSubnets(t *testing.T) {
	taken := []netip.Prefix{netip.MustParsePrefix("10.255.254.0/23"), netip.MustParsePrefix("10.192.1.7/32")}
	var got []string
	for subnet := range freeSubnets(taken, subnets-1) {
		if got = append(got, subnet.String()); len(got) == 3 {
			break
		}
	}
	if diff := cmp.Diff([]string{"10.192.0.0/24", "10.192.2.0/24", "10.192.3.0/24"}, got); diff != "" {
		t.Error(diff)
	}
	all := slices.Collect(freeSubnets([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, 0))
	if len(all) != 0 {
		t.Errorf("%d subnets in what is taken", len(all))
	}
}

func TestParseRoutes(t *testing.T) {
	table := `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	0101A8C0	0003	0	0	0	00000000	0	0	0
tun0	0000C80A	00000000	0001	0	0	0	0000FCFF	0	0	0
docker0	000011AC	00000000	0001	0	0	0	0000FFFF	0	0	0
`
	want := []netip.Prefix{netip.MustParsePrefix("10.200.0.0/14"), netip.MustParsePrefix("172.17.0.0/16")}
	if diff := cmp.Diff(want, parseRoutes(table), cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
		t.Error(diff)
	}
}
