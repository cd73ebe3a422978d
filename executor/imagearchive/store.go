package imagearchive

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"tasks/executor/engine"
)

// Image is an image of an engine, as far as another image can be made of it.
type Image struct {
	// ID is the engine's id.
	ID string
	// Platform is the platform of the image. Config is the configuration for containers, in JSON.
	Platform ocispec.Platform
	Config   json.RawMessage
	// Layers are the digests of the unpacked layers, lowest first.
	Layers []digest.Digest
	// Size is the size of the image by the engine, in bytes.
	Size int64
}

// Store is the image store of an engine. executor/docker implements the interface. The methods are safe for concurrent
// use.
type Store interface {
	// InspectBase returns a local image, or a not-found error.
	InspectBase(ctx context.Context, ref, platform string) (Image, error)
	// KeepsManifests reports whether the engine keeps layers as their manifest lists them: packed, for a pulled image.
	KeepsManifests(ctx context.Context) (bool, error)
	// LoadImage sends an archive with an image. An image that cannot be unpacked is an error.
	LoadImage(ctx context.Context, archive io.Reader) error
	// SaveImage reads an archive with a local image.
	SaveImage(ctx context.Context, ref string) (io.ReadCloser, error)
	// RemoveImage removes an image by its name. A missing image, or an image in use, is no error.
	RemoveImage(ctx context.Context, ref string) error
}

// Load sends an archive to the engine at an address, and returns the number of bytes on the way. The archive is packed
// for the way to another machine; engines take both forms.
func Load(ctx context.Context, to Store, address string, a Archive) (int64, error) {
	reader, writer := io.Pipe()
	var sent byteCounter
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		w := io.MultiWriter(writer, &sent)
		if engine.IsLocalAddress(address) {
			writer.CloseWithError(a.Encode(w))
			return
		}
		packed, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
		if err == nil {
			err = errors.Join(a.Encode(packed), packed.Close())
		}
		writer.CloseWithError(err)
	}()
	err := to.LoadImage(ctx, reader)
	reader.CloseWithError(io.ErrClosedPipe) // the goroutine ends, also if the engine has stopped reading
	<-finished
	return int64(sent), err
}

type byteCounter int64

func (c *byteCounter) Write(p []byte) (int, error) {
	*c += byteCounter(len(p))
	return len(p), nil
}

// SizeText writes a number of bytes in its largest useful unit.
func SizeText(size int64) string {
	switch {
	case size >= 10_000_000:
		return fmt.Sprintf("%d MB", size/1_000_000)
	case size >= 1_000_000:
		return fmt.Sprintf("%.1f MB", float64(size)/1_000_000)
	}
	return fmt.Sprintf("%d KB", (size+999)/1000)
}
