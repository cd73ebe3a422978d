package docker

import (
	"context"
	"encoding/hex"
	"fmt"
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

// subnetAttempts is how many subnets are tried before the engine's own error is told.
const subnetAttempts = 16

// poolsExhausted says that the engine has no addresses of its own left for a network: it gives whole /16 and /20, so that
// 20.10 ends at about thirty networks.
func poolsExhausted(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "non-overlapping IPv4 address pool") ||
		strings.Contains(err.Error(), "predefined address pools have been fully subnetted"))
}

// withSubnet creates a network in a subnet that is chosen here, for an engine that has run out of its own. cause is what the
// engine said; it is returned, with what can be done, where nothing can be chosen: the author names subnets, or another driver
// gives the addresses.
func (m *networkCreator) withSubnet(ctx context.Context, cause error) (client.NetworkCreateResult, error) {
	if m.options.IPAM != nil || m.options.Driver != "" && m.options.Driver != "bridge" {
		return client.NetworkCreateResult{}, withPoolAdvice(cause)
	}
	list, err := m.api.NetworkList(ctx, client.NetworkListOptions{})
	if err != nil {
		return client.NetworkCreateResult{}, err
	}
	used := hostSubnets()
	for _, n := range list.Items {
		for _, pool := range n.IPAM.Config {
			used = append(used, pool.Subnet)
		}
	}
	options, attempts := m.options, 0
	for subnet := range freeSubnets(used, rand.IntN(subnets)) {
		options.IPAM = &network.IPAM{Config: []network.IPAMConfig{{Subnet: subnet}}}
		created, err := m.api.NetworkCreate(ctx, m.name, options)
		// Somebody else may have chosen the same at this moment, or the engine may know a route that is not seen here.
		if err == nil || !strings.Contains(err.Error(), "overlap") {
			return created, err
		}
		if attempts++; attempts == subnetAttempts {
			break
		}
	}
	return client.NetworkCreateResult{}, withPoolAdvice(cause)
}

// withPoolAdvice says what helps an engine that has no addresses left.
func withPoolAdvice(cause error) error {
	return fmt.Errorf("%w: about thirty networks use up what an engine has by default. `docker network prune` removes those that nobody is in; "+
		"`default-address-pools` in the engine's daemon.json gives it more, in smaller parts; or name a free subnet, under ipam of the network in the compose file", cause)
}

// subnets is how many there are to choose from: 10.192.0.0/10 in parts of 254 addresses. The engine's own pools are in
// 172.16.0.0/12 and 192.168.0.0/16.
const subnets = 1 << (24 - 10)

// freeSubnets yields the subnets that overlap none of those taken, from a place on and once around. Two who begin at
// different places seldom meet.
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

// hostSubnets are those that this host reaches, as far as it tells: a network over the company's VPN would cut it off. Of an
// engine elsewhere they say nothing, and harm nothing.
func hostSubnets() []netip.Prefix {
	var found []netip.Prefix
	addresses, _ := net.InterfaceAddrs() // what cannot be read cannot be avoided
	for _, a := range addresses {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil {
			found = append(found, prefix.Masked())
		}
	}
	routes, _ := os.ReadFile("/proc/net/route") // Linux alone has it
	return append(found, parseRoutes(string(routes))...)
}

// parseRoutes reads the kernel's table of IPv4 routes, whose addresses are hexadecimal, the last byte first. The default
// route is left out: it goes everywhere.
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
