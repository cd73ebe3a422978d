package planner

import (
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// decider chooses between reuse, create and recreate for one container of a dependency service, by the rules that
// Compose has (docker compose, reconciliation by config hash), so that either takes the other's containers for its own.
type decider struct {
	project *composeproject.Project
	service types.ServiceConfig
	number  int
	// mountedImages maps the sources of the service's volumes of type image to the references that they stand for.
	mountedImages map[string]string
}

func (d *decider) containerName() string { return d.project.ContainerName(d.service, d.number) }

// decide is pure: the same container and facts give the same decision. What facts lack is taken to be unchanged.
func (d *decider) decide(existing *observed.Container, facts Facts) Decision {
	resolved := composeproject.ResolveReferences(d.service, func(service string) (string, bool) {
		id, ok := facts.Containers[service]
		return id, ok
	})
	resolved.Volumes = withMountedImages(resolved.Volumes, d.mountedImages)
	verb, reason := d.compare(resolved, existing, facts)
	if verb == Reuse {
		return Decision{Verb: verb, Reason: reason}
	}
	return Decision{Verb: verb, Reason: reason, Spec: d.spec(resolved, existing, facts)}
}

func (d *decider) compare(resolved types.ServiceConfig, existing *observed.Container, facts Facts) (Verb, string) {
	if existing == nil {
		return Create, "it has no container yet"
	}
	if existing.State.IsLost() {
		return Recreate, "its container is " + string(existing.State)
	}
	if !configHash(resolved).Matches(existing.Labels[composeproject.LabelConfigHash]) {
		return Recreate, "its configuration has changed"
	}
	image, known := facts.Images[d.project.ImageName(d.service)]
	if label := existing.Labels[composeproject.LabelImage]; known && image != label && (label == "" || label != facts.LocalImages[d.project.ImageName(d.service)].ListID) {
		return Recreate, "its image has changed"
	}
	if mounted, all := mountedDigests(resolved.Volumes, facts); all && mounted != existing.Labels[composeproject.LabelImageVolumeDigest] {
		return Recreate, "an image that it mounts has changed"
	}
	if network := d.missingNetwork(existing, facts); network != "" {
		return Recreate, "it is not connected to network " + network
	}
	if volume := d.missingVolume(existing); volume != "" {
		return Recreate, "volume " + volume + " is not mounted"
	}
	if !known {
		return Reuse, "its configuration is unchanged; recreated if the image changes"
	}
	return Reuse, "its configuration and image are unchanged"
}

// missingNetwork names a network of the service that the container is not in. Networks are told apart by id, where the
// engine gives one (a container that was never started has none yet).
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

// missingVolume names a volume of the service that the container does not have.
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

// replacedName is how Compose calls the container whose place another takes.
func (d *decider) replacedName() string {
	if d.service.ContainerName != "" {
		return d.service.ContainerName
	}
	return d.containerName()[len(d.project.Name())+1:]
}

// configHash never fails: a loaded configuration always has a JSON form.
func configHash(s types.ServiceConfig) composeproject.Hash {
	hash, err := composeproject.ServiceHash(s)
	if err != nil {
		panic(err)
	}
	return hash
}

// commonSpec is what a dependency's container and a one-off of the service share. The references of s are resolved; written
// is the service before that.
func commonSpec(p *composeproject.Project, unresolved, s types.ServiceConfig, facts Facts) ContainerSpec {
	model := p.Model()
	s.VolumesFrom = composeproject.VolumesFromWithModes(unresolved.VolumesFrom, s.VolumesFrom)
	s.Platform = p.Platform(s) // the default one is no part of the hash
	spec := ContainerSpec{
		Service:    s,
		Image:      p.ImageName(s),
		Volumes:    map[string]string{},
		Secrets:    model.Secrets,
		Configs:    model.Configs,
		ProjectDir: model.WorkingDir,
		Locate: func(path ...string) string {
			place, _ := p.AttributeLocationText(unresolved.Name, path...)
			return place
		},
	}
	for key, v := range model.Volumes {
		spec.Volumes[key] = v.Name
	}
	spec.Links = links(p, s.Links, facts)
	return spec
}

// links lead to the containers of other services that exist, by their names: in a network of the project the engine finds
// no container by its whole id, and a name outlives the container when it is recreated.
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

// endpoints are the networks of a service, the main one first. Every one gets the aliases.
func endpoints(p *composeproject.Project, s types.ServiceConfig, aliases []string) []Endpoint {
	var all []Endpoint
	for _, key := range s.NetworksByPriority() {
		e := Endpoint{Key: key, Network: p.Model().Networks[key].Name, Config: s.Networks[key]}
		e.Aliases = unique(aliases)
		all = append(all, e)
	}
	return all
}

// serviceEndpoints are those of a container that its service is known by.
func serviceEndpoints(p *composeproject.Project, s types.ServiceConfig, name string) []Endpoint {
	all := endpoints(p, s, []string{name, s.Name})
	for i, e := range all {
		if e.Config != nil {
			all[i].Aliases = unique(append(e.Aliases, e.Config.Aliases...))
		}
	}
	return all
}

// unique keeps the first of equal names.
func unique(names []string) []string {
	var out []string
	seen := make(map[string]bool, len(names))
	for _, n := range names {
		if !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	return out
}

// volumesToInherit are the anonymous volumes of the container that is replaced, so that its data is kept, as `docker compose up`
// does: those at a mount point that the service or the image declares without a name.
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

// referencedServices are the services whose container must exist before one of this configuration can be created.
func referencedServices(s types.ServiceConfig) []string {
	names := composeproject.ServicesReferredTo(s)
	for _, link := range s.Links {
		name, _, _ := strings.Cut(link, ":")
		names = append(names, name)
	}
	return unique(names)
}

// knownFacts are what the snapshot tells of what will not be changed by this plan.
func (p *scopeSteps) knownFacts() Facts {
	f := Facts{Images: map[string]string{}, LocalImages: map[string]observed.Image{}, ImageVolumes: map[string][]string{}, Containers: map[string]string{}, Networks: map[string]string{}}
	for ref, image := range p.snapshot.Images {
		f.Images[ref], f.LocalImages[ref] = image.ID, image
		f.ImageVolumes[image.ID] = image.Volumes
	}
	for _, s := range p.order {
		switch a := s.Action.(type) {
		case *Image:
			if s.Verb != Reuse {
				delete(f.Images, a.Ref)
				delete(f.LocalImages, a.Ref)
			}
		case *Container:
			if s.Verb == Reuse {
				f.Containers[a.Replica] = a.Existing.ID
			}
		}
	}
	for _, key := range sortedKeys(p.model.Networks) {
		if n := p.observedNetwork(key); n != nil {
			f.Networks[key] = n.ID
		}
	}
	return f
}
