// Package imagesend sends an image from one engine to another without a registry. Only the layers that the other
// engine lacks are sent.
package imagesend

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/containerd/errdefs"
	"github.com/distribution/reference"
	"github.com/opencontainers/go-digest"

	"tasks/executor/imagearchive"
)

// Store is the image store of an engine. executor/docker implements the interface.
type Store interface {
	imagearchive.Store
	// ImageLayers returns the layers of each local image, lowest first.
	ImageLayers(ctx context.Context) ([][]digest.Digest, error)
	// LayerSizes returns the sizes of the unpacked layers of a local image in bytes, lowest first. Nil: the engine
	// does not tell all sizes.
	LayerSizes(ctx context.Context, ref string) ([]int64, error)
}

// Transfer is the way of an image from one engine to another.
type Transfer struct {
	From, To Store
	// Address is the address of the engine that gets the image. An archive for another machine is packed.
	Address string
	// Ref is the image: a name, an id, or a name with a digest. Only a name without a digest is a name at the other
	// engine too. Platform may be empty.
	Ref, Platform string
}

// Forecast says what a transfer would send.
type Forecast struct {
	// IsThere reports whether the other engine has the image.
	IsThere bool
	// Missing counts the layers to send, of All layers. Bytes is their unpacked size, or the size of the image if the
	// engine does not tell the sizes of layers.
	Missing, All int
	Bytes        int64
}

// Text says what is sent: "2 of 5 layers, 28 MB".
func (f Forecast) Text() string {
	return fmt.Sprintf("%d of %d layers, %s", f.Missing, f.All, imagearchive.SizeText(f.Bytes))
}

// Forecast says what Send would send, without sending.
func (t Transfer) Forecast(ctx context.Context) (Forecast, error) {
	image, found, err := t.inspect(ctx)
	if err != nil {
		return Forecast{}, err
	}
	all := len(image.Layers)
	if found != "" {
		return Forecast{IsThere: true, All: all}, nil
	}
	known, err := t.knownLayers(ctx, image)
	if err != nil {
		return Forecast{}, err
	}
	forecast := Forecast{Missing: all - known, All: all, Bytes: image.Size}
	sizes, err := t.From.LayerSizes(ctx, t.Ref)
	if len(sizes) == all {
		forecast.Bytes = 0
		for _, size := range sizes[known:] {
			forecast.Bytes += size
		}
	}
	return forecast, err
}

// Result is a finished transfer.
type Result struct {
	// ID is the id of the image at the other engine. Image stores of another kind have another id for the same image.
	// A container of an image by its id never pulls.
	ID string
	// Sent is the number of bytes on the way. 0: the engine had the image.
	Sent int64
	// Layers counts the sent layers, of All layers.
	Layers, All int
}

// Send sends the image, unless the other engine has the same image under the name. Layers that the engine has are not
// sent; if the engine cannot use its layers, the whole image is sent. progress gets a text for the user; it may be
// nil.
func (t Transfer) Send(ctx context.Context, progress func(string)) (Result, error) {
	image, found, err := t.inspect(ctx)
	if err != nil || found != "" {
		return Result{ID: found, All: len(image.Layers)}, err
	}
	if progress == nil {
		progress = func(string) {}
	}
	known, err := t.knownLayers(ctx, image)
	if err != nil {
		return Result{}, err
	}
	result, err := t.send(ctx, image, known, progress)
	if err != nil && known > 0 && ctx.Err() == nil {
		// The image store of containerd may have a layer only in another packing.
		sent := result.Sent
		result, err = t.send(ctx, image, 0, progress)
		result.Sent += sent
	}
	if err != nil {
		return result, fmt.Errorf("send image %s to the engine at %s: %w", t.Ref, t.Address, err)
	}
	return result, nil
}

// inspect returns the image, and its id at the other engine. An empty id means that the other engine lacks the image.
func (t Transfer) inspect(ctx context.Context) (image imagearchive.Image, found string, err error) {
	if image, err = t.From.InspectBase(ctx, t.Ref, t.Platform); err != nil {
		return image, "", err
	}
	other, err := t.To.InspectBase(ctx, t.Ref, "")
	if err == nil && isSame(image, other) {
		return image, other.ID, nil
	}
	return image, "", nil // the other calls report an engine without an answer
}

