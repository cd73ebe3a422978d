package imagesend

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/containerd/errdefs"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"tasks/executor/imagearchive"
)

// form is the form of the archives of an engine, and the kind of the image store.
type form int

const (
	// directories: an engine before 25.0. Layers are in directories without digests, equal layers are links.
	directories form = iota
	// plain: a current engine with its own image store.
	plain
	// packed: the image store of containerd, with packed layers.
	packed
)

// store is the image store of an engine in memory.
type store struct {
	t    *testing.T
	form form
	// images are the images by name and by id. blobs are the stored blobs of containerd.
	images map[string]imagearchive.Image
	blobs  map[digest.Digest][]byte
	// layers are the contents of the unpacked layers, of saved images.
	layers map[digest.Digest][]byte
	loads  int
	// removed are the names of removed images.
	removed []string
	// breakLoad fails each load.
	breakLoad error
	// breakInspect is the error of each inspection; nil: none.
	breakInspect error
}

func newStore(t *testing.T, f form) *store {
	return &store{
		t: t, form: f, images: map[string]imagearchive.Image{}, blobs: map[digest.Digest][]byte{},
		layers: map[digest.Digest][]byte{},
	}
}

func packedLayer(content []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(content)
	_ = w.Close()
	return out.Bytes()
}

// blob returns a layer in the form of the store.
func (s *store) blob(layer []byte) []byte {
	if s.form == packed {
		return packedLayer(layer)
	}
	return layer
}

// mediaType returns the media type of the blobs.
func (s *store) mediaType() string {
	if s.form == packed {
		return ocispec.MediaTypeImageLayerGzip
	}
	return ocispec.MediaTypeImageLayer
}

func marshal(value any) []byte {
	content, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return content
}

func configOf(ids []digest.Digest) []byte {
	return marshal(imagearchive.File{
		Platform: ocispec.Platform{OS: "linux", Architecture: "amd64"}, Config: json.RawMessage(`{"Cmd":["sh"]}`),
		RootFS: ocispec.RootFS{Type: "layers", DiffIDs: ids},
	})
}

// build adds an image of layers.
func (s *store) build(ref string, layers ...string) {
	archive := imagearchive.Archive{Ref: ref}
	var ids []digest.Digest
	for _, text := range layers {
		content := []byte(text)
		ids = append(ids, digest.FromBytes(content))
		blob := s.blob(content)
		s.layers[digest.FromBytes(content)], s.blobs[digest.FromBytes(blob)] = content, blob
		archive.Layers = append(archive.Layers, imagearchive.Layer{
			Descriptor: imagearchive.DescriptorOf(s.mediaType(), blob),
		})
	}
	archive.Config = configOf(ids)
	s.add(ref, archive, ids)
}

func (s *store) add(ref string, archive imagearchive.Archive, ids []digest.Digest) {
	own, containerd, err := archive.IDs()
	if err != nil {
		s.t.Fatal(err)
	}
	id := own
	if s.form == packed {
		id = containerd
	}
	image := imagearchive.Image{
		ID: id.String(), Platform: ocispec.Platform{OS: "linux", Architecture: "amd64"},
		Config: json.RawMessage(`{"Cmd":["sh"]}`), Layers: ids, Size: 1000,
	}
	s.images[id.String()] = image
	if ref != "" {
		s.images[ref] = image
	}
}

func (s *store) InspectBase(_ context.Context, ref, _ string) (imagearchive.Image, error) {
	if s.breakInspect != nil {
		return imagearchive.Image{}, s.breakInspect
	}
	if image, found := s.images[ref]; found {
		return image, nil
	}
	return imagearchive.Image{}, errdefs.ErrNotFound
}

func (s *store) KeepsManifests(context.Context) (bool, error) { return s.form == packed, nil }

func (s *store) ImageLayers(context.Context) (all [][]digest.Digest, err error) {
	for _, image := range s.images {
		all = append(all, image.Layers)
	}
	return all, nil
}

func (s *store) LayerSizes(_ context.Context, ref string) (sizes []int64, err error) {
	for _, id := range s.images[ref].Layers {
		sizes = append(sizes, int64(len(s.layers[id])))
	}
	return sizes, nil
}

func (s *store) RemoveImage(_ context.Context, ref string) error {
	s.removed = append(s.removed, ref)
	delete(s.images, ref)
	return nil
}

