package docker

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"

	"tasks/planner"
)

// uniqueNamesAPI is the first API version with unique names: the engine refuses a second network of the same name.
const uniqueNamesAPI = "1.44"

const (
	// settleTime is how long another run's new network must stay alone before this run uses the network. The time must
	// be longer than the time between a creation and the next listing.
	settleTime = 500 * time.Millisecond
	// settleAge is the age for immediate use. An engine records the age before the work of a creation. With many
	// creations at once, this work takes seconds.
	settleAge = 4 * time.Second
	// ambiguousTime is how long several networks must stay unchanged. After this time, they no longer count as a race.
	ambiguousTime       = 5 * time.Second
	networkPollInterval = 100 * time.Millisecond
	// firstBackoff doubles with each attempt, up to maxBackoff.
	firstBackoff = 300 * time.Millisecond
	maxBackoff   = 5 * time.Second
)

// networks implements the network part of [engine.Engine].
type networks struct{ *apiConnection }

// CreateNetwork implements [engine.Engine].
//
// Engines before API 1.44 accept any number of networks of the same name, and then refuse to attach by name. Two runs
// with a common start must end with one network, without knowledge of each other. Therefore:
//
//   - A run without an existing network creates a network and lists again. If the new network is alone, the run keeps
//     the network: every later creator lists later, and sees the network. Otherwise the run removes its own network,
//     waits for a random time and starts again.
//   - At most one network is kept. If two exist, the later listing comes after both creations. So at least this creator
//     sees the other network and yields. Age does not matter, because the engine's creation time says nothing about the
//     order of visibility.
//   - A run cannot know whether the creator of a new network will yield. Therefore the run uses the network only if the
//     network is old (settleAge), or has stayed alone for a while (settleTime). This wait only occurs in such a race.
func (n networks) CreateNetwork(ctx context.Context, wanted *planner.Network) (id string, made bool, err error) {
	err = n.call(ctx, "create network "+wanted.Name, func(api *client.Client) error {
		options, err := networkOptions(wanted, apiVersion(api.ClientVersion()))
		if err != nil {
			return err
		}
		creator := &networkCreator{
			api: api, name: wanted.Name, options: options, hasUniqueNames: n.supports(uniqueNamesAPI), now: n.now,
		}
		if wanted.External {
			id, err = creator.findExternal(ctx)
			return err
		}
		id, made, err = creator.ensure(ctx)
		return err
	})
	return id, made, err
}

// RemoveNetwork implements [engine.Engine].
func (n networks) RemoveNetwork(ctx context.Context, id string) error {
	return n.call(ctx, "remove network "+shortID(id), func(api *client.Client) error {
		_, err := api.NetworkRemove(ctx, id, client.NetworkRemoveOptions{})
		if err != nil && strings.Contains(err.Error(), "active endpoints") {
			// The engine's class for this error is "forbidden".
			return &classifiedError{err: err, class: errdefs.ErrConflict}
		}
		return ignoreNotFound(err)
	})
}

type networkCreator struct {
	api     *client.Client
	name    string
	options client.NetworkCreateOptions
	// hasUniqueNames reports whether the engine refuses a second network of the same name.
	hasUniqueNames bool
	// now returns the engine's time at most, see apiConnection.now.
	now func() time.Time
}

func (m *networkCreator) ensure(ctx context.Context) (id string, made bool, err error) {
	for backoff := firstBackoff; ; backoff = min(2*backoff, maxBackoff) {
		id, wasContended, err := m.findSettled(ctx)
		if id != "" || err != nil {
			return id, false, err
		}
		if !wasContended {
			id, isAlone, err := m.createAlone(ctx)
			if isAlone || err != nil {
				return id, isAlone || id != "", err
			}
		}
		// All yielding runs see the missing network at the same time. They must not retry at the same time.
		if err := sleep(ctx, rand.N(backoff)); err != nil {
			return "", false, err
		}
	}
}

// createAlone creates a network, and removes the network again if another exists. With an error, the id is the id of a
// remaining network.
func (m *networkCreator) createAlone(ctx context.Context) (id string, isAlone bool, err error) {
	created, err := m.create(ctx)
	if err != nil && m.exists(ctx) {
		return "", false, nil
	}
	if err != nil || m.hasUniqueNames {
		return created.ID, err == nil, err
	}
	ids, _, err := m.list(ctx)
	if err != nil || len(ids) == 1 && ids[0] == created.ID {
		return created.ID, err == nil, err
	}
	if _, err := m.api.NetworkRemove(ctx, created.ID, client.NetworkRemoveOptions{}); ignoreNotFound(err) != nil {
		return created.ID, false, fmt.Errorf("remove the second network of this name again: %w", err)
	}
	return "", false, nil
}

// exists reports whether a network of the name exists by now. The other network may explain a failed creation: by the
// name, or because many creations at once have used up the addresses.
func (m *networkCreator) exists(ctx context.Context) bool {
	ids, _, err := m.list(ctx)
	return err == nil && len(ids) > 0
}

func (m *networkCreator) create(ctx context.Context) (client.NetworkCreateResult, error) {
	ctx, stop := lingeringContext(ctx)
	defer stop()
	created, err := m.api.NetworkCreate(ctx, m.name, m.options)
	if poolsExhausted(err) {
		return m.withSubnet(ctx, err)
	}
	return created, err
}

