package imagearchive

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// filesOf returns the files of an archive.
func filesOf(t *testing.T, a Archive) map[string][]byte {
	t.Helper()
	var content bytes.Buffer
	if err := a.Encode(&content); err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	reader := tar.NewReader(&content)
	for {
		h, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, isTwice := files[h.Name]; isTwice {
			t.Errorf("%s is in the archive twice", h.Name)
		}
		if files[h.Name], err = io.ReadAll(reader); err != nil {
			t.Fatal(err)
		}
	}
}

func layer(text string, hasContent bool) Layer {
	l := Layer{ID: digest.FromString(text), Descriptor: DescriptorOf(ocispec.MediaTypeImageLayer, []byte(text))}
	if hasContent {
		l.Content = strings.NewReader(text)
	}
	return l
}

// TestEncode: layers without content are named and not written, equal layers are written once, and both forms agree.
func TestEncode(t *testing.T) {
	for ref, want := range map[string]struct{ tag, name string }{
		"web":                       {"web:latest", "docker.io/library/web:latest"},
		"registry.local:5000/a/b:1": {"registry.local:5000/a/b:1", "registry.local:5000/a/b:1"},
		"":                          {},
	} {
		a := Archive{Ref: ref, Config: []byte(`{}`), Layers: []Layer{layer("base", false), layer("x", true), layer("x", true)}}
		files := filesOf(t, a)
		if files[BlobName(digest.FromString("base"))] != nil || string(files[BlobName(digest.FromString("x"))]) != "x" {
			t.Errorf("the archive has the files %v", files)
		}
		var list []entry
		var index ocispec.Index
		if err := errors.Join(json.Unmarshal(files["manifest.json"], &list), json.Unmarshal(files["index.json"], &index)); err != nil {
			t.Fatal(err)
		}
		_, containerd, err := a.IDs()
		if err != nil || index.Manifests[0].Digest != containerd || files[BlobName(containerd)] == nil || len(list[0].Layers) != 3 {
			t.Errorf("the forms are %+v and %+v: %v", list, index, err)
		}
		if name := index.Manifests[0].Annotations["io.containerd.image.name"]; name != want.name ||
			strings.Join(list[0].RepoTags, " ") != want.tag {
			t.Errorf("%q is called %q and %q", ref, name, list[0].RepoTags)
		}
	}
	if err := (Archive{Ref: "UPPER"}).Encode(io.Discard); err == nil {
		t.Error("a name that no engine takes is no error")
	}
}

// TestGivenManifestKeepsTheID: the id of an image store of containerd is the digest of the manifest, byte by byte.
func TestGivenManifestKeepsTheID(t *testing.T) {
	given := []byte(`{ "schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json" }`)
	a := Archive{Config: []byte(`{}`), Manifest: given}
	own, containerd, err := a.IDs()
	if err != nil || containerd != digest.FromBytes(given) || own != digest.FromString("{}") {
		t.Errorf("the ids are %s and %s: %v", own, containerd, err)
	}
	var index ocispec.Index
	if err := json.Unmarshal(filesOf(t, a)["index.json"], &index); err != nil {
		t.Fatal(err)
	}
	if got := index.Manifests[0].MediaType; !strings.HasSuffix(got, "docker.distribution.manifest.v2+json") {
		t.Errorf("the media type is %s", got)
	}
}

func TestSizeText(t *testing.T) {
	for size, want := range map[int64]string{0: "0 KB", 1: "1 KB", 999_999: "1000 KB", 1_500_000: "1.5 MB", 28_000_000: "28 MB"} {
		if got := SizeText(size); got != want {
			t.Errorf("%d is %s, not %s", size, got, want)
		}
	}
}

func TestPlainLayers(t *testing.T) {
	ids := []digest.Digest{digest.FromString("a"), digest.FromString("b")}
	var got []digest.Digest
	for _, d := range PlainLayers(ids) {
		got = append(got, d.Digest)
	}
	if !slices.Equal(got, ids) {
		t.Errorf("the layers are %v", got)
	}
}
