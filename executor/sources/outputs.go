package sources

import (
	"archive/tar"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/containerd/errdefs"

	"tasks/internal/globs"
)

// LabelPaths is a label of containers with sources: the mount points and their sources, for the way back of outputs.
const LabelPaths = "tasks.sources.paths"

// sentPath is a mount point of a container with the path of its source, relative to the root of the sources.
type sentPath struct{ Target, Source string }

// pathsLabel returns the value of [LabelPaths].
func (r *Remote) pathsLabel(mounts []Mount) string {
	var all []sentPath
	for _, m := range mounts {
		if rel, err := filepath.Rel(r.Root, realPath(filepath.Clean(m.Source))); err == nil {
			all = append(all, sentPath{Target: path.Clean(m.Target), Source: filepath.ToSlash(rel)})
		}
	}
	text, err := json.Marshal(all)
	if err != nil {
		panic("sources: " + err.Error()) // texts have a form
	}
	return string(text)
}

// Outputs are files of a task that come back from the task's container.
type Outputs struct {
	Container string
	// Label is the value of [LabelPaths].
	Label string
	// Dir is the directory of the globs.
	Dir   string
	Globs []string
}

// FetchOutputs copies the new and changed outputs of a task from the container into the project, and returns their
// number. Outputs outside of the container's mount points are files of this machine already.
func (r *Remote) FetchOutputs(ctx context.Context, o Outputs) (int, error) {
	var sentPaths []sentPath
	if o.Label == "" || len(o.Globs) == 0 || json.Unmarshal([]byte(o.Label), &sentPaths) != nil {
		return 0, nil
	}
	rel, err := filepath.Rel(r.Root, realPath(o.Dir))
	if err != nil || !filepath.IsLocal(rel) {
		return 0, nil
	}
	var wanted []string
	for _, glob := range o.Globs {
		if !filepath.IsAbs(glob) {
			wanted = append(wanted, globs.Join(rel, glob))
		}
	}
	set, err := globs.New(wanted)
	if err != nil {
		return 0, err
	}
	changed, err := r.Store.ChangedPaths(ctx, o.Container)
	if err != nil || len(changed) == 0 {
		return 0, err
	}
	root, err := os.OpenRoot(r.Root)
	if err != nil {
		return 0, err
	}
	defer root.Close()
	x := extraction{root: root, paths: sentPaths, wanted: set, changed: changed, byPath: map[string]string{}}
	for _, source := range fetchedPaths(sentPaths, wanted) {
		archive, err := r.Store.ReadPath(ctx, o.Container, source)
		if errdefs.IsNotFound(err) {
			continue // the task has made none
		}
		if err != nil {
			return x.files, err
		}
		err = x.extract(archive, path.Dir(source))
		archive.Close()
		if err != nil {
			return x.files, fmt.Errorf("outputs: %w", err)
		}
	}
	return x.files, nil
}