// findSettled returns the only network of the name, if the other creator will not remove it. Without a network the id
// is empty. wasContended reports whether networks existed and disappeared.
func (m *networkCreator) findSettled(ctx context.Context) (id string, wasContended bool, err error) {
	var last []string
	var since time.Time
	for {
		ids, newest, err := m.list(ctx)
		if err != nil || len(ids) == 0 {
			return "", last != nil, err
		}
		if !slices.Equal(ids, last) {
			last, since = ids, time.Now()
		}
		unchanged := time.Since(since)
		switch {
		case len(ids) == 1 && (m.hasUniqueNames || unchanged >= settleTime || m.now().Sub(newest) >= settleAge):
			return ids[0], true, nil
		case len(ids) > 1 && (m.hasUniqueNames || unchanged >= ambiguousTime):
			return "", true, duplicateNetworksError(len(ids))
		}
		if err := sleep(ctx, networkPollInterval); err != nil {
			return "", true, err
		}
	}
}

func duplicateNetworksError(count int) error {
	const format = "there are %d networks of this name; remove all but one (`docker network ls`, `docker network rm <id>`)"
	err := fmt.Errorf(format, count)
	return &classifiedError{err: err, class: errdefs.ErrConflict}
}

// list returns the ids of all networks with exactly this name, and the creation time of the newest. The engine's filter
// also accepts parts of names.
func (m *networkCreator) list(ctx context.Context) (ids []string, newest time.Time, err error) {
	result, err := m.api.NetworkList(ctx, client.NetworkListOptions{Filters: make(client.Filters).Add("name", m.name)})
	for _, n := range result.Items {
		if n.Name == m.name {
			ids = append(ids, n.ID)
			newest = latest(newest, n.Created)
		}
	}
	slices.Sort(ids)
	return ids, newest, err
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// findExternal returns the existing network with the name of an external network.
func (m *networkCreator) findExternal(ctx context.Context) (string, error) {
	ids, _, err := m.list(ctx)
	switch {
	case err != nil:
		return "", err
	case len(ids) == 1:
		return ids[0], nil
	case len(ids) > 1:
		return "", duplicateNetworksError(len(ids))
	}
	err = fmt.Errorf("it is external and does not exist; create it with `docker network create %s`", m.name)
	return "", &classifiedError{class: errdefs.ErrNotFound, err: err}
}

// retryWhileAmbiguous repeats a request while two networks have the requested name. If two runs created a network at
// the same moment, one run is about to remove its network (see CreateNetwork).
func retryWhileAmbiguous(ctx context.Context, request func() error) error {
	for began := time.Now(); ; {
		err := request()
		if err == nil || !strings.Contains(err.Error(), "is ambiguous (") || time.Since(began) > ambiguousTime {
			return err
		}
		if sleep(ctx, networkPollInterval) != nil {
			return err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// optionalIPv4API is the first API version with networks without IPv4. Older engines ignore the setting silently. API
// 1.47 does so too, and has the field.
const optionalIPv4API = "1.48"

// networkOptions maps the configuration of a network.
func networkOptions(n *planner.Network, api apiVersion) (client.NetworkCreateOptions, error) {
	c := n.Config
	if c.EnableIPv4 != nil && !*c.EnableIPv4 {
		if err := api.requires(optionalIPv4API); err != nil {
			return client.NetworkCreateOptions{}, locateNetworkError(n, fmt.Errorf("enable_ipv4: false %w", err), "enable_ipv4")
		}
	}
	ipam, err := ipamOptions(c.Ipam)
	return client.NetworkCreateOptions{
		Driver:     c.Driver,
		EnableIPv4: c.EnableIPv4,
		EnableIPv6: c.EnableIPv6,
		IPAM:       ipam,
		Internal:   c.Internal,
		Attachable: c.Attachable,
		Options:    c.DriverOpts,
		Labels:     n.Labels,
	}, locateNetworkError(n, err, "ipam")
}

// locateNetworkError adds the place in the compose file to an error. A nil error stays nil.
func locateNetworkError(n *planner.Network, err error, path ...string) error {
	if err == nil || n.Locate == nil || n.Locate(path...) == "" {
		return err
	}
	return fmt.Errorf("%s: network %s: %w", n.Locate(path...), n.Key, err)
}

func ipamOptions(c types.IPAMConfig) (*network.IPAM, error) {
	if c.Driver == "" && len(c.Config) == 0 && len(c.Options) == 0 {
		return nil, nil
	}
	ipam := &network.IPAM{Driver: c.Driver, Options: c.Options}
	for _, pool := range c.Config {
		config, err := ipamPool(pool)
		if err != nil {
			return nil, err
		}
		ipam.Config = append(ipam.Config, config)
	}
	return ipam, nil
}

func ipamPool(pool *types.IPAMPool) (config network.IPAMConfig, err error) {
	if pool.Subnet != "" {
		if config.Subnet, err = netip.ParsePrefix(pool.Subnet); err != nil {
			return config, fmt.Errorf("ipam subnet: %w", err)
		}
	}
	if pool.IPRange != "" {
		if config.IPRange, err = netip.ParsePrefix(pool.IPRange); err != nil {
			return config, fmt.Errorf("ipam ip_range: %w", err)
		}
	}
	if pool.Gateway != "" {
		if config.Gateway, err = netip.ParseAddr(pool.Gateway); err != nil {
			return config, fmt.Errorf("ipam gateway: %w", err)
		}
	}
	for host, address := range pool.AuxiliaryAddresses {
		parsed, err := netip.ParseAddr(address)
		if err != nil {
			return config, fmt.Errorf("ipam aux_addresses %s: %w", host, err)
		}
		if config.AuxAddress == nil {
			config.AuxAddress = make(map[string]netip.Addr, len(pool.AuxiliaryAddresses))
		}
		config.AuxAddress[host] = parsed
	}
	return config, nil
}
