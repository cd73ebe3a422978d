package imagearchive

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// maxMetadata is the largest manifest or configuration in a saved image.
const maxMetadata = 8 << 20

// StoredLayers reads a saved image until it knows the layers as the engine stores them: packed for a pulled image.
func StoredLayers(saved io.Reader, layers []digest.Digest) ([]ocispec.Descriptor, error) {
	manifests, configs := map[digest.Digest]ocispec.Manifest{}, map[digest.Digest]File{}
	archive := tar.NewReader(saved)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil, errors.New("the engine's copy of the image lacks the manifest of its layers: pull or build it again")
		}
		if err != nil {
			return nil, fmt.Errorf("read the engine's copy of the image: %w", err)
		}
		encoded, isBlob := strings.CutPrefix(header.Name, "blobs/sha256/")
		if !isBlob || header.Size > maxMetadata {
			continue
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			return nil, err
		}
		d := digest.NewDigestFromEncoded(digest.SHA256, encoded)
		var manifest ocispec.Manifest
		if json.Unmarshal(content, &manifest) == nil && len(manifest.Layers) == len(layers) && manifest.Config.Digest != "" {
			manifests[d] = manifest
		}
		var config File
		if json.Unmarshal(content, &config) == nil && slices.Equal(config.RootFS.DiffIDs, layers) {
			configs[d] = config
		}
		for _, m := range manifests {
			if _, found := configs[m.Config.Digest]; found {
				return m.Layers, nil
			}
		}
	}
}
