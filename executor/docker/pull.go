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

	"tasks/planner"
)

// PullImage implements [engine.Engine]. The credentials are those that `docker login` keeps.
func (e *Engine) PullImage(ctx context.Context, ref, platform string, progress func(string)) (planner.ObservedImage, error) {
	err := e.call(ctx, "pull image "+ref, func(api *client.Client) error {
		options, err := e.pullOptions(ref, platform)
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
				return withPullAdvice(&classifiedError{err: message.Error, class: errhttp.ToNative(message.Error.Code)}, ref, options.RegistryAuth)
			}
			lines.add(message)
		}
		lines.end()
		return nil
	})
	if err != nil {
		return planner.ObservedImage{}, err
	}
	image, err := e.InspectImage(ctx, ref, platform)
	if err != nil { // registries with one platform only give that out, whatever is asked for
		err = withPullAdvice(err, ref, "")
	}
	return image, err
}

func (e *Engine) pullOptions(ref, platform string) (options client.ImagePullOptions, err error) {
	if options.RegistryAuth, err = e.registryAuth(ref); err != nil {
		return options, err
	}
	wanted, err := platformOption(platform)
	if wanted != nil {
		options.Platforms = []ocispec.Platform{*wanted}
	}
	return options, err
}

// hubKey is the name under which `docker login` keeps the credentials of docker.io.
const hubKey = "https://index.docker.io/v1/"

// registryAuth encodes the credentials for the registry of ref; empty: there are none, which is no error, as most images
// need none.
func (e *Engine) registryAuth(ref string) (string, error) {
	named, err := reference.ParseNormalizedNamed(ref)
	if err != nil {
		return "", err
	}
	key := reference.Domain(named)
	if key == "docker.io" {
		key = hubKey
	}
	file, err := e.config()
	if err != nil {
		return "", err
	}
	auth, err := file.GetAuthConfig(key)
	if err != nil {
		return "", fmt.Errorf("read the credentials for %s: %w; check credsStore and credHelpers in %s", key, err, file.GetFilename())
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
