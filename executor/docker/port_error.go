package docker

import (
	"context"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/moby/moby/client"

	"tasks/executor/engine"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// takenPortPatterns match the engine's messages about a port of the host: since 28, before, and from the proxy. The
// groups are the address with the port, and the protocol behind the address.
var takenPortPatterns = sync.OnceValue(func() []*regexp.Regexp {
	return []*regexp.Regexp{
		regexp.MustCompile(`failed to bind host port (?:for )?(\S+?:\d+)(?::\S+)?/(tcp|udp|sctp): address already in use`),
		regexp.MustCompile(`Bind for (\S+?:\d+) failed: port is already allocated()`),
		regexp.MustCompile(`listen (?:tcp|udp|sctp)[46]? (\S+:\d+): bind: address already in use()`),
	}
})

// explainTakenPort returns a [engine.PortTakenError] for a message about a port of the host, else the same error.
func explainTakenPort(ctx context.Context, api *client.Client, id string, err error) error {
	taken := parseTakenPort(err)
	if taken == nil {
		return err
	}
	taken.Holder = portHolder(ctx, api, id, taken)
	return taken
}

func parseTakenPort(err error) *engine.PortTakenError {
	if err == nil {
		return nil
	}
	for _, pattern := range takenPortPatterns() {
		found := pattern.FindStringSubmatch(err.Error())
		if found == nil {
			continue
		}
		address, parseErr := netip.ParseAddrPort(found[1])
		if parseErr != nil {
			continue
		}
		taken := &engine.PortTakenError{Port: int(address.Port()), Protocol: found[2], Err: err}
		if !address.Addr().IsUnspecified() {
			taken.HostIP = address.Addr().String()
		}
		if taken.Protocol == "" {
			taken.Protocol = "tcp"
			for _, protocol := range []string{"udp", "sctp"} {
				if strings.Contains(err.Error(), "listen "+protocol) {
					taken.Protocol = protocol
				}
			}
		}
		return taken
	}
	return nil
}

// portHolder names the running container with a port of the host; empty, if none is known.
func portHolder(ctx context.Context, api *client.Client, id string, taken *engine.PortTakenError) string {
	filters := make(client.Filters).Add("publish", strconv.Itoa(taken.Port)+"/"+taken.Protocol)
	result, err := api.ContainerList(ctx, client.ContainerListOptions{Filters: filters})
	if err != nil {
		return ""
	}
	for _, item := range result.Items {
		c := observedContainer(item)
		if c.ID == id || !hasHostPort(c.Ports, taken) {
			continue
		}
		if c.Project() == "" {
			return c.Name
		}
		return fmt.Sprintf("%s (compose project %s, service %s)", c.Name, c.Project(), c.Labels[composeproject.LabelService])
	}
	return ""
}

func hasHostPort(ports []observed.PublishedPort, taken *engine.PortTakenError) bool {
	return slices.ContainsFunc(ports, func(p observed.PublishedPort) bool {
		return p.HostPort == taken.Port && p.Protocol == taken.Protocol
	})
}
