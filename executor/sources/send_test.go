//go:build unix

package sources

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
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/containerd/errdefs"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"tasks/executor/imagearchive"
	"tasks/internal/composeproject"
	"tasks/planner"
)

// imageStore is a store in memory.
type imageStore struct {
	t testing.TB
	// byRef are the images, newest last in order.
	byRef map[string]Image
	order []string
	// labels and created are of the loaded images.
	labels  map[string]map[string]string
	created map[string]time.Time
	// furtherNames are names of loaded images that a user has added. removed are the removed names.
	furtherNames map[string][]string
	removed      []string
	// keepsManifests is the answer of KeepsManifests, saved the answer of SaveImage.
	keepsManifests bool
	saved          []byte
	// refusal is the error of the next LoadImage.
	refusal error
	// sizes are the sizes of the new layers, descriptors the layers of the last manifest.
	sizes       []int64
	descriptors []ocispec.Descriptor
}

func newImageStore(t testing.TB) *imageStore {
	base := Image{
		ID: "sha256:base", Config: json.RawMessage(`{"Cmd":["sh"],"Labels":{"a":"b"},"Volumes":{"/app":{},"/data":{}}}`),
		Platform: ocispec.Platform{OS: "linux", Architecture: "amd64"},
		Layers:   []digest.Digest{digest.FromString("one"), digest.FromString("two")},
	}
	return &imageStore{
		t: t, byRef: map[string]Image{"base": base}, labels: map[string]map[string]string{}, created: map[string]time.Time{},
	}
}

func (s *imageStore) InspectBase(_ context.Context, ref, _ string) (Image, error) {
	if image, found := s.byRef[ref]; found {
		return image, nil
	}
	return Image{}, errdefs.ErrNotFound
}

func (s *imageStore) KeepsManifests(context.Context) (bool, error) { return s.keepsManifests, nil }

func (s *imageStore) SaveImage(context.Context, string) (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(s.saved)), nil
}

