package sources

import (
	"archive/tar"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/distribution/reference"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"tasks/executor/imagearchive"
	"tasks/internal/composeproject"
	"tasks/internal/tempfiles"
	"tasks/planner"
	"tasks/planner/observed"
)

// sent is the state of the last image with sources, for the next change.
type sent struct {
	Ref   string
	Count int
	Tree  tree `json:"-"`
	// Layers are the layers of the image, as the engine stores them. Parents are the directories outside of the tree.
	Layers  []ocispec.Descriptor
	Parents []tar.Header
}

// send is the sending of one tree.
type send struct {
	*Remote
	spec     planner.ContainerSpec
	base     Image
	tree     tree
	project  string
	mounts   string
	ref      string
	progress func(string)
}

// ensure returns the name of the image with a tree on the image of a container. The image is sent if it is missing.
func (r *Remote) ensure(
	ctx context.Context, spec planner.ContainerSpec, t tree, progress func(string),
) (string, error) {
	base, err := r.Store.InspectBase(ctx, spec.Image, spec.Service.Platform)
	if err != nil {
		return "", err
	}
	s := send{Remote: r, spec: spec, base: base, tree: t, progress: progress}
	s.setNames(cmp.Or(spec.Labels[observed.LabelOriginal], spec.Labels[composeproject.LabelProject]))
	if _, err := r.Store.InspectBase(ctx, s.ref, ""); err == nil {
		return s.ref, nil
	}
	if last, found := s.last(); found {
		done, err := s.sendChange(ctx, last)
		if done || err != nil {
			return s.ref, err
		}
	}
	return s.ref, s.sendWhole(ctx)
}

// setNames sets the names that follow from the project, the base image and the tree.
func (s *send) setNames(project string) {
	s.project = project
	s.mounts = shortHash(append([]string{project, s.base.ID}, s.tree.Mounts...)...)
	s.ref = repository + ":" + shortHash(s.mounts, s.tree.hash())
}

// last returns the state of the last image, if the tree can be sent as a difference to the image.
func (s send) last() (last sent, found bool) {
	content, err := s.files.ReadFile(s.stateFile())
	found = err == nil && decode(content, &last) && last.Count < maxLayers &&
		slices.Equal(last.Tree.outerParents(), s.tree.outerParents()) && mountKinds(last.Tree) == mountKinds(s.tree)
	return last, found
}

// stateFile names the state of the last image for the same engine, project, base image and mount points.
func (s send) stateFile() string { return StatePrefix + "last-" + shortHash(s.Address, s.mounts) }

// sendChange sends the difference to the last image. done=false means that the whole tree has to be sent: the engine
// has lost the last image, or cannot use the difference.
func (s send) sendChange(ctx context.Context, last sent) (done bool, err error) {
	below, err := s.Store.InspectBase(ctx, last.Ref, "")
	count := len(s.base.Layers)
	isOnBase := err == nil && len(below.Layers) == count+last.Count && len(below.Layers) == len(last.Layers) &&
		slices.Equal(below.Layers[:count], s.base.Layers)
	if !isOnBase {
		return false, nil
	}
	changes := s.tree.changesFrom(last.Tree)
	below.Config, below.Platform = s.base.Config, s.base.Platform
	next := sent{Ref: s.ref, Count: last.Count + 1, Tree: s.tree, Parents: last.Parents}
	write := func(w io.Writer) (layer, error) { return writeChange(w, s.tree, changes, last.Parents) }
	err = s.load(ctx, below, last.Layers, next, write)
	if _, isChanged := errors.AsType[*changedError](err); isChanged || ctx.Err() != nil {
		return false, err
	}
	return err == nil, nil
}

// mountKinds returns the kinds of the mount points: the file in the place of a directory needs a whole tree.
func mountKinds(t tree) string {
	var kinds []byte
	for _, m := range t.Mounts {
		e, _ := t.find(m)
		kinds = append(kinds, byte(e.Kind))
	}
	return string(kinds)
}

// sendWhole sends the whole tree.
func (s send) sendWhole(ctx context.Context) error {
	below, err := s.baseLayers(ctx)
	if err != nil {
		return err
	}
	next := sent{Ref: s.ref, Count: 1, Tree: s.tree}
	if dirs := s.tree.outerParents(); len(dirs) > 0 {
		labels := map[string]string{composeproject.LabelProject: s.project, observed.LabelProbe: s.spec.Service.Name}
		if owner := cmp.Or(s.spec.Labels[observed.LabelOwner], s.spec.Labels[observed.LabelStarter]); owner != "" {
			labels[observed.LabelStarter] = owner
		}
		if next.Parents, err = s.Store.DirectoryHeaders(ctx, s.base.ID, labels, dirs); err != nil {
			return err
		}
	}
	write := func(w io.Writer) (layer, error) { return writeWhole(w, s.tree, next.Parents) }
	return s.load(ctx, s.base, below, next, write)
}

// baseLayers returns the layers of the base image as the engine stores them.
func (s send) baseLayers(ctx context.Context) ([]ocispec.Descriptor, error) {
	keeps, err := s.Store.KeepsManifests(ctx)
	if err != nil || !keeps {
		return imagearchive.PlainLayers(s.base.Layers), err
	}
	name := StatePrefix + "base-" + shortHash(s.Address, s.base.ID)
	var kept []ocispec.Descriptor
	if content, err := s.files.ReadFile(name); err == nil && json.Unmarshal(content, &kept) == nil {
		return kept, nil
	}
	saved, err := s.Store.SaveImage(ctx, s.spec.Image)
	if err != nil {
		return nil, err
	}
	defer saved.Close()
	if kept, err = imagearchive.StoredLayers(saved, s.base.Layers); err != nil {
		return nil, err
	}
	content, err := json.Marshal(kept)
	if err != nil {
		return nil, err
	}
	return kept, s.files.WritePrivate(name, content)
}