// fetchedPaths returns the paths of the container with all wanted files.
func fetchedPaths(sentPaths []sentPath, wanted []string) []string {
	var all []string
	for _, glob := range wanted {
		base := path.Clean(globs.Prefix(glob))
		for _, s := range sentPaths {
			if rest, isBelow := below(base, s.Source); isBelow {
				all = append(all, path.Join(s.Target, rest))
			} else if _, isAbove := below(s.Source, base); isAbove {
				all = append(all, s.Target)
			}
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	var outer []string
	for _, p := range all {
		isCovered := slices.ContainsFunc(outer, func(o string) bool { _, isBelow := below(p, o); return isBelow })
		if !isCovered {
			outer = append(outer, p)
		}
	}
	return outer
}

// below returns the rest of a path below a directory.
func below(name, dir string) (rest string, isBelow bool) {
	switch {
	case dir == "." || name == dir:
		return cmp.Or(strings.TrimPrefix(name, dir), "."), name == dir || !strings.HasPrefix(name, "..")
	case strings.HasPrefix(name, strings.TrimSuffix(dir, "/")+"/"):
		return name[len(strings.TrimSuffix(dir, "/"))+1:], true
	}
	return "", false
}

// extraction writes files of archives below a root. The archives come from another machine and may be hostile: nothing
// is written outside of the root.
type extraction struct {
	root   *os.Root
	paths  []sentPath
	wanted *globs.Set
	// changed are the new and changed paths of the container. The other files are as they were sent, and may have changed
	// on this machine since.
	changed map[string]bool
	files   int
	// byPath has the places of the extracted files, by their path in the container, for further names of a file.
	byPath map[string]string
}

// hostPath returns the place of a path of the container, relative to the root; ok=false for a path that is not wanted.
func (x *extraction) hostPath(inContainer string) (rel string, ok bool) {
	var best *sentPath
	for i, s := range x.paths {
		if _, isBelow := below(inContainer, s.Target); isBelow && (best == nil || len(s.Target) > len(best.Target)) {
			best = &x.paths[i]
		}
	}
	if best == nil {
		return "", false
	}
	rest, _ := below(inContainer, best.Target)
	rel = path.Join(best.Source, rest)
	isState := slices.ContainsFunc(strings.Split(rel, "/"), func(name string) bool {
		return strings.EqualFold(name, ".git") || strings.EqualFold(name, ".tasks") // some file systems ignore the case
	})
	return rel, filepath.IsLocal(filepath.FromSlash(rel)) && !isState && x.wanted.Match(rel) >= 0
}

// extract writes the wanted entries of an archive with paths below a directory of the container.
func (x *extraction) extract(archive io.Reader, dir string) error {
	reader := tar.NewReader(archive)
	for {
		h, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		inContainer := path.Join(dir, path.Join("/", h.Name)) // without steps upward
		rel, ok := x.hostPath(inContainer)
		if !ok || h.Typeflag == tar.TypeDir || !x.changed[inContainer] {
			continue
		}
		if err := x.makeParents(rel); err != nil {
			return err
		}
		switch h.Typeflag {
		case tar.TypeReg:
			err = x.writeFile(rel, h, reader)
		case tar.TypeLink:
			err = x.copyFile(rel, h, path.Join(dir, path.Join("/", h.Linkname)))
		case tar.TypeSymlink:
			err = x.link(rel, h.Linkname)
		default:
			err = fmt.Errorf("%s is no file, directory or link", rel)
		}
		if err != nil {
			return err
		}
		x.byPath[inContainer] = rel
		x.files++
	}
}

// makeParents makes the directories above a file. None of them may be a link: the file would come to another place of
// the project, for example to the hooks of the repository.
func (x *extraction) makeParents(rel string) error {
	for dir := path.Dir(rel); dir != "."; dir = path.Dir(dir) {
		info, err := x.root.Lstat(filepath.FromSlash(dir))
		if err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return fmt.Errorf("%s is below the link %s: remove the link or its path from the outputs", rel, dir)
		}
	}
	return x.root.MkdirAll(filepath.FromSlash(path.Dir(rel)), 0o755)
}

// writeFile replaces a file by the content of an entry. The permissions and the time are those of the entry.
func (x *extraction) writeFile(rel string, h *tar.Header, content io.Reader) error {
	temporary := filepath.FromSlash(path.Join(path.Dir(rel), ".tasks-output-"+rand.Text()))
	file, err := x.root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	if err = errors.Join(err, file.Chmod(fs.FileMode(h.Mode)&0o777), file.Close()); err == nil {
		err = x.root.Chtimes(temporary, h.ModTime, h.ModTime)
	}
	return x.replace(temporary, rel, err)
}

// replace gives a temporary file its name, unless the file is incomplete.
func (x *extraction) replace(temporary, rel string, err error) error {
	if err == nil {
		err = x.root.Rename(temporary, filepath.FromSlash(rel))
	}
	if err != nil {
		_ = x.root.Remove(temporary)
		return fmt.Errorf("%s: %w", rel, err)
	}
	return nil
}

// copyFile writes a further name of an extracted file.
func (x *extraction) copyFile(rel string, h *tar.Header, of string) error {
	first, isKnown := x.byPath[of]
	if !isKnown {
		return fmt.Errorf("%s has the content of %s, and that is no output", rel, of)
	}
	file, err := x.root.Open(filepath.FromSlash(first))
	if err != nil {
		return err
	}
	defer file.Close()
	return x.writeFile(rel, h, file)
}

// link makes a link to a place in the project. No directory above is a link, so the target is this place.
func (x *extraction) link(rel, target string) error {
	if path.IsAbs(target) || !filepath.IsLocal(filepath.FromSlash(path.Join(path.Dir(rel), target))) {
		return fmt.Errorf("%s is a link to %s, outside of the project", rel, target)
	}
	temporary := filepath.FromSlash(path.Join(path.Dir(rel), ".tasks-output-"+rand.Text()))
	return x.replace(temporary, rel, x.root.Symlink(filepath.FromSlash(target), temporary))
}
