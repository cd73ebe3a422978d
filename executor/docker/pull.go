package docker

import (
	"context"
	"fmt"
	"time"

	"github.com/containerd/errdefs/pkg/errhttp"
	"github.com/distribution/reference"
	"github.com/moby/moby/api/pkg/authconfig"
	"github.com/moby/moby/api/types/registry"
	"github.com/moby/moby/client"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"tasks/planner/observed"
)

// PullImage implements [engine.Engine]. The credentials come from `docker login`.
func (i images) PullImage(
	ctx context.Context, ref, platform string, progress func(string),
) (observed.Image, error) {
	err := i.call(ctx, "pull image "+ref, func(api *client.Client) error {
		options, err := i.config.pullOptions(ref, platform)
		if err != nil {
			return err
		}
		stream, err := api.ImagePull(ctx, ref, options)
		if err != nil {
			return withPullAdvice(err, ref, options.RegistryAuth)
		}
		defer stream.Close()
		lines := newPullProgress(progress, time.Now)
		for message, err := range stream.JSONMessages(ctx) {
			if err != nil {
				return err
			}
			if message.Error != nil {
				err := &classifiedError{err: message.Error, class: errhttp.ToNative(message.Error.Code)}
				return withPullAdvice(err, ref, options.RegistryAuth)
			}
			lines.add(message)
		}
		lines.end()
		return nil
	})
	if err != nil {
		return observed.Image{}, err
	}
	image, err := i.InspectImage(ctx, ref, platform)
	if err != nil { // some registries have one platform only, and ignore the request for another
		err = withPullAdvice(err, ref, "")
	}
	return image, err
}

func (c clientConfig) pullOptions(ref, platform string) (options client.ImagePullOptions, err error) {
	if options.RegistryAuth, err = c.registryAuth(ref); err != nil {
		return options, err
	}
	wanted, err := platformOption(platform)
	if wanted != nil {
		options.Platforms = []ocispec.Platform{*wanted}
	}
	return options, err
}

// hubKey is the key of docker.io's credentials in the docker configuration.
const hubKey = "https://index.docker.io/v1/"

// registryAuth encodes the credentials for the registry of ref. Most images need no credentials, so missing credentials
// are an empty text.
func (c clientConfig) registryAuth(ref string) (string, error) {
	named, err := reference.ParseNormalizedNamed(ref)
	if err != nil {
		return "", err
	}
	key := reference.Domain(named)
	if key == "docker.io" {
		key = hubKey
	}
	file, err := c.load()
	if err != nil {
		return "", err
	}
	auth, err := file.GetAuthConfig(key)
	if err != nil {
		const format = "read the credentials for %s: %w; check credsStore and credHelpers in %s"
		return "", fmt.Errorf(format, key, err, file.GetFilename())
	}
	known := registry.AuthConfig{
		Username:      auth.Username,
		Password:      auth.Password,
		Auth:          auth.Auth,
		IdentityToken: auth.IdentityToken,
		RegistryToken: auth.RegistryToken,
	}
	if known == (registry.AuthConfig{}) {
		return "", nil
	}
	known.ServerAddress = auth.ServerAddress
	return authconfig.Encode(known)
}