// SaveImage writes an archive as the engine of the form does.
func (s *store) SaveImage(_ context.Context, ref string) (io.ReadCloser, error) {
	image := s.images[ref]
	archive := imagearchive.Archive{Ref: "saved:1", Platform: image.Platform, Config: configOf(image.Layers)}
	var out bytes.Buffer
	for _, id := range image.Layers {
		blob := s.blob(s.layers[id])
		archive.Layers = append(archive.Layers, imagearchive.Layer{
			ID: id, Descriptor: imagearchive.DescriptorOf(s.mediaType(), blob), Content: bytes.NewReader(blob),
		})
	}
	if s.form != directories {
		return io.NopCloser(&out), archive.Encode(&out)
	}
	w := tar.NewWriter(&out)
	first, names := map[digest.Digest]string{}, []string{}
	var errs []error
	for i, layer := range archive.Layers {
		name := fmt.Sprintf("dir-%d/layer.tar", i)
		if other, found := first[layer.ID]; found {
			errs = append(errs, w.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: "../" + other}))
		} else {
			errs = append(errs, imagearchive.AddFile(w, name, layer.Descriptor.Size, layer.Content))
			first[layer.ID] = name
		}
		names = append(names, name)
	}
	list := marshal([]map[string]any{{"Config": "config.json", "Layers": names}})
	errs = append(errs, imagearchive.AddFile(w, "config.json", int64(len(archive.Config)), bytes.NewReader(archive.Config)),
		imagearchive.AddFile(w, "manifest.json", int64(len(list)), bytes.NewReader(list)), w.Close())
	return io.NopCloser(&out), errors.Join(errs...)
}

// LoadImage reads the form for the kind of the store, as strictly as engines do.
func (s *store) LoadImage(_ context.Context, archive io.Reader) error {
	s.loads++
	if s.breakLoad != nil {
		return s.breakLoad
	}
	unpacked, err := gzip.NewReader(archive)
	if err != nil {
		return err
	}
	files := map[string][]byte{}
	for reader := tar.NewReader(unpacked); ; {
		h, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if files[h.Name], err = io.ReadAll(reader); err != nil {
			return err
		}
	}
	if s.form == packed {
		return s.loadLayout(files)
	}
	return s.loadList(files)
}

// loadList loads an image by the list of layers. A chain of layers that the store has is not read.
func (s *store) loadList(files map[string][]byte) error {
	var list []struct {
		Config           string
		RepoTags, Layers []string
	}
	var config imagearchive.File
	if err := errors.Join(json.Unmarshal(files["manifest.json"], &list)); err != nil {
		return err
	}
	if err := json.Unmarshal(files[list[0].Config], &config); err != nil {
		return err
	}
	for i, id := range config.RootFS.DiffIDs {
		if s.hasChain(config.RootFS.DiffIDs[:i+1]) {
			continue
		}
		content, found := files[list[0].Layers[i]]
		if !found {
			return fmt.Errorf("open %s: no such file or directory", list[0].Layers[i])
		}
		if r, err := gzip.NewReader(bytes.NewReader(content)); err == nil {
			content, _ = io.ReadAll(r)
		}
		if digest.FromBytes(content) != id {
			return fmt.Errorf("layer %d has another digest", i)
		}
	}
	s.add(strings.Join(list[0].RepoTags, ""), imagearchive.Archive{Config: files[list[0].Config]}, config.RootFS.DiffIDs)
	return nil
}

func (s *store) hasChain(ids []digest.Digest) bool {
	for _, image := range s.images {
		if len(image.Layers) >= len(ids) && slices.Equal(image.Layers[:len(ids)], ids) {
			return true
		}
	}
	return false
}

// loadLayout loads an image by the OCI layout. An image that cannot be unpacked is listed.
func (s *store) loadLayout(files map[string][]byte) error {
	var index ocispec.Index
	var manifest ocispec.Manifest
	var config imagearchive.File
	if err := json.Unmarshal(files[ocispec.ImageIndexFile], &index); err != nil {
		return err
	}
	content := files[imagearchive.BlobName(index.Manifests[0].Digest)]
	if err := json.Unmarshal(content, &manifest); err != nil {
		return err
	}
	configText := files[imagearchive.BlobName(manifest.Config.Digest)]
	if err := json.Unmarshal(configText, &config); err != nil {
		return err
	}
	name := strings.TrimPrefix(index.Manifests[0].Annotations["io.containerd.image.name"], "docker.io/library/")
	s.add(name, imagearchive.Archive{Config: configText, Manifest: content}, config.RootFS.DiffIDs)
	for i, d := range manifest.Layers {
		blob, found := files[imagearchive.BlobName(d.Digest)]
		if !found {
			blob, found = s.blobs[d.Digest]
		}
		if !found || digest.FromBytes(blob) != d.Digest {
			return errors.New("Error unpacking image")
		}
		if isPacked := bytes.HasPrefix(blob, []byte{0x1f, 0x8b}); isPacked != strings.HasSuffix(d.MediaType, "+gzip") {
			return fmt.Errorf("layer %d has the media type %s", i, d.MediaType)
		}
		s.blobs[d.Digest] = blob
	}
	return nil
}
