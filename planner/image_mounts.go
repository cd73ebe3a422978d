package planner

import (
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// imageSources are the sources of a service's volumes of type image, each once.
func imageSources(s types.ServiceConfig) []string {
	var sources []string
	for _, v := range s.Volumes {
		if v.Type == types.VolumeTypeImage && !slices.Contains(sources, v.Source) {
			sources = append(sources, v.Source)
		}
	}
	return sources
}

// mountedImageCandidates are the references that may be meant by the sources of a service's volumes of type image.
func mountedImageCandidates(p *composeproject.Project, s types.ServiceConfig) []string {
	var refs []string
	for _, source := range imageSources(s) {
		refs = append(refs, source)
		if other, ok := p.Service(source); ok {
			refs = append(refs, p.ImageName(other))
		}
	}
	return refs
}

// mountedImages maps those sources to references: a source is an image that is here, else that of the service of this name,
// else an image to be pulled. Compose chooses so, and the choice is part of the hash.
func (p *scopeSteps) mountedImages(s types.ServiceConfig) map[string]string {
	mounted := map[string]string{}
	for _, source := range imageSources(s) {
		mounted[source] = source
		_, here := p.snapshot.Images[source]
		if other, ok := p.project.Service(source); ok && !here {
			mounted[source] = p.project.ImageName(other)
		}
	}
	return mounted
}

// mountedImageUsers are the images that a service mounts, as services that ask for them: those of this name, which may be built,
// and one made up for each other image.
func mountedImageUsers(p *composeproject.Project, s types.ServiceConfig, mounted map[string]string) []types.ServiceConfig {
	var users []types.ServiceConfig
	for _, source := range imageSources(s) {
		if other, ok := p.Service(source); ok && p.ImageName(other) == mounted[source] {
			users = append(users, other)
		} else {
			users = append(users, types.ServiceConfig{Name: s.Name, Image: mounted[source]})
		}
	}
	return users
}

// withMountedImages puts the references in the place of the sources; it copies.
func withMountedImages(volumes []types.ServiceVolumeConfig, mounted map[string]string) []types.ServiceVolumeConfig {
	if len(mounted) == 0 {
		return volumes
	}
	volumes = slices.Clone(volumes)
	for i, v := range volumes {
		if ref, ok := mounted[v.Source]; ok && v.Type == types.VolumeTypeImage {
			volumes[i].Source = ref
		}
	}
	return volumes
}

// mountedDigests is the value of Compose's label for the images that a container mounts; all says that all are known.
func mountedDigests(volumes []types.ServiceVolumeConfig, facts Facts) (digests string, areAllKnown bool) {
	var pairs []string
	for _, v := range volumes {
		if v.Type != types.VolumeTypeImage {
			continue
		}
		image, known := facts.LocalImages[v.Source]
		if !known {
			return "", false
		}
		id := image.MountID
		if id == "" {
			id = image.ID
		}
		pairs = append(pairs, v.Target+"="+id)
	}
	slices.Sort(pairs)
	return strings.Join(pairs, ","), true
}

// labelMountedImages adds that label where a container mounts images.
func labelMountedImages(labels map[string]string, volumes []types.ServiceVolumeConfig, facts Facts) {
	if digests, all := mountedDigests(volumes, facts); all && digests != "" {
		labels[composeproject.LabelImageVolumeDigest] = digests
	}
}

// addImageReference asks for an image for the engine's platform, unless it is asked for already.
func addImageReference(list []observed.ImageQuery, ref string) []observed.ImageQuery {
	if slices.ContainsFunc(list, func(q observed.ImageQuery) bool { return q.Ref == ref }) {
		return list
	}
	return append(list, observed.ImageQuery{Ref: ref})
}
