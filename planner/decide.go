package planner

import (
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// decider chooses between reuse, create and recreate for a replica, by the rules of Compose (docker compose,
// reconciliation by config hash). So Compose and `tasks` reuse each other's containers.
type decider struct {
	project *composeproject.Project
	service types.ServiceConfig
	number  int
	// mountedImages maps image sources to references.
	mountedImages map[string]string
}

func (d *decider) containerName() string { return d.project.ContainerName(d.service, d.number) }

// decide is pure: the same container and facts give the same decision. Missing facts count as unchanged.
func (d *decider) decide(existing *observed.Container, facts Facts) Decision {
	resolved := resolveReferences(d.service, facts)
	resolved.Volumes = withMountedImages(resolved.Volumes, d.mountedImages)
	verb, reason := d.compare(resolved, existing, facts)
	if verb == Reuse {
		return Decision{Verb: verb, Reason: reason}
	}
	return Decision{Verb: verb, Reason: reason, Spec: d.spec(resolved, existing, facts)}
}

// compare compares the existing container with the resolved configuration.
func (d *decider) compare(resolved types.ServiceConfig, existing *observed.Container, facts Facts) (Verb, Reasons) {
	if existing == nil {
		return Create, because(ReasonNoContainer)
	}
	if existing.State.IsLost() {
		return Recreate, because(ReasonContainerLost, string(existing.State))
	}
	if !configHash(resolved).Matches(existing.Labels[composeproject.LabelConfigHash]) {
		return Recreate, because(ReasonConfigChanged)
	}
	image, known := facts.Images[d.project.ImageName(d.service)]
	if known && d.hasOtherImage(existing, image, facts) {
		return Recreate, because(ReasonImageChanged)
	}
	mounted, areAllKnown := mountedDigests(resolved.Volumes, facts)
	if areAllKnown && mounted != existing.Labels[composeproject.LabelImageVolumeDigest] {
		return Recreate, because(ReasonMountedImageChanged)
	}
	if network := d.missingNetwork(existing, facts); network != "" {
		return Recreate, because(ReasonNotConnected, network)
	}
	if volume := d.missingVolume(existing); volume != "" {
		return Recreate, because(ReasonNotMounted, volume)
	}
	if !known {
		return Reuse, because(ReasonUnchangedSoFar)
	}
	return Reuse, because(ReasonUnchanged)
}

// hasOtherImage reports whether the container has another image than the local image. The label of an older Compose
// may hold the id of the manifest list.
func (d *decider) hasOtherImage(existing *observed.Container, image string, facts Facts) bool {
	label := existing.Labels[composeproject.LabelImage]
	return image != label && (label == "" || label != facts.LocalImages[d.project.ImageName(d.service)].ListID)
}

// missingNetwork returns a network of the service without the container, or "". The network id decides, if the engine
// has reported an id: a container before the first start has no ids.
func (d *decider) missingNetwork(existing *observed.Container, facts Facts) string {
	for _, key := range d.service.NetworksByPriority() {
		name := d.project.Model().Networks[key].Name
		id, connected := existing.Networks[name]
		want := facts.Networks[key]
		if !connected || (id != "" && want != id) {
			return name
		}
	}
	return ""
}

// missingVolume returns a volume of the service that the container does not mount, or "".
func (d *decider) missingVolume(existing *observed.Container) string {
	for _, v := range d.service.Volumes {
		volume, declared := d.project.Model().Volumes[v.Source]
		if v.Type != types.VolumeTypeVolume || !declared {
			continue
		}
		mounted := slices.ContainsFunc(existing.Mounts, func(m observed.Mount) bool { return m.Name == volume.Name })
		if !mounted {
			return volume.Name
		}
	}
	return ""
}

// spec returns the container to create.
func (d *decider) spec(resolved types.ServiceConfig, existing *observed.Container, facts Facts) ContainerSpec {
	spec := commonSpec(d.project, d.service, resolved, facts)
	spec.Name = d.containerName()
	spec.Labels = d.project.Labels().Service(d.service, d.number, configHash(resolved), facts.Images[spec.Image])
	labelMountedImages(spec.Labels, resolved.Volumes, facts)
	spec.Networks = serviceEndpoints(d.project, resolved, spec.Name)
	if spec.Inherit = volumesToInherit(existing, d.service, facts); existing != nil {
		spec.Labels[composeproject.LabelReplace] = d.replacedName()
	}
	spec.StdinOpen, spec.TTY = d.service.StdinOpen, d.service.Tty
	return spec
}

// replacedName returns Compose's name for the replaced container, for the label of the replacement.
func (d *decider) replacedName() string {
	if d.service.ContainerName != "" {
		return d.service.ContainerName
	}
	return d.containerName()[len(d.project.Name())+1:]
}

// resolveReferences replaces references to services by container ids.
func resolveReferences(s types.ServiceConfig, facts Facts) types.ServiceConfig {
	return composeproject.ResolveReferences(s, func(service string) (string, bool) {
		id, ok := facts.Containers[service]
		return id, ok
	})
}

// configHash never fails: every loaded configuration has a JSON form.
func configHash(s types.ServiceConfig) composeproject.Hash {
	hash, err := composeproject.ServiceHash(s)
	if err != nil {
		panic(err)
	}
	return hash
}

// commonSpec returns the common part of a service container and a one-off. s has resolved references; unresolved is
// the same service before that.
func commonSpec(p *composeproject.Project, unresolved, s types.ServiceConfig, facts Facts) ContainerSpec {
	model := p.Model()
	s.VolumesFrom = composeproject.VolumesFromWithModes(unresolved.VolumesFrom, s.VolumesFrom)
	s.Platform = p.Platform(s) // the default platform is not in the hash
	spec := ContainerSpec{
		Service:    p.WithoutEmptyFiles(s), // the hash has all files
		Image:      p.ImageName(s),
		Volumes:    map[string]string{},
		Secrets:    model.Secrets,
		Configs:    model.Configs,
		ProjectDir: model.WorkingDir,
		Locate: func(path ...string) string {
			place, _ := p.Locations().AttributeText(unresolved.Name, path...)
			return place
		},
	}
	for key, v := range model.Volumes {
		spec.Volumes[key] = v.Name
	}
	spec.Links = links(p, s.Links, facts)
	return spec
}

// links returns links to existing containers of other services, by container name. The engine finds no container by a
// full id in a network of the project, and a name survives a recreate.
func links(p *composeproject.Project, declared []string, facts Facts) []string {
	var all []string
	for _, link := range declared {
		service, alias, found := strings.Cut(link, ":")
		if !found {
			alias = service
		}
		for index := 0; facts.Containers[replicaName(service, index)] != ""; index++ {
			all = append(all, p.ContainerName(p.Model().Services[service], index+1)+":"+alias)
		}
	}
	return all
}

// endpoints returns the endpoints of a service with the same aliases, the main network first.
func endpoints(p *composeproject.Project, s types.ServiceConfig, aliases []string) []Endpoint {
	var all []Endpoint
	for _, key := range s.NetworksByPriority() {
		e := Endpoint{Key: key, Network: p.Model().Networks[key].Name, Config: s.Networks[key]}
		e.Aliases = observed.Unique(aliases)
		all = append(all, e)
	}
	return all
}

// serviceEndpoints returns the endpoints of a service container, with the aliases of the service.
func serviceEndpoints(p *composeproject.Project, s types.ServiceConfig, name string) []Endpoint {
	all := endpoints(p, s, []string{name, s.Name})
	for i, e := range all {
		if !e.Config.ServiceNameAliasEnabled() {
			e.Aliases = []string{name}
			all[i].Aliases = e.Aliases
		}
		if e.Config != nil {
			all[i].Aliases = observed.Unique(append(e.Aliases, e.Config.Aliases...))
		}
	}
	return all
}

// volumesToInherit returns the anonymous volumes of a replaced container by mount point, to keep the data as
// `docker compose up` does. The service or the image must still declare the mount point without a name.
func volumesToInherit(existing *observed.Container, s types.ServiceConfig, facts Facts) map[string]string {
	if existing == nil {
		return nil
	}
	inherited := map[string]string{}
	for _, m := range existing.Mounts {
		if m.Type == "volume" && isAnonymousMount(s, m.Destination, facts.ImageVolumes[existing.ImageID]) {
			inherited[m.Destination] = m.Name
		}
	}
	return inherited
}

func isAnonymousMount(s types.ServiceConfig, destination string, imageVolumes []string) bool {
	for _, v := range s.Volumes {
		if v.Target == destination {
			return v.Type == types.VolumeTypeVolume && v.Source == ""
		}
	}
	return slices.Contains(imageVolumes, destination)
}

// referencedServices returns the services with a container that must exist before the creation of a container.
func referencedServices(s types.ServiceConfig) []string {
	names := composeproject.ServicesReferredTo(s)
	for _, link := range s.Links {
		name, _, _ := strings.Cut(link, ":")
		names = append(names, name)
	}
	return observed.Unique(names)
}
