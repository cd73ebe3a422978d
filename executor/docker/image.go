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

	"tasks/planner"
)

// manifestListsAPI is the API version from which on an image may be a list of manifests, one for each platform.
const manifestListsAPI = "1.48"

// InspectImage implements [engine.Engine]. A local image for another platform than the one asked for is not found.
func (e *Engine) InspectImage(ctx context.Context, ref, platform string) (planner.ObservedImage, error) {
	var observed planner.ObservedImage
	err := e.call(ctx, "inspect image "+ref, func(api *client.Client) error {
		var opts []client.ImageInspectOption
		if e.supports(manifestListsAPI) {
			opts = append(opts, client.ImageInspectWithManifests(true))
		}
		result, err := api.ImageInspect(ctx, ref, opts...)
		if err != nil {
			return err
		}
		observed, err = observedImage(result.InspectResponse, platform)
		return err
	})
	return observed, err
}

func observedImage(r image.InspectResponse, platform string) (planner.ObservedImage, error) {
	id, err := imageID(r, platform)
	if err != nil {
		return planner.ObservedImage{}, err
	}
	observed := planner.ObservedImage{ID: id, LastTagged: r.Metadata.LastTagTime}
	if id != r.ID {
		observed.ListID = r.ID
	}
	if mounted, err := imageID(r, ""); err == nil && mounted != id {
		observed.MountID = mounted
	}
	if r.Config != nil {
		for path := range r.Config.Volumes {
			observed.Volumes = append(observed.Volumes, path)
		}
		slices.Sort(observed.Volumes)
		observed.HasHealthcheck = hasHealthcheck(r.Config.Healthcheck)
	}
	return observed, nil
}

// imageID is the id that Compose labels containers with: since its v5.5.0 that of the manifest for the platform, where the
// engine keeps lists of manifests, because a list's own id changes with every build's attestations.
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

// platformMatcher tells whether an image fits a platform such as "linux/arm64"; "" is the one that the engine, which need
// not be on this machine, has chosen.
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

// platformOption is a platform as the client's options want it; nil: none was asked for.
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
