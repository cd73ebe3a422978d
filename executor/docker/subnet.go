package docker

import (
	"context"
	"encoding/hex"
	"iter"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"

	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
)

// subnetAttempts is the number of subnets to try before the engine's own error is returned.
const subnetAttempts = 16

// poolsExhausted reports whether the engine has no more addresses for a network. An engine gives a whole /16 or /20 to
// each network, so 20.10 is exhausted after about thirty networks.
func poolsExhausted(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "non-overlapping IPv4 address pool") ||
		strings.Contains(err.Error(), "predefined address pools have been fully subnetted"))
}

// withSubnet creates a network in a subnet chosen by tasks, for an engine without free subnets. cause is the engine's
// error. If tasks cannot choose, withSubnet returns the cause with advice. This is the case for a network with subnets
// of the author, or with another driver for addresses.
func (m *networkCreator) withSubnet(ctx context.Context, cause error) (client.NetworkCreateResult, error) {
	if m.options.IPAM != nil || m.options.Driver != "" && m.options.Driver != "bridge" {
		return client.NetworkCreateResult{}, cause
	}
	list, err := m.api.NetworkList(ctx, client.NetworkListOptions{})
	if err != nil {
		return client.NetworkCreateResult{}, err
	}
	used := append(hostSubnets(), subnetsOf(list.Items)...)
	options, attempts := m.options, 0
	for subnet := range freeSubnets(used, rand.IntN(subnets)) {
		options.IPAM = &network.IPAM{Config: []network.IPAMConfig{{Subnet: subnet}}}
		created, err := m.api.NetworkCreate(ctx, m.name, options)
		// Another client may have chosen the same subnet at this moment, or the engine may know a route invisible here.
		if err == nil || !strings.Contains(err.Error(), "overlap") {
			return created, err
		}
		if attempts++; attempts == subnetAttempts {
			break
		}
	}
	return client.NetworkCreateResult{}, cause
}

// subnetsOf returns the subnets of networks.
func subnetsOf(networks []network.Summary) []netip.Prefix {
	var used []netip.Prefix
	for _, n := range networks {
		for _, pool := range n.IPAM.Config {
			used = append(used, pool.Subnet)
		}
	}
	return used
}

// subnets is the number of subnets to choose from: 10.192.0.0/10 in parts of 254 addresses. The engine's own pools are
// in 172.16.0.0/12 and 192.168.0.0/16.
const subnets = 1 << (24 - 10)

// freeSubnets yields the subnets without overlap with the used subnets, from a start position and once around. Two runs
// with different start positions seldom collide.
func freeSubnets(used []netip.Prefix, from int) iter.Seq[netip.Prefix] {
	return func(yield func(netip.Prefix) bool) {
		for i := range subnets {
			n := (from + i) % subnets
			subnet := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 192 + byte(n>>8), byte(n), 0}), 24)
			if !slices.ContainsFunc(used, subnet.Overlaps) && !yield(subnet) {
				return
			}
		}
	}
}

// hostSubnets returns the subnets reachable from this host, as far as known. A network with the addresses of a
// company's VPN would cut the VPN off. For an engine elsewhere, these subnets are useless and harmless.
func hostSubnets() []netip.Prefix {
	var found []netip.Prefix
	addresses, _ := net.InterfaceAddrs() // unreadable addresses cannot be avoided
	for _, a := range addresses {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil {
			found = append(found, prefix.Masked())
		}
	}
	routes, _ := os.ReadFile("/proc/net/route") // exists on Linux only
	return append(found, parseRoutes(string(routes))...)
}

// parseRoutes reads the kernel's table of IPv4 routes. The addresses are hexadecimal, with the last byte first. The
// default route is left out, because it covers all addresses.
func parseRoutes(table string) []netip.Prefix {
	var found []netip.Prefix
	for line := range strings.Lines(table) {
		fields := strings.Fields(line)
		if len(fields) < 8 {
			continue
		}
		destination, err1 := hex.DecodeString(fields[1])
		mask, err2 := hex.DecodeString(fields[7])
		if err1 != nil || err2 != nil || len(destination) != 4 || len(mask) != 4 {
			continue // the heading
		}
		slices.Reverse(destination)
		slices.Reverse(mask)
		if bits, _ := net.IPMask(mask).Size(); bits > 0 {
			found = append(found, netip.PrefixFrom(netip.AddrFrom4([4]byte(destination)), bits))
		}
	}
	return found
}
