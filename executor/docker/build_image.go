package docker

import (
	"context"
	"errors"

	"github.com/moby/moby/client"

	"tasks/executor/docker/build"
	"tasks/planner"
)

// BuildImage implements [engine.Engine]. A failing step is a [build.Error].
func (e *Engine) BuildImage(ctx context.Context, img *planner.Image, progress func(string)) (planner.ObservedImage, error) {
	err := e.call(ctx, "build image "+img.Ref, func(api *client.Client) error {
		if img.Build == nil {
			return errors.New("it has no build section")
		}
		file, err := e.config()
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
			Proxies:    file.ParseProxyConfig(e.address, nil),
			Getenv:     e.getenv,
			Progress:   progress,
		})
	})
	if err != nil {
		return planner.ObservedImage{}, err
	}
	return e.InspectImage(ctx, img.Ref, img.Platform)
}
