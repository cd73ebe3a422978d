// Package imagearchive writes and reads archives of images. An archive for an engine may lack the layers that the
// engine has.
package imagearchive

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"path"
	"time"

	"github.com/distribution/reference"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// File is the configuration of an image, as engines store it.
type File struct {
	Created time.Time `json:"created"`
	ocispec.Platform
	Config  json.RawMessage   `json:"config,omitempty"`
	RootFS  ocispec.RootFS    `json:"rootfs"`
	History []ocispec.History `json:"history,omitempty"`
}

// entry is an entry of the file manifest.json in an archive.
type entry struct {
	Config   string
	RepoTags []string
	Layers   []string
}

// Layer is a layer of an image.
type Layer struct {
	// ID is the digest of the unpacked layer. Descriptor describes the layer as the engine stores it: packed or not.
	ID         digest.Digest
	Descriptor ocispec.Descriptor
	// Content is the layer in the form of the descriptor. Nil: the engine has the layer.
	Content io.Reader
}

// Archive is an image with some or all of its layers.
type Archive struct {
	// Ref is the name of the image. Empty: the image gets no name.
	Ref      string
	Platform ocispec.Platform
	// Config is the content of the configuration file.
	Config []byte
	// Manifest is the content of the manifest. Nil: a manifest of the layers.
	Manifest []byte
	Layers   []Layer
}

// PlainLayers describes unpacked layers that an engine has. Engines with their own image store take any size.
func PlainLayers(ids []digest.Digest) []ocispec.Descriptor {
	var all []ocispec.Descriptor
	for _, id := range ids {
		all = append(all, ocispec.Descriptor{MediaType: ocispec.MediaTypeImageLayer, Digest: id})
	}
	return all
}

// Descriptors returns the descriptors of all layers.
func (a Archive) Descriptors() []ocispec.Descriptor {
	var all []ocispec.Descriptor
	for _, layer := range a.Layers {
		all = append(all, layer.Descriptor)
	}
	return all
}

// manifest returns the content of the manifest with its descriptor.
func (a Archive) manifest() ([]byte, ocispec.Descriptor, error) {
	content, mediaType := a.Manifest, ocispec.MediaTypeImageManifest
	if content == nil {
		made, err := json.Marshal(ocispec.Manifest{
			Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: mediaType,
			Config: DescriptorOf(ocispec.MediaTypeImageConfig, a.Config), Layers: a.Descriptors(),
		})
		if err != nil {
			return nil, ocispec.Descriptor{}, err
		}
		content = made
	} else {
		var given ocispec.Manifest
		if err := json.Unmarshal(content, &given); err != nil {
			return nil, ocispec.Descriptor{}, err
		}
		if given.MediaType != "" {
			mediaType = given.MediaType
		}
	}
	d := DescriptorOf(mediaType, content)
	d.Platform = &a.Platform
	return content, d, nil
}

// IDs returns the ids of the loaded image: in an engine's own image store, and in the image store of containerd.
func (a Archive) IDs() (own, containerd digest.Digest, err error) {
	_, d, err := a.manifest()
	return DescriptorOf("", a.Config).Digest, d.Digest, err
}

// Encode writes the archive in two forms at once: manifest.json for engines with their own image store, and an OCI
// layout for engines with the image store of containerd.
func (a Archive) Encode(w io.Writer) error {
	manifest, index, err := a.manifest()
	if err != nil {
		return err
	}
	loaded := entry{Config: BlobName(DescriptorOf("", a.Config).Digest)}
	if a.Ref != "" {
		name, err := reference.ParseNormalizedNamed(a.Ref)
		if err != nil {
			return err
		}
		tagged, isTagged := reference.TagNameOnly(name).(reference.NamedTagged)
		if !isTagged {
			return errors.New(a.Ref + " is no name with a tag")
		}
		loaded.RepoTags = []string{reference.FamiliarString(tagged)}
		index.Annotations = map[string]string{
			"io.containerd.image.name": tagged.String(), ocispec.AnnotationRefName: tagged.Tag(),
		}
	}
	files := &fileWriter{archive: tar.NewWriter(w)}
	files.addJSON(ocispec.ImageLayoutFile, ocispec.ImageLayout{Version: ocispec.ImageLayoutVersion})
	written := map[digest.Digest]bool{}
	for _, layer := range a.Layers {
		d := layer.Descriptor.Digest
		if layer.Content == nil {
			loaded.Layers = append(loaded.Layers, BlobName(layer.ID))
			continue
		}
		loaded.Layers = append(loaded.Layers, BlobName(d))
		if !written[d] {
			files.add(BlobName(d), layer.Descriptor.Size, layer.Content)
		}
		written[d] = true
	}
	files.add(BlobName(index.Digest), index.Size, bytes.NewReader(manifest))
	files.add(loaded.Config, int64(len(a.Config)), bytes.NewReader(a.Config))
	files.addJSON(ocispec.ImageIndexFile, ocispec.Index{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex,
		Manifests: []ocispec.Descriptor{index},
	})
	files.addJSON("manifest.json", []entry{loaded})
	return errors.Join(files.err, files.archive.Close())
}

// fileWriter adds files to an archive. After the first error, no file is added.
type fileWriter struct {
	archive *tar.Writer
	err     error
}

func (f *fileWriter) add(name string, size int64, content io.Reader) {
	if f.err == nil {
		f.err = AddFile(f.archive, name, size, content)
	}
}

func (f *fileWriter) addJSON(name string, value any) {
	text, err := json.Marshal(value)
	if f.err == nil {
		f.err = err
	}
	f.add(name, int64(len(text)), bytes.NewReader(text))
}

// AddFile adds a file to an archive.
func AddFile(archive *tar.Writer, name string, size int64, content io.Reader) error {
	err := archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o644})
	if err == nil {
		_, err = io.Copy(archive, content)
	}
	return err
}

// BlobName returns the name of a blob in an archive.
func BlobName(d digest.Digest) string {
	return path.Join(ocispec.ImageBlobsDir, d.Algorithm().String(), d.Encoded())
}

// DescriptorOf describes a content.
func DescriptorOf(mediaType string, content []byte) ocispec.Descriptor {
	return ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(content), Size: int64(len(content))}
}
