package sources

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"path"
	"slices"
)

// removalPrefix begins the name of an empty file in a layer that removes a file of the layers below. opaqueName is such
// a file in a directory: all that the layers below have in the directory is hidden.
const (
	removalPrefix = ".wh."
	opaqueName    = ".wh..wh..opq"
)

// changedError says that a file has changed since the tree was read.
type changedError struct{ file string }

func (e *changedError) Error() string {
	return fmt.Sprintf("%s changes while the sources are sent: run again when no program writes to it", e.file)
}

// layer is a written layer.
type layer struct {
	// Digest is the hash of the layer, "sha256:…". Size counts its bytes, Files its files and removals.
	Digest string
	Size   int64
	Files  int
}

// layerWriter writes a layer and hashes its bytes.
type layerWriter struct {
	archive *tar.Writer
	sum     hash.Hash
	written int64
	files   int
	// parents are the directories outside of the tree, tree is the whole tree.
	parents []tar.Header
	tree    tree
	// made are the directories with an entry.
	made map[string]bool
}

func newLayerWriter(w io.Writer, t tree, parents []tar.Header) *layerWriter {
	l := &layerWriter{sum: sha256.New(), tree: t, parents: parents, made: map[string]bool{}}
	l.archive = tar.NewWriter(io.MultiWriter(w, l.sum, (*byteCounter)(&l.written)))
	return l
}

type byteCounter int64

func (c *byteCounter) Write(p []byte) (int, error) {
	*c += byteCounter(len(p))
	return len(p), nil
}

// writeWhole writes the whole tree. In its mount points nothing of the layers below is left, as under a bind mount.
func writeWhole(w io.Writer, t tree, parents []tar.Header) (layer, error) {
	l := newLayerWriter(w, t, parents)
	for _, e := range t.Entries {
		if err := l.add(e); err != nil {
			return layer{}, err
		}
		if e.Kind == directory && t.isMount(e.Path) {
			if err := l.addMark(e.Path + "/" + opaqueName); err != nil {
				return layer{}, err
			}
		}
	}
	return l.end()
}

// writeChange writes the difference to the layers below.
func writeChange(w io.Writer, t tree, c change, parents []tar.Header) (layer, error) {
	l := newLayerWriter(w, t, parents)
	for _, name := range c.Removed {
		if err := l.addParents(name); err != nil {
			return layer{}, err
		}
		if err := l.addMark(path.Join(path.Dir(name), removalPrefix+path.Base(name))); err != nil {
			return layer{}, err
		}
		l.files++
	}
	for _, e := range c.Entries {
		if err := l.add(e); err != nil {
			return layer{}, err
		}
	}
	return l.end()
}

func (l *layerWriter) end() (layer, error) {
	err := l.archive.Close()
	digest := "sha256:" + hex.EncodeToString(l.sum.Sum(nil))
	return layer{Digest: digest, Size: l.written, Files: l.files}, err
}

// addMark adds an empty file with a meaning.
func (l *layerWriter) addMark(name string) error {
	return l.archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o600})
}

// addParents adds the directories above an entry, each once. Without them, unpacking would make them with other owners
// and modes.
func (l *layerWriter) addParents(name string) error {
	var dirs []string
	for dir := path.Dir(name); dir != "." && !l.made[dir]; dir = path.Dir(dir) {
		dirs = append(dirs, dir)
	}
	for _, dir := range slices.Backward(dirs) {
		l.made[dir] = true
		header := tar.Header{Typeflag: tar.TypeDir, Name: dir + "/", Mode: 0o755}
		if e, found := l.tree.find(dir); found {
			header = *e.header()
		} else if i := slices.IndexFunc(l.parents, func(h tar.Header) bool { return h.Name == dir+"/" }); i >= 0 {
			header = l.parents[i]
		}
		if err := l.archive.WriteHeader(&header); err != nil {
			return err
		}
	}
	return nil
}

// header returns the header of an entry in an archive.
func (e entry) header() *tar.Header {
	h := &tar.Header{Name: e.Path, Mode: e.Mode, Uid: e.UID, Gid: e.GID, ModTime: e.Modified}
	switch e.Kind {
	case directory:
		h.Typeflag, h.Name = tar.TypeDir, e.Path+"/"
	case link:
		h.Typeflag, h.Linkname = tar.TypeSymlink, e.Target
	default:
		h.Typeflag, h.Size = tar.TypeReg, e.Size
	}
	return h
}

// add adds an entry with its content. The content must be the content of the tree.
func (l *layerWriter) add(e entry) error {
	if l.made[e.Path] {
		return nil
	}
	if err := l.addParents(e.Path); err != nil {
		return err
	}
	if err := l.archive.WriteHeader(e.header()); err != nil {
		return fmt.Errorf("%s: %w", e.file, err)
	}
	switch e.Kind {
	case directory:
		l.made[e.Path] = true
		return nil
	case regular:
		l.files++
		return l.addContent(e)
	default:
		l.files++
		return nil
	}
}

func (l *layerWriter) addContent(e entry) error {
	file, err := os.Open(e.file)
	if err != nil {
		return &changedError{e.file}
	}
	defer file.Close()
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(l.archive, h), io.LimitReader(file, e.Size))
	if err != nil {
		return fmt.Errorf("%s: %w", e.file, err)
	}
	if n != e.Size || string(h.Sum(nil)) != e.Sum {
		return &changedError{e.file}
	}
	return nil
}