// LoadImage checks that both forms of the archive describe the same image.
func (s *imageStore) LoadImage(_ context.Context, archive io.Reader) error {
	if err := s.refusal; err != nil {
		s.refusal = nil
		return err
	}
	files := map[string][]byte{}
	unpacked, err := gzip.NewReader(archive)
	if err != nil {
		return err
	}
	reader := tar.NewReader(unpacked)
	for {
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
	for name, content := range files {
		if sum, isBlob := strings.CutPrefix(name, "blobs/sha256/"); isBlob && digest.FromBytes(content).Encoded() != sum {
			s.t.Errorf("blob %s has another hash", name)
		}
	}
	read := func(name string, value any) {
		if err := json.Unmarshal(files[name], value); err != nil {
			s.t.Fatalf("%s: %v", name, err)
		}
	}
	var loaded []struct {
		Config           string
		RepoTags, Layers []string
	}
	var index ocispec.Index
	var manifest ocispec.Manifest
	var config imagearchive.File
	var container struct {
		Cmd     []string
		Labels  map[string]string
		Volumes map[string]struct{}
	}
	read("manifest.json", &loaded)
	read(ocispec.ImageIndexFile, &index)
	read(imagearchive.BlobName(index.Manifests[0].Digest), &manifest)
	read(imagearchive.BlobName(manifest.Config.Digest), &config)
	if err := json.Unmarshal(config.Config, &container); err != nil {
		s.t.Fatal(err)
	}
	if _, hasVolume := container.Volumes["/app"]; hasVolume || len(container.Volumes) != 1 || container.Labels["a"] != "b" {
		s.t.Errorf("the configuration is %s", config.Config)
	}
	top := manifest.Layers[len(manifest.Layers)-1]
	layers := config.RootFS.DiffIDs
	if loaded[0].Config != imagearchive.BlobName(manifest.Config.Digest) || len(loaded[0].Layers) != len(layers) ||
		len(manifest.Layers) != len(layers) || top.Digest != layers[len(layers)-1] || files[imagearchive.BlobName(top.Digest)] == nil {
		s.t.Errorf("the two forms differ: %+v, %+v", loaded[0], manifest)
	}
	ref := loaded[0].RepoTags[0]
	if name := index.Manifests[0].Annotations["io.containerd.image.name"]; name != "docker.io/"+ref {
		s.t.Errorf("the names are %s and %s", name, ref)
	}
	s.byRef[ref] = Image{ID: manifest.Config.Digest.String(), Config: config.Config, Platform: config.Platform, Layers: layers}
	s.order, s.labels[ref], s.created[ref] = append(s.order, ref), container.Labels, time.Now()
	s.sizes, s.descriptors = append(s.sizes, top.Size), manifest.Layers
	return nil
}

func (s *imageStore) LabelledImages(_ context.Context, label, value string) ([]StoredImage, error) {
	var found []StoredImage
	for _, ref := range slices.Backward(s.order) {
		if s.labels[ref][label] == value {
			refs := append([]string{ref}, s.furtherNames[ref]...)
			found = append(found, StoredImage{Refs: refs, Labels: s.labels[ref], Created: s.created[ref]})
		}
	}
	return found, nil
}

func (s *imageStore) RemoveImage(_ context.Context, ref string) error {
	s.removed = append(s.removed, ref)
	delete(s.byRef, ref)
	s.order = slices.DeleteFunc(s.order, func(other string) bool { return other == ref })
	return nil
}

func (s *imageStore) ReadPath(context.Context, string, string) (io.ReadCloser, error) {
	return nil, errdefs.ErrNotFound
}

func (s *imageStore) ChangedPaths(context.Context, string) (map[string]bool, error) { return nil, nil }

func (s *imageStore) DirectoryHeaders(
	context.Context, string, map[string]string, []string,
) ([]tar.Header, error) {
	return nil, nil
}

// sender sends the sources in dir to /app again and again.
type sender struct {
	*imageStore
	remote *Remote
	dir    string
	texts  []string
}

func newSender(t *testing.T) *sender {
	store, dir := newImageStore(t), t.TempDir()
	for i := range 100 {
		write(t, dir, fmt.Sprintf("file-%d", i), strings.Repeat("x", 1000))
	}
	return &sender{imageStore: store, dir: dir, remote: NewRemote(store, "tcp://x", nil, dir, memoryFiles{})}
}

// send returns the size of the new layer; 0: nothing was sent.
func (s *sender) send() int64 {
	s.t.Helper()
	s.sizes = nil
	spec := planner.ContainerSpec{Image: "base", Labels: map[string]string{composeproject.LabelProject: "p"}}
	spec.Service.Name = "web"
	spec.Service.Volumes = []types.ServiceVolumeConfig{{Type: types.VolumeTypeBind, Source: s.dir, Target: "/app"}}
	prepared, err := s.remote.Prepare(s.t.Context(), spec, func(text string) { s.texts = append(s.texts, text) })
	if err != nil {
		s.t.Fatal(err)
	}
	if _, found := s.byRef[prepared.Image]; !found || prepared.Image == "base" || len(prepared.Service.Volumes) > 0 {
		s.t.Fatalf("the container gets the image %s and the volumes %v", prepared.Image, prepared.Service.Volumes)
	}
	if len(s.sizes) == 0 {
		return 0
	}
	return s.sizes[len(s.sizes)-1]
}

const wholeSize, changeSize = 100_000, 5_000

func TestOnlyChangesAreSent(t *testing.T) {
	s := newSender(t)
	if size := s.send(); size < wholeSize {
		t.Errorf("first %d bytes", size)
	}
	if size := s.send(); size != 0 {
		t.Errorf("unchanged: %d bytes", size)
	}
	write(t, s.dir, "file-7", "changed")
	if size := s.send(); size == 0 || size > changeSize {
		t.Errorf("a change: %d bytes", size)
	}
	want := []string{"send sources of web to /app: 100 files, 156 KB", "send sources of web to /app: 1 of 100 files changed, 3 KB"}
	if !slices.Equal(s.texts, want) {
		t.Errorf("the texts are %q", s.texts)
	}
}

func TestWholeTreeWhereNoChangeFits(t *testing.T) {
	s := newSender(t)
	s.send()
	number := 0
	change := func() int64 {
		number++
		write(t, s.dir, "file-1", fmt.Sprint("content ", number))
		return s.send()
	}
	for _, ref := range slices.Clone(s.order) {
		_ = s.RemoveImage(t.Context(), ref)
	}
	if size := change(); size < wholeSize {
		t.Errorf("after the loss of the last image %d bytes", size)
	}
	s.byRef["other"] = Image{Layers: []digest.Digest{"sha256:a", "sha256:b", "sha256:c"}}
	var last sent
	for name, content := range s.remote.files.(memoryFiles) {
		if strings.HasPrefix(name, StatePrefix+"last-") && decode(content, &last) {
			last.Ref = "other"
			s.remote.files.(memoryFiles)[name] = encode(last)
		}
	}
	if size := change(); size < wholeSize {
		t.Errorf("after a last image on another base %d bytes", size)
	}
	s.refusal = errors.New("Error unpacking image")
	if size := change(); size < wholeSize {
		t.Errorf("after a refused change %d bytes", size)
	}
	whole := 0
	for range maxLayers + 1 {
		if change() >= wholeSize {
			whole++
		}
	}
	if whole != 1 {
		t.Errorf("%d of %d changes were sent whole", whole, maxLayers+1)
	}
}

func TestRefusedTreeIsAnError(t *testing.T) {
	s := newSender(t)
	s.refusal = errors.New("no space left")
	spec := planner.ContainerSpec{Image: "base"}
	spec.Service.Volumes = []types.ServiceVolumeConfig{{Type: types.VolumeTypeBind, Source: s.dir, Target: "/app"}}
	if _, err := s.remote.Prepare(t.Context(), spec, nil); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("the error is %v", err)
	}
	spec.Service.Volumes[0].Source = "/etc"
	if _, err := s.remote.Prepare(t.Context(), spec, nil); err == nil || !strings.Contains(err.Error(), "/etc is a path of this machine") {
		t.Errorf("the error is %v", err)
	}
}