// isSame reports whether containers of two images are the same. The ids of different image stores differ.
func isSame(a, b imagearchive.Image) bool {
	return a.ID == b.ID || len(a.Layers) > 0 && slices.Equal(a.Layers, b.Layers) && bytes.Equal(a.Config, b.Config) &&
		a.Platform.OS == b.Platform.OS && a.Platform.Architecture == b.Platform.Architecture
}

// knownLayers counts the lowest layers that an image of the other engine has in the same order.
func (t Transfer) knownLayers(ctx context.Context, image imagearchive.Image) (int, error) {
	all, err := t.To.ImageLayers(ctx)
	known := 0
	for _, layers := range all {
		n := 0
		for n < min(len(layers), len(image.Layers)) && layers[n] == image.Layers[n] {
			n++
		}
		known = max(known, n)
	}
	return known, err
}

// send sends an image without its lowest layers.
func (t Transfer) send(
	ctx context.Context, image imagearchive.Image, known int, progress func(string),
) (Result, error) {
	saved, err := t.From.SaveImage(ctx, t.Ref)
	if err != nil {
		return Result{}, err
	}
	defer saved.Close()
	s, err := newSpool()
	if err != nil {
		return Result{}, err
	}
	defer s.remove()
	if err := s.read(saved, unneeded(image.Layers, known)); err != nil {
		return Result{}, err
	}
	archive, err := s.archive(image, known)
	if err != nil {
		return Result{}, err
	}
	archive.Ref = tagged(t.Ref)
	result := Result{Layers: len(image.Layers) - known, All: len(image.Layers)}
	size := int64(0)
	for _, layer := range archive.Layers[known:] {
		size += layer.Descriptor.Size
	}
	progress("send image " + t.Ref + ": " + Forecast{Missing: result.Layers, All: result.All, Bytes: size}.Text())
	name, err := t.loadedName(ctx, archive)
	if err != nil {
		return result, err
	}
	before, err := t.To.InspectBase(ctx, name, "")
	if err != nil && !errdefs.IsNotFound(err) {
		return result, err // an image that may have the name could not be told from a broken one
	}
	if result.Sent, err = imagearchive.Load(ctx, t.To, t.Address, archive); err == nil {
		result.ID, err = t.loadedID(ctx, name, image)
	}
	if err != nil {
		t.removeBroken(context.WithoutCancel(ctx), name, before.ID)
	}
	return result, err
}

// removeBroken removes an image that is listed after a failed transfer and cannot be used. An image that had the name
// before stays.
func (t Transfer) removeBroken(ctx context.Context, name, before string) {
	now, err := t.To.InspectBase(ctx, name, "")
	if before == "" || err == nil && now.ID != before {
		_ = t.To.RemoveImage(ctx, name)
	}
}

// tagged returns the name with the tag of a reference. An id, or a name with a digest, is no name.
func tagged(ref string) string {
	parsed, err := reference.ParseAnyReference(ref)
	if err != nil {
		return ""
	}
	named, isNamed := parsed.(reference.Named)
	if _, hasDigest := parsed.(reference.Digested); hasDigest || !isNamed {
		return ""
	}
	return reference.FamiliarString(reference.TagNameOnly(named))
}

// loadedName returns the name or the id of the loaded image of an archive.
func (t Transfer) loadedName(ctx context.Context, a imagearchive.Archive) (string, error) {
	if a.Ref != "" {
		return a.Ref, nil
	}
	own, containerd, err := a.IDs()
	if err != nil {
		return "", err
	}
	keeps, err := t.To.KeepsManifests(ctx)
	if err != nil {
		return "", err
	}
	if keeps {
		return containerd.String(), nil
	}
	return own.String(), nil
}

// loadedID returns the id of the loaded image. The image must have all layers.
func (t Transfer) loadedID(ctx context.Context, name string, image imagearchive.Image) (string, error) {
	loaded, err := t.To.InspectBase(ctx, name, "")
	if err == nil && !slices.Equal(loaded.Layers, image.Layers) {
		err = errors.New("the engine has not taken all layers")
	}
	return loaded.ID, err
}
