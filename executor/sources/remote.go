// Package sources sends bind mounts of the project's directory to an engine of another machine: as a layer on the
// image of the container.
package sources

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/executor/imagearchive"
	"tasks/planner"
)

// Image is an image of an engine.
type Image = imagearchive.Image

// Store is the store of images of an engine. executor/docker implements the interface.
type Store interface {
	imagearchive.Store
	// LabelledImages lists the images with a label, newest first: the names, and the labels.
	LabelledImages(ctx context.Context, label, value string) ([]StoredImage, error)
	// RemoveImage removes an image by its name. A missing image, or an image in use, is no error.
	RemoveImage(ctx context.Context, ref string) error
	// ChangedPaths returns the new and changed paths of a container, compared with its image.
	ChangedPaths(ctx context.Context, container string) (map[string]bool, error)
	// ReadPath reads an archive of a path of a container. The names in the archive begin with the last name of the
	// path.
	ReadPath(ctx context.Context, container, path string) (io.ReadCloser, error)
	// DirectoryHeaders returns the headers of existing directories of an image, as in an archive. labels are the
	// labels of the container for the look.
	DirectoryHeaders(ctx context.Context, image string, labels map[string]string, dirs []string) ([]tar.Header, error)
}

// StoredImage is an image in a list.
type StoredImage struct {
	Refs    []string
	Labels  map[string]string
	Created time.Time
}

// The labels of images with sources. LabelMounts identifies the mount points and the image below.
const (
	LabelProject = "tasks.sources.project"
	LabelMounts  = "tasks.sources.mounts"
)

const (
	// repository is the name of all images with sources.
	repository = "tasks/sources"
	// maxLayers is the number of layers with changes before the sources are sent whole again.
	maxLayers = 30
	// keptImages is the number of images that stay for each service: the last one, and its predecessor for another
	// run.
	keptImages = 2
	// keptAge is the age of an image before its removal: another run may be about to create a container of the image.
	keptAge = time.Minute
	// attempts is the number of attempts to send sources that change during the sending.
	attempts = 3
)

// Remote completes containers for an engine of another machine.
type Remote struct {
	Store Store
	// Address identifies the engine.
	Address string
	// Binds are absolute paths of the engine's machine that bind mounts may use.
	Binds []string
	// Root is the directory with the files that may be sent.
	Root string

	files Files
	// mu guards the scanner, and lets one image be sent at a time.
	mu      sync.Mutex
	scanner scanner
}

// NewRemote returns a Remote for the project in dir. State files are in files.
func NewRemote(store Store, address string, binds []string, dir string, files Files) *Remote {
	return &Remote{
		Store: store, Address: address, Binds: binds, Root: projectTree(dir), files: files,
		scanner: scanner{files: files, byRoot: map[string]hashes{}},
	}
}

// projectTree returns the repository that holds a directory, else the directory. The home directory of the user is no
// project, even if it is a repository.
func projectTree(dir string) string {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	home, _ := os.UserHomeDir()
	for at := dir; at != home && at != filepath.Dir(at); at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			return at
		}
	}
	return dir
}

// Verdict says what becomes of a bind mount.
type Verdict int

const (
	// Refused: the path is a path of this machine only.
	Refused Verdict = iota
	// Bound: the engine's machine has the path.
	Bound
	// Sent: the files are sent with the image.
	Sent
)

// Judge says what becomes of a bind mount with a source. A link counts by its target.
func (r *Remote) Judge(source string) Verdict {
	clean := filepath.Clean(source)
	if slices.ContainsFunc(r.Binds, func(bind string) bool { return isWithin(clean, bind) }) {
		return Bound
	}
	if isWithin(realPath(clean), r.Root) {
		return Sent
	}
	return Refused
}

// realPath resolves the links of the existing part of a path.
func realPath(name string) string {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		return real
	}
	if parent := filepath.Dir(name); parent != name {
		return filepath.Join(realPath(parent), filepath.Base(name))
	}
	return name
}

func isWithin(name, dir string) bool {
	rel, err := filepath.Rel(dir, name)
	return err == nil && (rel == "." || filepath.IsLocal(rel))
}

