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

// uniqueNamesAPI is the API version from which on the engine itself refuses a second network of one name.
const uniqueNamesAPI = "1.44"

const (
	// settleTime is how long somebody else's new network must stay alone before it is taken for the one that remains.
	// It has to be longer than what passes between a creation and the look after it.
	settleTime = 500 * time.Millisecond
	// settleAge is how old it must be to be taken at once. An engine notes the age before it does the work of creating,
	// which takes seconds where many create together.
	settleAge = 4 * time.Second
	// ambiguousTime is how long several networks must stay unchanged before they are not taken for a race any more.
	ambiguousTime       = 5 * time.Second
	networkPollInterval = 100 * time.Millisecond
	// firstBackoff doubles with each attempt, up to maxBackoff.
	firstBackoff = 300 * time.Millisecond
	maxBackoff   = 5 * time.Second
)

// CreateNetwork implements [engine.Engine].
//
// Engines before API 1.44 accept any number of networks of one name, and then refuse to attach by name. Two runs that
// start together must end with one, without knowing of each other. So:
//
//   - Whoever finds none creates one and looks again. Alone after its own creation, it keeps: everybody who creates
//     later will look later, and see it. Not alone, it removes its own, waits for a random time and starts over.
//   - At most one is kept: of two that are both there, the later look comes after both creations, so that at least
//     that creator sees the other and yields. Which one is older does not matter, because the engine's time of creation
//     says nothing about the order in which networks become visible.
//   - Whoever finds one that somebody else has just made cannot know whether that somebody will yield. It takes the
//     network once that is old (settleAge) or has stayed alone for a while (settleTime), which costs nothing but in
//     such a race.
func (e *Engine) CreateNetwork(ctx context.Context, n *planner.Network) (id string, made bool, err error) {
	err = e.call(ctx, "create network "+n.Name, func(api *client.Client) error {
		options, err := networkOptions(n, apiVersion(api.ClientVersion()))
		if err != nil {
			return err
		}
		maker := &networkCreator{api: api, name: n.Name, options: options, hasUniqueNames: e.supports(uniqueNamesAPI), now: e.now}
		if n.External {
			id, err = maker.findExternal(ctx)
			return err
		}
		id, made, err = maker.ensure(ctx)
		return err
	})
	return id, made, err
}

// RemoveNetwork implements [engine.Engine].
func (e *Engine) RemoveNetwork(ctx context.Context, id string) error {
	return e.call(ctx, "remove network "+shortID(id), func(api *client.Client) error {
		_, err := api.NetworkRemove(ctx, id, client.NetworkRemoveOptions{})
		if err != nil && strings.Contains(err.Error(), "active endpoints") {
			// The engine calls it forbidden.
			return &classifiedError{err: err, class: errdefs.ErrConflict}
		}
		return ignoreNotFound(err)
	})
}

type networkCreator struct {
	api     *client.Client
	name    string
	options client.NetworkCreateOptions
	// hasUniqueNames says that the engine refuses a second network of one name.
	hasUniqueNames bool
	// now is the engine's time, at most; see [Engine.now].
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
		// All who yielded see at once that nobody is left: they must not come back at once.
		if err := sleep(ctx, rand.N(backoff)); err != nil {
			return "", false, err
		}
	}
}

// createAlone creates a network, and takes it back where it is not alone. With an error, the id is that of what is left.
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

// exists says that a network of the name is there by now: that may be why ours could not be created, by its name or
// because many at once have used up the addresses.
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

// findSettled returns the one network of the name that others have made and will not take back, or "" where there is none;
// crowd says that there were some, which have gone.
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
	err := fmt.Errorf("there are %d networks of this name; remove all but one (`docker network ls`, `docker network rm <id>`)", count)
	return &classifiedError{err: err, class: errdefs.ErrConflict}
}

// list returns the ids of all networks that have exactly the name, and when the newest was made; the engine's filter takes
// parts of names too.
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

// findExternal returns the network that somebody else looks after.
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
	return "", &classifiedError{class: errdefs.ErrNotFound, err: fmt.Errorf("it is external and does not exist; create it with `docker network create %s`", m.name)}
}

// retryWhileAmbiguous makes a request again while two networks have the name that it uses: of two runs that made one at the same
// moment, one is just about to take its own back (see [Engine.CreateNetwork]).
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

// optionalIPv4API is the API version from which on a network may be without IPv4. Older engines, API 1.47 with its field
// included, ignore the wish in silence.
const optionalIPv4API = "1.48"

// networkOptions maps the configuration.
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

// locateNetworkError says where a compose file has what an error is about; nil stays nil.
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