// load writes a layer, sends the image, and keeps the state for the next change.
func (s send) load(
	ctx context.Context, below Image, layers []ocispec.Descriptor, next sent, write func(io.Writer) (layer, error),
) error {
	tempfiles.Sweep(os.TempDir(), tempPrefix)
	content, err := os.CreateTemp("", tempPrefix)
	if err != nil {
		return err
	}
	defer os.Remove(content.Name())
	defer content.Close()
	top, err := write(content)
	if err == nil {
		_, err = content.Seek(0, io.SeekStart)
	}
	if err != nil {
		return err
	}
	s.progress(sentText(s.spec.Service.Name, s.tree, top.Files, top.Size, next.Count > 1))
	config, err := s.config(below.Config)
	if err != nil {
		return err
	}
	image, err := s.archive(below, layers, config, top, content)
	if err != nil {
		return err
	}
	if err := s.loadArchive(ctx, image); err != nil {
		_ = s.Store.RemoveImage(ctx, s.ref) // an image that is listed and cannot be used
		return err
	}
	next.Layers = image.Descriptors()
	s.removeOld(ctx)
	return s.files.WritePrivate(s.stateFile(), encode(next))
}

// archive returns an image with a new layer. layers describes the layers below, as the engine stores them.
func (s send) archive(
	below Image, layers []ocispec.Descriptor, config json.RawMessage, top layer, content io.Reader,
) (imagearchive.Archive, error) {
	image := imagearchive.Archive{Ref: s.ref, Platform: below.Platform}
	for i, d := range layers {
		image.Layers = append(image.Layers, imagearchive.Layer{ID: below.Layers[i], Descriptor: d})
	}
	id := digest.Digest(top.Digest)
	image.Layers = append(image.Layers, imagearchive.Layer{
		ID: id, Content: content,
		Descriptor: ocispec.Descriptor{MediaType: ocispec.MediaTypeImageLayer, Digest: id, Size: top.Size},
	})
	var err error
	image.Config, err = json.Marshal(imagearchive.File{
		Created: time.Now().UTC(), Platform: below.Platform, Config: config,
		RootFS: ocispec.RootFS{Type: "layers", DiffIDs: append(slices.Clone(below.Layers), id)},
	})
	return image, err
}

func (s send) loadArchive(ctx context.Context, image imagearchive.Archive) error {
	if _, err := imagearchive.Load(ctx, s.Store, s.Address, image); err != nil {
		return err
	}
	loaded, err := s.Store.InspectBase(ctx, s.ref, "")
	if err == nil && len(loaded.Layers) != len(image.Layers) {
		err = errors.New("the engine has not taken the layer with the sources")
	}
	return err
}

// config adds the labels to the configuration of the image, and removes the volumes in the places of the sources.
func (s send) config(base json.RawMessage) (json.RawMessage, error) {
	var config map[string]json.RawMessage
	var volumes map[string]struct{}
	labels := map[string]string{}
	if err := json.Unmarshal(base, &config); err != nil {
		return nil, err
	}
	for key, value := range map[string]any{"Labels": &labels, "Volumes": &volumes} {
		if raw, isSet := config[key]; isSet {
			if err := json.Unmarshal(raw, value); err != nil {
				return nil, err
			}
		}
	}
	maps.DeleteFunc(volumes, func(target string, _ struct{}) bool {
		return s.tree.isMount(strings.TrimPrefix(path.Clean(target), "/"))
	})
	if labels == nil {
		labels = map[string]string{}
	}
	labels[LabelProject], labels[LabelMounts] = s.project, s.mounts
	for key, value := range map[string]any{"Labels": labels, "Volumes": volumes} {
		raw, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		config[key] = raw
	}
	return json.Marshal(config)
}

// removeOld removes the images that no next change needs. An image in use stays. A failure keeps an image only.
func (s send) removeOld(ctx context.Context) {
	images, err := s.Store.LabelledImages(ctx, LabelProject, s.project)
	if err != nil {
		return
	}
	kept := map[string]int{}
	for _, image := range images {
		refs, mounts := ownRefs(image), image.Labels[LabelMounts]
		if len(refs) == 0 {
			continue
		}
		if kept[mounts]++; kept[mounts] <= keptImages || time.Since(image.Created) < keptAge {
			continue
		}
		for _, ref := range refs {
			if ref != s.ref {
				_ = s.Store.RemoveImage(ctx, ref)
			}
		}
	}
}

// ownRefs returns the names that this package has given an image. The labels prove nothing alone: an image that a user
// builds or commits on top inherits the labels, and a user may give the image further names.
func ownRefs(image StoredImage) []string {
	return slices.DeleteFunc(slices.Clone(image.Refs), func(ref string) bool {
		named, err := reference.ParseNormalizedNamed(ref)
		return err != nil || reference.FamiliarName(named) != repository
	})
}

// tempPrefix begins the names of temporary files with layers.
const tempPrefix = "tasks-sources-"