// MountsOf returns the bind mounts of a service that are sent, and the other volumes. Of several volumes at a target
// the last one counts. A refused bind mount is an error.
func (r *Remote) MountsOf(
	volumes []types.ServiceVolumeConfig,
) (sent []Mount, rest []types.ServiceVolumeConfig, err error) {
	last := map[string]int{}
	for i, v := range volumes {
		last[path.Clean(v.Target)] = i
	}
	for i, v := range volumes {
		if v.Type != types.VolumeTypeBind {
			rest = append(rest, v)
			continue
		}
		if last[path.Clean(v.Target)] != i {
			continue
		}
		switch r.Judge(v.Source) {
		case Sent:
			sent = append(sent, Mount{
				Source: v.Source, Target: v.Target, MayBeMissing: v.Bind == nil || bool(v.Bind.CreateHostPath),
			})
		case Bound:
			rest = append(rest, v)
		default:
			return nil, nil, fmt.Errorf("%s is a path of this machine, and the engine at %s has a disk of its own", v.Source,
				r.Address)
		}
	}
	return sent, rest, nil
}

// Hash returns the hash of the sources of a container. The content of the files in extra is part of the hash. Without
// sources and files the hash is empty.
func (r *Remote) Hash(ctx context.Context, mounts []Mount, extra []string) (string, error) {
	if len(mounts)+len(extra) == 0 {
		return "", nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	t, err := r.scanner.scan(ctx, mounts)
	if err != nil {
		return "", err
	}
	parts := []string{t.hash()}
	for _, file := range extra {
		content, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		parts = append(parts, shortHash(string(content)))
	}
	return shortHash(parts...), nil
}

// Prepare replaces the bind mounts of a container: the files of the project become a layer on the image. progress gets
// a text for the user when sources are sent. progress may be nil.
func (r *Remote) Prepare(
	ctx context.Context, spec planner.ContainerSpec, progress func(string),
) (planner.ContainerSpec, error) {
	mounts, rest, err := r.MountsOf(spec.Service.Volumes)
	if err != nil {
		return spec, err
	}
	if spec, err = r.withFiles(spec); err != nil || len(mounts) == 0 {
		return spec, err
	}
	if progress == nil {
		progress = func(string) {}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for attempt := range attempts {
		var t tree
		if t, err = r.scanner.scan(ctx, mounts); err != nil {
			break
		}
		var ref string
		if ref, err = r.ensure(ctx, spec, t, progress); err == nil {
			spec.Image, spec.Service.Volumes = ref, rest
			spec.Labels = maps.Clone(spec.Labels)
			spec.Labels[LabelPaths] = r.pathsLabel(mounts)
			return spec, nil
		}
		if _, isChanged := errors.AsType[*changedError](err); !isChanged || attempt == attempts-1 {
			break
		}
	}
	return spec, fmt.Errorf("send the sources of %s to the engine at %s: %w", spec.Service.Name, r.Address, err)
}

// withFiles copies the files of secrets and configs into the container: the engine cannot mount them.
func (r *Remote) withFiles(spec planner.ContainerSpec) (planner.ContainerSpec, error) {
	inline := func(o types.FileObjectConfig) (types.FileObjectConfig, error) {
		if o.File == "" || r.Judge(o.File) == Bound {
			return o, nil
		}
		content, err := os.ReadFile(o.File)
		o.File, o.Content = "", string(content)
		return o, err
	}
	secrets, configs := maps.Clone(spec.Secrets), maps.Clone(spec.Configs)
	for _, use := range spec.Service.Secrets {
		if defined, found := secrets[use.Source]; found {
			o, err := inline(types.FileObjectConfig(defined))
			if err != nil {
				return spec, fmt.Errorf("secret %s: %w", use.Source, err)
			}
			secrets[use.Source] = types.SecretConfig(o)
		}
	}
	for _, use := range spec.Service.Configs {
		if defined, found := configs[use.Source]; found {
			o, err := inline(types.FileObjectConfig(defined))
			if err != nil {
				return spec, fmt.Errorf("config %s: %w", use.Source, err)
			}
			configs[use.Source] = types.ConfigObjConfig(o)
		}
	}
	spec.Secrets, spec.Configs = secrets, configs
	return spec, nil
}

// RemoveImages removes all images with sources of a project. Other names of such an image stay, and images on top.
func (r *Remote) RemoveImages(ctx context.Context, project string) error {
	images, err := r.Store.LabelledImages(ctx, LabelProject, project)
	if err != nil {
		return err
	}
	var errs []error
	for _, image := range images {
		for _, ref := range ownRefs(image) {
			errs = append(errs, r.Store.RemoveImage(ctx, ref))
		}
	}
	return errors.Join(errs...)
}
