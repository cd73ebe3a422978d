package docker

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"time"

	"github.com/moby/moby/api/types/system"
	"github.com/moby/moby/client"

	"tasks/executor/engine"
	"tasks/planner/observed"
)

// Describe asks the engine for a report about itself. The requests change nothing.
func (c *apiConnection) Describe(ctx context.Context) (engine.Description, error) {
	var d engine.Description
	err := c.call(ctx, "ask the engine for its version", func(api *client.Client) error {
		version, err := api.ServerVersion(ctx, client.ServerVersionOptions{})
		d = engine.Description{
			Name: "Docker Engine", Version: version.Version, APIVersion: api.ClientVersion(), OS: version.Os, Arch: version.Arch,
		}
		for _, component := range version.Components {
			if component.Name == podmanComponent {
				d.Name = podmanComponent
			}
		}
		return err
	})
	if err != nil {
		return d, err
	}
	err = c.call(ctx, "ask the engine for its state", func(api *client.Client) error {
		begin := time.Now()
		answer, err := api.Info(ctx, client.InfoOptions{})
		if err != nil {
			return err
		}
		d.Skew = skewOf(answer.Info.SystemTime, begin, time.Now())
		d.System, d.RootDir, d.Warnings = answer.Info.OperatingSystem, answer.Info.DockerRootDir, answer.Info.Warnings
		networks, err := api.NetworkList(ctx, client.NetworkListOptions{})
		if err != nil {
			return err
		}
		d.ImageStore, d.IsContainerd = answer.Info.Driver, isContainerdStore(answer.Info)
		d.Swarm = c.swarmOf(ctx, answer.Info)
		d.SubnetCount, d.UsedSubnets = countSubnets(addressPools(answer.Info), subnetsOf(networks.Items))
		return nil
	})
	return d, err
}

// nodesTimeout bounds the question for the nodes: a manager does not answer during an election.
const nodesTimeout = 5 * time.Second

// swarmOf returns the part of an engine in a swarm. A manager is asked for the nodes.
func (c *apiConnection) swarmOf(ctx context.Context, info system.Info) engine.Swarm {
	s := engine.Swarm{
		State: string(info.Swarm.LocalNodeState), Error: info.Swarm.Error, IsManager: info.Swarm.ControlAvailable,
	}
	if !s.IsManager {
		return s
	}
	ctx, cancel := context.WithTimeoutCause(ctx, nodesTimeout, fmt.Errorf("no list of the nodes within %s", nodesTimeout))
	defer cancel()
	var err error
	if s.Nodes, err = c.SwarmNodes(ctx); err != nil {
		s.Error = cmp.Or(context.Cause(ctx), err).Error()
	}
	slices.SortFunc(s.Nodes, func(a, b engine.SwarmMember) int { return cmp.Compare(a.Name, b.Name) })
	return s
}

// Usage asks the engine for its used space. The engine may need seconds for the answer.
func (c *apiConnection) Usage(ctx context.Context) (engine.Usage, error) {
	var u engine.Usage
	err := c.call(ctx, "ask the engine for its used space", func(api *client.Client) error {
		result, err := api.DiskUsage(ctx, client.DiskUsageOptions{Images: true, Volumes: true, BuildCache: true})
		u = engine.Usage{
			Images: result.Images.TotalSize, Volumes: result.Volumes.TotalSize, BuildCache: result.BuildCache.TotalSize,
			Unused: result.Images.Reclaimable + result.Volumes.Reclaimable + result.BuildCache.Reclaimable,
		}
		return err
	})
	return u, err
}

// OwnedContainers lists the containers of all projects with an owner.
func (c *apiConnection) OwnedContainers(ctx context.Context) ([]*observed.Container, error) {
	var found []*observed.Container
	err := c.call(ctx, "list the containers of all runs", func(api *client.Client) error {
		filters := make(client.Filters).Add("label", observed.LabelOwner)
		list, err := api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: filters})
		for _, item := range list.Items {
			found = append(found, observedContainer(item))
		}
		return err
	})
	slices.SortFunc(found, byName)
	return found, err
}

// podmanComponent is the name of Podman's component in GET /version.
const podmanComponent = "Podman Engine"

// skewOf returns the engine's clock minus the local clock. The engine read its clock between begin and end.
func skewOf(text string, begin, end time.Time) time.Duration {
	engineTime, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return 0
	}
	return engineTime.Sub(begin.Add(end.Sub(begin) / 2))
}

// addressPool is a range of addresses that an engine divides into subnets with prefixes of this length.
type addressPool struct {
	base netip.Prefix
	bits int
}

// addressPools returns the pools of an engine. Without configured pools an engine has the pools that are documented for
// dockerd's option default-address-pools.
func addressPools(info system.Info) []addressPool {
	var pools []addressPool
	for _, p := range info.DefaultAddressPools {
		pools = append(pools, addressPool{p.Base, p.Size})
	}
	if len(pools) > 0 {
		return pools
	}
	for _, base := range []string{
		"172.17.0.0/16", "172.18.0.0/16", "172.19.0.0/16", "172.20.0.0/14", "172.24.0.0/14", "172.28.0.0/14",
	} {
		pools = append(pools, addressPool{netip.MustParsePrefix(base), 16})
	}
	return append(pools, addressPool{netip.MustParsePrefix("192.168.0.0/16"), 20})
}

// countSubnets returns the number of IPv4 subnets in pools, and the number of subnets that overlap a used subnet.
func countSubnets(pools []addressPool, used []netip.Prefix) (all, inUse int) {
	for _, pool := range pools {
		if !pool.base.IsValid() || !pool.base.Addr().Is4() || pool.bits < pool.base.Bits() || pool.bits > 32 {
			continue
		}
		all += 1 << min(pool.bits-pool.base.Bits(), 24)
		for _, subnet := range used {
			if subnet.IsValid() && subnet.Overlaps(pool.base) {
				inUse += 1 << max(0, min(pool.bits-subnet.Bits(), pool.bits-pool.base.Bits()))
			}
		}
	}
	return all, min(inUse, all)
}

// ReadClientConfig reads the part of the docker command's configuration that this program uses. ReadClientConfig
// contacts no engine and runs no credential helper.
func ReadClientConfig(getenv func(string) string) (engine.ClientConfig, error) {
	env := environment(getenv)
	c := engine.ClientConfig{File: filepath.Join(env.configDir(), "config.json")}
	file, err := env.loadConfig()
	if err != nil {
		return c, err
	}
	switch name := env.get("DOCKER_CONTEXT"); {
	case env.get(client.EnvOverrideHost) != "":
		c.Origin = client.EnvOverrideHost
	case name != "":
		c.Origin = "DOCKER_CONTEXT=" + name
	case file.CurrentContext != "" && file.CurrentContext != "default":
		c.Origin = "docker context " + file.CurrentContext
	default:
		c.Origin = "the default address"
	}
	if file.CredentialsStore != "" {
		c.CredentialHelpers = append(c.CredentialHelpers, file.CredentialsStore)
	}
	for _, helper := range file.CredentialHelpers {
		c.CredentialHelpers = append(c.CredentialHelpers, helper)
	}
	slices.Sort(c.CredentialHelpers)
	c.CredentialHelpers = slices.Compact(c.CredentialHelpers)
	for i, helper := range c.CredentialHelpers {
		c.CredentialHelpers[i] = "docker-credential-" + helper
	}
	target, err := env.endpoint(env.loadConfig)
	c.Address = withoutPassword(target.host)
	return c, err
}
