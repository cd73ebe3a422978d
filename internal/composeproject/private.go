package composeproject

import (
	"cmp"
	"maps"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
)

// bridgeNameOption is the network option for the name of the bridge interface on the host.
const bridgeNameOption = "com.docker.network.bridge.name"

// defaultIPAM is the engine's own address driver.
const defaultIPAM = "default"

// PrivateCopy returns a copy of the project under another name. Copies can run side by side without conflicts. The new
// name is part of the names of all containers, networks and volumes, also of explicitly named resources. The engine
// chooses host ports and network addresses. External resources, bind mounts and images remain the original's. labels
// are added to all resources of the copy, and are part of no hash.
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
	next.preStart = privatePreStart(p.preStart, p.model.Services)
	next.originalName = p.OriginalName()
	return &next
}

// OriginalName returns the name of the original of a private project, or the project's own name.
func (p *Project) OriginalName() string { return cmp.Or(p.originalName, p.Name()) }

// IsPrivate reports whether the project comes from [Project.PrivateCopy].
func (p *Project) IsPrivate() bool { return p.originalName != "" }

// privateService keeps the fixed container name as a network alias, because other services may use the name.
func privateService(s types.ServiceConfig) types.ServiceConfig {
	s.Networks = privateEndpoints(s.Networks, s.ContainerName)
	s.PreStart = privateHooks(s.PreStart, s.ContainerName)
	s.ContainerName, s.Ports = "", WithoutHostPorts(s.Ports)
	return s
}

func privateEndpoints(
	declared map[string]*types.ServiceNetworkConfig, alias string,
) map[string]*types.ServiceNetworkConfig {
	if declared == nil {
		return nil
	}
	networks := map[string]*types.ServiceNetworkConfig{}
	for key, n := range declared {
		networks[key] = privateEndpoint(n, alias)
	}
	return networks
}

// privateEndpoint removes fixed addresses and adds the alias, if there is an alias.
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

// WithoutHostPorts publishes the same container ports on the same addresses. The engine chooses free host ports.
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
		n.Ipam.Driver = "" // the same driver, but the executor may choose addresses when the engine has none left
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

// WithServiceLabels returns a copy of the project with a label on some services, by service. The label is part of the
// config hash.
func WithServiceLabels(p *Project, label string, values map[string]string) *Project {
	if len(values) == 0 {
		return p
	}
	next, model := *p, *p.model
	model.Services = maps.Clone(model.Services)
	for name, value := range values {
		s := model.Services[name]
		s.Labels = maps.Clone(s.Labels)
		if s.Labels == nil {
			s.Labels = types.Labels{}
		}
		s.Labels[label] = value
		model.Services[name] = s
	}
	next.model = &model
	return &next
}
