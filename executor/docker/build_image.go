package docker

import (
	"context"
	"errors"

	"github.com/moby/moby/client"

	"tasks/executor/docker/build"
	"tasks/executor/engine"
	"tasks/planner"
	"tasks/planner/observed"
)

// images implements the image part of [engine.Engine].
type images struct {
	*apiConnection
	config clientConfig
	// getenv looks up the environment variables of builds.
	getenv func(string) string
}

// BuildImage implements [engine.Engine]. A failing step is a [build.Error].
func (i images) BuildImage(
	ctx context.Context, img *planner.Image, progress func(string),
) (observed.Image, error) {
	err := i.call(ctx, "build image "+img.Ref, func(api *client.Client) error {
		if img.Build == nil {
			return errors.New("it has no build section")
		}
		file, err := i.config.load()
		if err != nil {
			return err
		}
		return build.Build(ctx, api, build.Request{
			Ref:        img.Ref,
			Platform:   img.Platform,
			Config:     *img.Build,
			Labels:     img.Labels,
			ProjectDir: img.ProjectDir,
			Locate:     img.Locate,
			Secrets:    img.Secrets,
			APIVersion: api.ClientVersion(),
			Docker:     file,
			Proxies:    file.ParseProxyConfig(i.address, nil),
			Getenv:     i.getenv,
			Progress:   progress,
		})
	})
	if failure, ok := errors.AsType[*build.Error](err); ok && failure.Line > 0 {
		err = &engine.Rejection{Fact: failure.Error(), Err: err}
	}
	if err != nil {
		return observed.Image{}, err
	}
	return i.InspectImage(ctx, img.Ref, img.Platform)
}
