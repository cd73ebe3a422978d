package docker

import (
	"context"
	"sync"

	"github.com/moby/moby/client"

	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// imageLabels caches the labels of images by id. They never change.
type imageLabels struct {
	mu  sync.Mutex
	all map[string]map[string]string
}

// keepOwnLabels removes inherited labels from containers. Only a container with a chosen name, or a transient
// container, needs a look at its image. A missing image gives no labels.
func (c *apiConnection) keepOwnLabels(ctx context.Context, api *client.Client, found ...*observed.Container) error {
	for _, one := range found {
		if !one.NeedsImageLabels() {
			continue
		}
		labels, err := c.labelsOfImage(ctx, api, one.ImageID)
		if err != nil {
			return err
		}
		one.Labels = one.OwnLabels(labels)
	}
	return nil
}

func (c *apiConnection) labelsOfImage(
	ctx context.Context, api *client.Client, id string,
) (map[string]string, error) {
	c.images.mu.Lock()
	defer c.images.mu.Unlock()
	if labels, isKnown := c.images.all[id]; isKnown {
		return labels, nil
	}
	result, err := api.ImageInspect(ctx, id)
	if err := ignoreNotFound(err); err != nil {
		return nil, err
	}
	var labels map[string]string
	if err == nil && result.Config != nil {
		labels = result.Config.Labels
	}
	if c.images.all == nil {
		c.images.all = map[string]map[string]string{}
	}
	c.images.all[id] = labels
	return labels, nil
}

// isOf reports whether a container is one of a project.
func isOf(c *observed.Container, project string) bool {
	return observed.IsComposeContainer(c.Labels) && c.Labels[composeproject.LabelProject] == project
}
