package imagesend

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"tasks/executor/imagearchive"
	"tasks/internal/tempfiles"
)

// tempPrefix begins the names of temporary files with layers.
const tempPrefix = "tasks-image-"

// maxMetadata is the largest manifest or configuration in a saved image, in bytes.
const maxMetadata = 8 << 20

// spool holds a saved image in a temporary file, without the layers that need not be sent. A layer of an archive by
// an engine before 25.0 has no digest in its name. Therefore a layer is written first, and dropped after its end.
type spool struct {
	file *os.File
	end  int64
	// files are the files of the archive, links the names of the files that links name.
	files map[string]savedFile
	links map[string]string
}

// savedFile is a file of a saved image.
type savedFile struct {
	offset, size int64
	digest       digest.Digest
	// isDropped reports whether the spool lacks the content.
	isDropped bool
}

func newSpool() (*spool, error) {
	tempfiles.Sweep(os.TempDir(), tempPrefix)
	file, err := os.CreateTemp("", tempPrefix)
	return &spool{file: file, files: map[string]savedFile{}, links: map[string]string{}}, err
}

func (s *spool) remove() {
	_ = s.file.Close()
	_ = os.Remove(s.file.Name()) // the next transfer sweeps it
}

// unneeded returns the digests of the lowest layers, without layers that occur again above them.
func unneeded(layers []digest.Digest, known int) map[digest.Digest]bool {
	dropped := map[digest.Digest]bool{}
	for _, layer := range layers[:known] {
		dropped[layer] = !slices.Contains(layers[known:], layer)
	}
	return dropped
}

// read reads a saved image to the end.
func (s *spool) read(saved io.Reader, dropped map[digest.Digest]bool) error {
	archive := tar.NewReader(saved)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the engine's copy of the image: %w", err)
		}
		name := path.Clean(header.Name)
		switch header.Typeflag {
		case tar.TypeSymlink:
			s.links[name] = path.Join(path.Dir(name), header.Linkname)
		case tar.TypeLink:
			s.links[name] = path.Clean(header.Linkname)
		case tar.TypeReg:
			if s.files[name], err = s.add(name, archive, header.Size, dropped); err != nil {
				return err
			}
		}
	}
}

// add adds a file. An unneeded layer is dropped.
func (s *spool) add(
	name string, content io.Reader, size int64, dropped map[digest.Digest]bool,
) (savedFile, error) {
	file := savedFile{offset: s.end, size: size}
	if id := digest.NewDigestFromEncoded(digest.SHA256, path.Base(name)); dropped[id] {
		return savedFile{size: size, digest: id, isDropped: true}, nil
	}
	sum := digest.SHA256.Digester()
	if _, err := io.Copy(io.MultiWriter(io.NewOffsetWriter(s.file, s.end), sum.Hash()), content); err != nil {
		return savedFile{}, fmt.Errorf("copy the image: %w", err)
	}
	file.digest = sum.Digest()
	if file.isDropped = dropped[file.digest]; !file.isDropped {
		s.end += size
	}
	return file, nil
}

// find returns a file of the archive. Links are followed.
func (s *spool) find(name string) (savedFile, bool) {
	name = path.Clean(name)
	if target, isLink := s.links[name]; isLink {
		name = target
	}
	file, found := s.files[name]
	return file, found
}

func (s *spool) reader(file savedFile) *io.SectionReader {
	return io.NewSectionReader(s.file, file.offset, file.size)
}

// content returns the content of a small file. Nil: the file is missing or large.
func (s *spool) content(file savedFile) []byte {
	if file.isDropped || file.size > maxMetadata {
		return nil
	}
	content, err := io.ReadAll(s.reader(file))
	if err != nil {
		return nil
	}
	return content
}

// errUnknownForm is the error for a saved image without the list of its layers.
var errUnknownForm = errors.New("the engine's copy of the image lacks the list of its layers: pull or build it again")

// archive returns the image for an engine with the lowest layers.
func (s *spool) archive(image imagearchive.Image, known int) (imagearchive.Archive, error) {
	list, _ := s.find("manifest.json")
	var saved []struct {
		Config string
		Layers []string
	}
	if err := json.Unmarshal(s.content(list), &saved); err != nil {
		return imagearchive.Archive{}, errUnknownForm
	}
	for _, candidate := range saved {
		configFile, _ := s.find(candidate.Config)
		content := s.content(configFile)
		var config imagearchive.File
		if json.Unmarshal(content, &config) != nil || !slices.Equal(config.RootFS.DiffIDs, image.Layers) ||
			len(candidate.Layers) != len(image.Layers) {
			continue
		}
		archive := imagearchive.Archive{Platform: config.Platform, Config: content}
		for i, name := range candidate.Layers {
			layer, err := s.layer(name, image.Layers[i], i < known)
			if err != nil {
				return archive, err
			}
			archive.Layers = append(archive.Layers, layer)
		}
		archive.Manifest = s.manifest(archive)
		return archive, nil
	}
	return imagearchive.Archive{}, errUnknownForm
}

// layer returns a layer of the image.
func (s *spool) layer(name string, id digest.Digest, isKnown bool) (imagearchive.Layer, error) {
	file, found := s.find(name)
	if !found || file.isDropped && !isKnown {
		return imagearchive.Layer{}, errUnknownForm
	}
	layer := imagearchive.Layer{ID: id, Descriptor: ocispec.Descriptor{
		MediaType: ocispec.MediaTypeImageLayer, Digest: file.digest, Size: file.size,
	}}
	if !isKnown {
		layer.Content = s.reader(file)
	}
	if !file.isDropped {
		layer.Descriptor.MediaType = s.mediaType(file)
	}
	return layer, nil
}

// mediaType returns the media type of a layer by its first bytes.
func (s *spool) mediaType(file savedFile) string {
	first := make([]byte, 4)
	n, _ := s.reader(file).Read(first) // a short layer has no such bytes
	switch {
	case bytes.HasPrefix(first[:n], []byte{0x1f, 0x8b}):
		return ocispec.MediaTypeImageLayerGzip
	case bytes.HasPrefix(first[:n], []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return ocispec.MediaTypeImageLayerZstd
	}
	return ocispec.MediaTypeImageLayer
}

// manifest returns the manifest of the saved image, so that the image keeps its id in image stores of containerd. Nil:
// the archive has no manifest of the same layers.
func (s *spool) manifest(archive imagearchive.Archive) []byte {
	config := digest.FromBytes(archive.Config)
	for _, file := range s.files {
		if file.isDropped || file.size > maxMetadata {
			continue
		}
		first := make([]byte, 1)
		if n, _ := s.reader(file).Read(first); n == 0 || first[0] != '{' {
			continue
		}
		content := s.content(file)
		var manifest ocispec.Manifest
		if json.Unmarshal(content, &manifest) == nil && manifest.Config.Digest == config &&
			slices.EqualFunc(manifest.Layers, archive.Descriptors(), func(a, b ocispec.Descriptor) bool {
				return a.Digest == b.Digest
			}) {
			return content
		}
	}
	return nil
}
