package docker

import (
	"archive/tar"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/image"
	"github.com/moby/moby/api/types/system"
	"github.com/moby/moby/client"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"tasks/executor/imagearchive"
	"tasks/executor/imagesend"
	"tasks/executor/sources"
)

var (
	_ sources.Store   = (*Engine)(nil)
	_ imagesend.Store = (*Engine)(nil)
)

// InspectBase implements [imagearchive.Store].
func (i images) InspectBase(ctx context.Context, ref, platform string) (imagearchive.Image, error) {
	var base imagearchive.Image
	err := i.call(ctx, "inspect image "+ref, func(api *client.Client) error {
		result, err := api.ImageInspect(ctx, ref)
		if err != nil {
			return err
		}
		own := ocispec.Platform{OS: result.Os, Architecture: result.Architecture, Variant: result.Variant}
		matches, err := platformMatcher(platform, own)
		if err != nil {
			return err
		}
		if !matches(own) {
			return &classifiedError{class: errdefs.ErrNotFound,
				err: fmt.Errorf("the engine chooses another platform of %s than %s", ref, platform)}
		}
		own.OSVersion = result.OsVersion
		base = imagearchive.Image{ID: result.ID, Platform: own, Size: result.Size}
		for _, layer := range result.RootFS.Layers {
			base.Layers = append(base.Layers, digest.Digest(layer))
		}
		base.Config, err = json.Marshal(result.Config)
		return err
	})
	return base, err
}

// contentStore is the word of the engine for the image store of containerd.
const contentStore = "io.containerd.snapshotter.v1"

// KeepsManifests implements [imagearchive.Store].
func (i images) KeepsManifests(ctx context.Context) (keeps bool, err error) {
	err = i.call(ctx, "ask for the engine's image store", func(api *client.Client) error {
		result, err := api.Info(ctx, client.InfoOptions{})
		keeps = isContainerdStore(result.Info)
		return err
	})
	return keeps, err
}

// isContainerdStore reports whether the engine has the image store of containerd.
func isContainerdStore(info system.Info) bool {
	return slices.ContainsFunc(info.DriverStatus, func(s [2]string) bool {
		return s[0] == "driver-type" && s[1] == contentStore
	})
}

// LoadImage implements [imagearchive.Store]. An engine may report a failure only in the stream of its answer, and the
// image store of containerd only as a text.
func (i images) LoadImage(ctx context.Context, archive io.Reader) error {
	return i.call(ctx, "send an image", func(api *client.Client) error {
		answer, err := api.ImageLoad(ctx, archive, client.ImageLoadWithQuiet(true))
		if err != nil {
			return err
		}
		defer answer.Close()
		decoder := json.NewDecoder(answer)
		for {
			var message struct {
				Stream string `json:"stream"`
				Error  string `json:"error"`
			}
			switch err := decoder.Decode(&message); {
			case errors.Is(err, io.EOF):
				return nil
			case err != nil:
				return fmt.Errorf("the answer of the engine: %w", err)
			case message.Error != "":
				return errors.New(message.Error)
			case strings.Contains(message.Stream, "Error unpacking image"):
				return errors.New(strings.TrimSpace(message.Stream))
			}
		}
	})
}

// SaveImage implements [imagearchive.Store].
func (i images) SaveImage(ctx context.Context, ref string) (io.ReadCloser, error) {
	var saved io.ReadCloser
	err := i.call(ctx, "read image "+ref, func(api *client.Client) (err error) {
		saved, err = api.ImageSave(ctx, []string{ref})
		return err
	})
	return saved, err
}

