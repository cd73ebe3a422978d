package docker

import (
	"context"
	"fmt"
	"slices"

	"github.com/containerd/errdefs"
	"github.com/containerd/platforms"
	"github.com/moby/moby/api/types/image"
	"github.com/moby/moby/client"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"tasks/planner/observed"
)

// manifestListsAPI is the first API version with images as lists of manifests, with a manifest for each platform.
const manifestListsAPI = "1.48"

// InspectImage implements [engine.Engine]. A local image for another platform counts as not found.
func (i images) InspectImage(ctx context.Context, ref, platform string) (observed.Image, error) {
	var local observed.Image
	err := i.call(ctx, "inspect image "+ref, func(api *client.Client) error {
		var opts []client.ImageInspectOption
		if i.supports(manifestListsAPI) {
			opts = append(opts, client.ImageInspectWithManifests(true))
		}
		result, err := api.ImageInspect(ctx, ref, opts...)
		if err != nil {
			return err
		}
		local, err = observedImage(result.InspectResponse, platform)
		return err
	})
	return local, err
}

func observedImage(r image.InspectResponse, platform string) (observed.Image, error) {
	id, err := imageID(r, platform)
	if err != nil {
		return observed.Image{}, err
	}
	local := observed.Image{ID: id, LastTagged: r.Metadata.LastTagTime}
	if id != r.ID {
		local.ListID = r.ID
	}
	if mounted, err := imageID(r, ""); err == nil && mounted != id {
		local.MountID = mounted
	}
	if r.Config != nil {
		for path := range r.Config.Volumes {
			local.Volumes = append(local.Volumes, path)
		}
		slices.Sort(local.Volumes)
		local.Labels = r.Config.Labels
		local.HasHealthcheck = hasHealthcheck(r.Config.Healthcheck)
	}
	return local, nil
}

// imageID returns the id for Compose's image label. Since v5.5.0, Compose uses the id of the platform's manifest if the
// engine keeps lists of manifests. The id of a list changes with every build's attestations.
func imageID(r image.InspectResponse, platform string) (string, error) {
	available := slices.DeleteFunc(slices.Clone(r.Manifests), func(m image.ManifestSummary) bool {
		return m.Kind != image.ManifestKindImage || !m.Available || m.ImageData == nil
	})
	own := ocispec.Platform{OS: r.Os, Architecture: r.Architecture, Variant: r.Variant}
	matches, err := platformMatcher(platform, own)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(available, func(m image.ManifestSummary) bool { return matches(m.ImageData.Platform) })
	switch {
	case i >= 0:
		return available[i].ID, nil
	case platform != "" && !matches(own):
		return "", &classifiedError{
			class: errdefs.ErrNotFound,
			err:   fmt.Errorf("the local image is for %s, not for %s", platforms.Format(own), platform),
		}
	case len(available) == 1:
		return available[0].ID, nil
	}
	return r.ID, nil
}

// platformMatcher returns a test for images of a platform such as "linux/arm64". An empty platform means the platform
// chosen by the engine. The engine may be on another machine.
func platformMatcher(platform string, chosen ocispec.Platform) (func(ocispec.Platform) bool, error) {
	wanted, err := platformOption(platform)
	if err != nil {
		return nil, err
	}
	if wanted == nil {
		wanted = &chosen
	}
	return platforms.NewMatcher(*wanted).Match, nil
}

// platformOption converts a platform to the client's option. Nil means no platform.
func platformOption(platform string) (*ocispec.Platform, error) {
	if platform == "" {
		return nil, nil
	}
	parsed, err := platforms.Parse(platform)
	if err != nil {
		return nil, fmt.Errorf("platform %q: %w", platform, err)
	}
	return &parsed, nil
}