func TestOldImagesAreRemoved(t *testing.T) {
	s := newSender(t)
	for i := range 6 {
		write(t, s.dir, "file-1", fmt.Sprint("content ", i))
		s.send()
		for ref := range s.created {
			s.created[ref] = s.created[ref].Add(-keptAge)
		}
	}
	if len(s.order) != keptImages {
		t.Errorf("%d images stay", len(s.order))
	}
	if err := s.remote.RemoveImages(t.Context(), "other"); err != nil || len(s.order) != keptImages {
		t.Errorf("another project: %v, %d images", err, len(s.order))
	}
	if err := s.remote.RemoveImages(t.Context(), "p"); err != nil || len(s.order) != 0 {
		t.Errorf("%v, %d images stay", err, len(s.order))
	}
}

// An image that a user makes of an image with sources inherits the labels, and a user may name an image with sources.
func TestImagesOfOthersWithTheLabelsStay(t *testing.T) {
	s := newSender(t)
	s.furtherNames = map[string][]string{}
	theirs := []string{"app:committed", "registry.example/tasks/sources:1", "tasks/sources-backup:1", "tasks:sources", "<none>:<none>"}
	for i := range 6 {
		write(t, s.dir, "file-1", fmt.Sprint("content ", i))
		s.send()
		last := s.order[len(s.order)-1]
		s.furtherNames[last] = []string{"kept:" + fmt.Sprint(i)}
		if i == 0 {
			for _, ref := range theirs {
				s.byRef[ref], s.labels[ref], s.order = s.byRef[last], s.labels[last], append(s.order, ref)
			}
		}
		for ref := range s.created {
			s.created[ref] = s.created[ref].Add(-keptAge)
		}
	}
	if err := s.remote.RemoveImages(t.Context(), "p"); err != nil || len(s.removed) != 6 {
		t.Errorf("%v; removed %q", err, s.removed)
	}
	for _, ref := range s.removed {
		if !strings.HasPrefix(ref, "tasks/sources:") {
			t.Errorf("removed %s of others", ref)
		}
	}
	if !slices.Equal(s.order, theirs) {
		t.Errorf("left %q", s.order)
	}
}

// TestLayersOfAPulledImage has a store with packed layers, as after a pull.
func TestLayersOfAPulledImage(t *testing.T) {
	s := newSender(t)
	s.keepsManifests = true
	base := s.byRef["base"]
	config, err := json.Marshal(imagearchive.File{Platform: base.Platform, RootFS: ocispec.RootFS{Type: "layers", DiffIDs: base.Layers}})
	if err != nil {
		t.Fatal(err)
	}
	packed := []ocispec.Descriptor{
		{MediaType: ocispec.MediaTypeImageLayerGzip, Digest: digest.FromString("packed one"), Size: 11},
		{MediaType: ocispec.MediaTypeImageLayerGzip, Digest: digest.FromString("packed two"), Size: 12},
	}
	manifest, err := json.Marshal(ocispec.Manifest{Config: imagearchive.DescriptorOf("", config), Layers: packed})
	if err != nil {
		t.Fatal(err)
	}
	other, err := json.Marshal(ocispec.Manifest{Config: imagearchive.DescriptorOf("", []byte("x")), Layers: slices.Clone(packed)[:1]})
	if err != nil {
		t.Fatal(err)
	}
	var saved bytes.Buffer
	w := tar.NewWriter(&saved)
	for _, blob := range [][]byte{other, manifest, config} {
		if err := imagearchive.AddFile(w, imagearchive.BlobName(imagearchive.DescriptorOf("", blob).Digest), int64(len(blob)), bytes.NewReader(blob)); err != nil {
			t.Fatal(err)
		}
	}
	s.saved = saved.Bytes()
	s.send()
	if len(s.descriptors) != 3 || !slices.Equal([]digest.Digest{s.descriptors[0].Digest, s.descriptors[1].Digest},
		[]digest.Digest{packed[0].Digest, packed[1].Digest}) {
		t.Errorf("the layers are %+v", s.descriptors)
	}
	s.saved = nil // known from now on
	write(t, s.dir, "file-3", "changed")
	if size := s.send(); size > changeSize || len(s.descriptors) != 4 || s.descriptors[0].Digest != packed[0].Digest {
		t.Errorf("the change has %d bytes, and the layers %+v", size, s.descriptors)
	}
}
