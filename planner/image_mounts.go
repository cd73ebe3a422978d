package planner

import (
	"cmp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// imageSources returns the sources of the service's volumes of type image, without repetition.
func imageSources(s types.ServiceConfig) []string {
	var sources []string
	for _, v := range s.Volumes {
		if v.Type == types.VolumeTypeImage && !slices.Contains(sources, v.Source) {
			sources = append(sources, v.Source)
		}
	}
	return sources
}

// mountedImageCandidates returns all references that the image sources of a service may mean.
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

// mountedImages maps image sources to references. A source means, in this order: a local image, the image of the
// service with the name, an image to pull. Compose chooses the same, and the choice is part of the hash.
func mountedImages(p *scopeSteps, s types.ServiceConfig) map[string]string {
	mounted := map[string]string{}
	for _, source := range imageSources(s) {
		mounted[source] = source
		_, isLocal := p.snapshot.Images[source]
		if other, ok := p.project.Service(source); ok && !isLocal {
			mounted[source] = p.project.ImageName(other)
		}
	}
	return mounted
}

// mountedImageUsers returns services for the mounted images of a service: the service with the image, for a possible
// build, or a generated service.
func mountedImageUsers(
	p *composeproject.Project, s types.ServiceConfig, mounted map[string]string,
) []types.ServiceConfig {
	var users []types.ServiceConfig
	for _, source := range imageSources(s) {
		if other, ok := p.Service(source); ok && p.ImageName(other) == mounted[source] {
			users = append(users, other)
		} else {
			image := types.ContainerSpec{Image: mounted[source]}
			users = append(users, types.ServiceConfig{Name: s.Name, ContainerSpec: image})
		}
	}
	return users
}

// withMountedImages returns a copy of the volumes with references in place of image sources.
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

// mountedDigests returns the value of Compose's label for the mounted images. areAllKnown reports whether all images
// are local.
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
		pairs = append(pairs, v.Target+"="+cmp.Or(image.MountID, image.ID))
	}
	slices.Sort(pairs)
	return strings.Join(pairs, ","), true
}

// labelMountedImages adds the label for the mounted images, if a container mounts images.
func labelMountedImages(labels map[string]string, volumes []types.ServiceVolumeConfig, facts Facts) {
	if digests, all := mountedDigests(volumes, facts); all && digests != "" {
		labels[composeproject.LabelImageVolumeDigest] = digests
	}
}

// addImageReference adds a query for an image of the engine's platform, unless the list has the reference.
func addImageReference(list []observed.ImageQuery, ref string) []observed.ImageQuery {
	if slices.ContainsFunc(list, func(q observed.ImageQuery) bool { return q.Ref == ref }) {
		return list
	}
	return append(list, observed.ImageQuery{Ref: ref})
}
