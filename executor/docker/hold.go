package docker

import (
	"cmp"
	"context"
	"fmt"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"tasks/planner"
)

// hold puts the first process of a standby before the command of the request. The engine would add the command of the
// image only to a request without an entrypoint, so hold adds it.
func (r createRequest) hold(ctx context.Context, api *client.Client, spec planner.ContainerSpec) error {
	if spec.Hold == nil {
		return nil
	}
	image, err := api.ImageInspect(ctx, spec.Image)
	if err != nil {
		return fmt.Errorf("reading the command of image %s: %w", spec.Image, err)
	}
	config := r.options.Config
	var imageEntrypoint, imageCommand []string
	directory := config.WorkingDir
	if image.Config != nil {
		imageEntrypoint, imageCommand = image.Config.Entrypoint, image.Config.Cmd
		directory = cmp.Or(directory, image.Config.WorkingDir)
	}
	command := commandLine(config, imageEntrypoint, imageCommand)
	config.Entrypoint, config.Cmd = spec.Hold.Arguments(cmp.Or(directory, "/"), command), nil
	return nil
}

// commandLine merges the command of a request with the command of the image, as the engine does.
func commandLine(config *container.Config, imageEntrypoint, imageCommand []string) []string {
	entrypoint, command := config.Entrypoint, config.Cmd
	if len(entrypoint) == 0 {
		if len(command) == 0 {
			command = imageCommand
		}
		if entrypoint == nil {
			entrypoint = imageEntrypoint
		}
	}
	if len(entrypoint) == 1 && entrypoint[0] == "" {
		entrypoint = nil // the engine's word for an image without an entrypoint
	}
	return append(append([]string{}, entrypoint...), command...)
}
