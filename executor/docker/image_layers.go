package docker

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"
	"github.com/opencontainers/go-digest"
)

// parallelInspects is the number of images that are inspected at once.
const parallelInspects = 8

// ImageLayers implements [imagesend.Store].
func (i images) ImageLayers(ctx context.Context) ([][]digest.Digest, error) {
	var all [][]digest.Digest
	err := i.call(ctx, "list the layers of all images", func(api *client.Client) error {
		list, err := api.ImageList(ctx, client.ImageListOptions{})
		if err != nil {
			return err
		}
		all = make([][]digest.Digest, len(list.Items))
		errs := make([]error, min(parallelInspects, len(list.Items)))
		var workers sync.WaitGroup
		for first := range errs {
			workers.Go(func() {
				for n := first; n < len(list.Items) && errs[first] == nil; n += len(errs) {
					all[n], errs[first] = layersOf(ctx, api, list.Items[n].ID)
				}
			})
		}
		workers.Wait()
		return errors.Join(errs...)
	})
	return all, err
}

// layersOf returns the layers of an image. A missing image has none.
func layersOf(ctx context.Context, api *client.Client, id string) ([]digest.Digest, error) {
	result, err := api.ImageInspect(ctx, id)
	if errdefs.IsNotFound(err) {
		return nil, nil // removed after the list was made
	}
	var layers []digest.Digest
	for _, layer := range result.RootFS.Layers {
		layers = append(layers, digest.Digest(layer))
	}
	return layers, err
}

// LayerSizes implements [imagesend.Store]. The history of an image has the sizes, and entries without a layer.
func (i images) LayerSizes(ctx context.Context, ref string) ([]int64, error) {
	var sizes []int64
	err := i.call(ctx, "read the history of image "+ref, func(api *client.Client) error {
		inspected, err := api.ImageInspect(ctx, ref)
		if err != nil {
			return err
		}
		history, err := api.ImageHistory(ctx, ref)
		for _, h := range slices.Backward(history.Items) {
			if h.Size > 0 {
				sizes = append(sizes, h.Size)
			}
		}
		if len(sizes) != len(inspected.RootFS.Layers) {
			sizes = nil // an empty layer looks like an entry without a layer
		}
		return err
	})
	return sizes, err
}
