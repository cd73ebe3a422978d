package sources

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Image is an image of an engine, as far as another image can be made on it.
type Image struct {
	// ID is the engine's id.
	ID string
	// Platform is the platform of the image. Config is the configuration for containers, in JSON.
	Platform ocispec.Platform
	Config   json.RawMessage
	// Layers are the digests of the unpacked layers, lowest first.
	Layers []digest.Digest
}

// imageFile is the configuration of an image, as engines store it.
type imageFile struct {
	Created time.Time `json:"created"`
	ocispec.Platform
	Config  json.RawMessage   `json:"config,omitempty"`
	RootFS  ocispec.RootFS    `json:"rootfs"`
	History []ocispec.History `json:"history,omitempty"`
}

// loadedImage is an entry of the file manifest.json in an archive.
type loadedImage struct {
	Config   string
	RepoTags []string
	Layers   []string
}

// archiveImage describes the image of an archive.
type archiveImage struct {
	base Image
	// below are the descriptors of the base's layers, as the engine stores them.
	below  []ocispec.Descriptor
	ref    string
	config json.RawMessage
	top    layer
	now    time.Time
}

// descriptors returns the descriptors of all layers.
func (a archiveImage) descriptors() []ocispec.Descriptor {
	return append(slices.Clone(a.below), ocispec.Descriptor{
		MediaType: ocispec.MediaTypeImageLayer, Digest: digest.Digest(a.top.Digest), Size: a.top.Size,
	})
}

// writeTo writes an archive with only the new layer. The archive has two forms at once: manifest.json for engines with
// their own store of images, and an OCI layout for engines with the store of containerd.
func (a archiveImage) writeTo(w io.Writer, content io.Reader) error {
	config, err := json.Marshal(imageFile{
		Created: a.now.UTC(), Platform: a.base.Platform, Config: a.config,
		RootFS: ocispec.RootFS{Type: "layers", DiffIDs: append(slices.Clone(a.base.Layers), digest.Digest(a.top.Digest))},
	})
	if err != nil {
		return err
	}
	descriptors := a.descriptors()
	manifest, err := json.Marshal(ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest,
		Config: descriptorOf(ocispec.MediaTypeImageConfig, config), Layers: descriptors,
	})
	if err != nil {
		return err
	}
	index := descriptorOf(ocispec.MediaTypeImageManifest, manifest)
	index.Platform = &a.base.Platform
	name, tag, _ := strings.Cut(a.ref, ":")
	index.Annotations = map[string]string{
		"io.containerd.image.name": "docker.io/" + name + ":" + tag, ocispec.AnnotationRefName: tag,
	}
	loaded := loadedImage{Config: blobName(descriptorOf("", config).Digest), RepoTags: []string{a.ref}}
	for _, d := range append(slices.Clone(a.base.Layers), digest.Digest(a.top.Digest)) {
		loaded.Layers = append(loaded.Layers, blobName(d))
	}
	archive := tar.NewWriter(w)
	add := func(name string, value any) {
		text, isText := value.([]byte)
		if err == nil && !isText {
			text, err = json.Marshal(value)
		}
		if err == nil {
			err = addFile(archive, name, int64(len(text)), bytes.NewReader(text))
		}
	}
	add(ocispec.ImageLayoutFile, ocispec.ImageLayout{Version: ocispec.ImageLayoutVersion})
	if err == nil {
		err = addFile(archive, blobName(digest.Digest(a.top.Digest)), a.top.Size, content)
	}
	add(blobName(index.Digest), manifest)
	add(blobName(descriptorOf("", config).Digest), config)
	add(ocispec.ImageIndexFile, ocispec.Index{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex,
		Manifests: []ocispec.Descriptor{index},
	})
	add("manifest.json", []loadedImage{loaded})
	return errors.Join(err, archive.Close())
}

func addFile(archive *tar.Writer, name string, size int64, content io.Reader) error {
	err := archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o644})
	if err == nil {
		_, err = io.Copy(archive, content)
	}
	return err
}

func blobName(d digest.Digest) string {
	return path.Join(ocispec.ImageBlobsDir, d.Algorithm().String(), d.Encoded())
}

func descriptorOf(mediaType string, content []byte) ocispec.Descriptor {
	sum := sha256.Sum256(content)
	return ocispec.Descriptor{
		MediaType: mediaType, Digest: digest.NewDigestFromEncoded(digest.SHA256, hex.EncodeToString(sum[:])),
		Size: int64(len(content)),
	}
}

// plainDescriptors returns the descriptors of unpacked layers. Engines with their own store take any size.
func plainDescriptors(layers []digest.Digest) []ocispec.Descriptor {
	var all []ocispec.Descriptor
	for _, d := range layers {
		all = append(all, ocispec.Descriptor{MediaType: ocispec.MediaTypeImageLayer, Digest: d})
	}
	return all
}

// maxMetadata is the largest manifest or configuration in a saved image.
const maxMetadata = 8 << 20

// storedDescriptors reads a saved image until it knows the layers as the engine stores them: packed for a pulled image.
func storedDescriptors(saved io.Reader, layers []digest.Digest) ([]ocispec.Descriptor, error) {
	manifests, configs := map[digest.Digest]ocispec.Manifest{}, map[digest.Digest]imageFile{}
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
		var config imageFile
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
