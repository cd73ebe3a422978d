package composeproject

import (
	"cmp"
	"maps"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
)

// bridgeNameOption is the option of a network that names the interface of its bridge on the host.
const bridgeNameOption = "com.docker.network.bridge.name"

// defaultIPAM is the engine's own driver for addresses.
const defaultIPAM = "default"

// PrivateCopy returns a copy of the project under another name, which shares nothing that runs beside each other could fight for:
// containers, networks and volumes are named after it, also those with a name of their own, host ports are left to the engine,
// and so are the addresses of networks. What is external stays what it is, and so do bind mounts. Images are the original's.
// labels are put on everything that is made for it; they are part of no hash.
func (p *Project) PrivateCopy(name string, labels map[string]string) *Project {
	next, model := *p, *p.model
	model.Name = name
	model.Services = types.Services{}
	for key, s := range p.model.Services {
		model.Services[key] = privateService(s)
	}
	model.Networks = types.Networks{}
	for key, n := range p.model.Networks {
		model.Networks[key] = privateNetwork(n, name+"_"+key)
	}
	next.volumes = privateVolumes(p.volumes, name)
	model.Volumes = privateVolumes(p.model.Volumes, name)
	next.model, next.privateLabels = &model, labels
	next.originalName = p.OriginalName()
	return &next
}

// OriginalName is the name of the project that this one is a private copy of; its own where it is none.
func (p *Project) OriginalName() string { return cmp.Or(p.originalName, p.Name()) }

// IsPrivate says that the project was made by [Project.Private].
func (p *Project) IsPrivate() bool { return p.originalName != "" }

// privateService is known by its fixed name in its networks still: others may call it so.
func privateService(s types.ServiceConfig) types.ServiceConfig {
	networks := map[string]*types.ServiceNetworkConfig{}
	for key, n := range s.Networks {
		networks[key] = privateEndpoint(n, s.ContainerName)
	}
	if s.Networks != nil {
		s.Networks = networks
	}
	s.ContainerName, s.Ports = "", WithoutHostPorts(s.Ports)
	return s
}

// privateEndpoint has no address of its own, and one more alias where there is one.
func privateEndpoint(n *types.ServiceNetworkConfig, alias string) *types.ServiceNetworkConfig {
	own := types.ServiceNetworkConfig{}
	if n != nil {
		own = *n
	}
	own.Ipv4Address, own.Ipv6Address = "", ""
	own.Aliases = slices.Clone(own.Aliases)
	if alias != "" && !slices.Contains(own.Aliases, alias) {
		own.Aliases = append(own.Aliases, alias)
	}
	return &own
}

// WithoutHostPorts publishes the same ports of a container, on the same addresses, wherever the engine has a free one.
func WithoutHostPorts(ports []types.ServicePortConfig) []types.ServicePortConfig {
	unbound := slices.Clone(ports)
	for i := range unbound {
		unbound[i].Published = ""
	}
	return unbound
}

func privateNetwork(n types.NetworkConfig, name string) types.NetworkConfig {
	if n.External {
		return n
	}
	n.Name = name
	n.Ipam.Config = nil
	if n.Ipam.Driver == defaultIPAM {
		n.Ipam.Driver = "" // the same, but left to us where the engine has no addresses left
	}
	n.DriverOpts = maps.Clone(n.DriverOpts)
	delete(n.DriverOpts, bridgeNameOption)
	return n
}

func privateVolumes(volumes types.Volumes, name string) types.Volumes {
	own := types.Volumes{}
	for key, v := range volumes {
		if !v.External {
			v.Name = name + "_" + key
		}
		own[key] = v
	}
	return own
}