// LabelledImages implements [sources.Store].
func (i images) LabelledImages(ctx context.Context, label, value string) ([]sources.StoredImage, error) {
	var found []sources.StoredImage
	err := i.call(ctx, "list images", func(api *client.Client) error {
		filters := make(client.Filters).Add("label", label+"="+value)
		result, err := api.ImageList(ctx, client.ImageListOptions{Filters: filters})
		slices.SortStableFunc(result.Items, func(a, b image.Summary) int { return cmp.Compare(b.Created, a.Created) })
		for _, item := range result.Items {
			found = append(found, sources.StoredImage{
				Refs: item.RepoTags, Labels: item.Labels, Created: time.Unix(item.Created, 0),
			})
		}
		return err
	})
	return found, err
}

// RemoveImage implements [imagearchive.Store].
func (i images) RemoveImage(ctx context.Context, ref string) error {
	return i.call(ctx, "remove image "+ref, func(api *client.Client) error {
		_, err := api.ImageRemove(ctx, ref, client.ImageRemoveOptions{PruneChildren: true})
		if errdefs.IsNotFound(err) || errdefs.IsConflict(err) {
			return nil
		}
		return err
	})
}

// ChangedPaths implements [sources.Store].
func (i images) ChangedPaths(ctx context.Context, id string) (map[string]bool, error) {
	changed := map[string]bool{}
	err := i.call(ctx, "list the changed files of container "+shortID(id), func(api *client.Client) error {
		result, err := api.ContainerDiff(ctx, id, client.ContainerDiffOptions{})
		for _, c := range result.Changes {
			if c.Kind != container.ChangeDelete {
				changed[c.Path] = true
			}
		}
		return err
	})
	return changed, err
}

// ReadPath implements [sources.Store].
func (i images) ReadPath(ctx context.Context, id, source string) (io.ReadCloser, error) {
	var archive io.ReadCloser
	err := i.call(ctx, "read "+source+" of container "+shortID(id), func(api *client.Client) error {
		result, err := api.CopyFromContainer(ctx, id, client.CopyFromContainerOptions{SourcePath: source})
		archive = result.Content
		return err
	})
	return archive, err
}

// DirectoryHeaders implements [sources.Store]. Only a container shows the files of an image. The container never runs.
func (i images) DirectoryHeaders(
	ctx context.Context, imageRef string, labels map[string]string, dirs []string,
) ([]tar.Header, error) {
	var headers []tar.Header
	err := i.call(ctx, "look into image "+imageRef, func(api *client.Client) error {
		creating, stop := lingeringContext(ctx)
		defer stop()
		created, err := api.ContainerCreate(creating, client.ContainerCreateOptions{
			Config: &container.Config{Image: imageRef, Labels: labels, Entrypoint: []string{"/never"}},
		})
		if err != nil {
			return err
		}
		defer func() {
			removal := client.ContainerRemoveOptions{Force: true, RemoveVolumes: true}
			_, _ = api.ContainerRemove(context.WithoutCancel(ctx), created.ID, removal) // the next command removes the rest
		}()
		for _, dir := range dirs {
			header, err := firstHeader(ctx, api, created.ID, dir)
			if errdefs.IsNotFound(err) {
				continue // unpacking makes it
			}
			if err != nil {
				return err
			}
			headers = append(headers, header)
		}
		return nil
	})
	return headers, err
}

// firstHeader returns the header of a directory of a container. The rest of the archive is not read.
func firstHeader(ctx context.Context, api *client.Client, id, dir string) (tar.Header, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	result, err := api.CopyFromContainer(ctx, id, client.CopyFromContainerOptions{SourcePath: "/" + dir})
	if err != nil {
		return tar.Header{}, err
	}
	defer result.Content.Close()
	first, err := tar.NewReader(result.Content).Next()
	if err != nil {
		return tar.Header{}, err
	}
	header := tar.Header{
		Typeflag: first.Typeflag, Name: dir + "/", Mode: first.Mode & 0o7777, Uid: first.Uid, Gid: first.Gid,
		ModTime: first.ModTime,
	}
	if first.Typeflag == tar.TypeSymlink {
		return header, fmt.Errorf("%s is a link in the image: mount the sources at the place that the link names, %s",
			path.Join("/", dir), first.Linkname)
	}
	return header, nil
}

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
