package build

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/moby/buildkit/util/staticfs"
	"github.com/tonistiigi/fsutil"
	fstypes "github.com/tonistiigi/fsutil/types"
)

// ignoreName is the name of the file with the patterns of ignored files.
const ignoreName = ".dockerignore"

// dockerfileFolder is the folder with the Dockerfile for BuildKit. BuildKit resolves a link only inside the sent
// folder, and a user's link may lead anywhere. So the folder has the content behind the link, under the link's name.
func dockerfileFolder(path string, content []byte) (fsutil.FS, error) {
	name := filepath.Base(path)
	files := map[string][]byte{name: content}
	ignore, err := readThroughLinks(path + ignoreName)
	switch {
	case err == nil:
		files[name+ignoreName] = ignore
	case !errors.Is(err, fs.ErrNotExist) || isLink(path+ignoreName):
		return nil, err
	}
	return folderOf(files), nil
}

// folderOf is a folder with files. BuildKit takes a file of an earlier build for unchanged if size and time are equal,
// so the time is the present.
func folderOf(files map[string][]byte) fsutil.FS {
	folder := staticfs.NewFS()
	for name, content := range files {
		folder.Add(name, &fstypes.Stat{Mode: 0o644, ModTime: time.Now().UnixNano()}, content)
	}
	return folder
}

// contextFolder is the folder of a context for BuildKit. A link called .dockerignore that leads out of the folder
// becomes the file behind the link: BuildKit would ignore no file.
func contextFolder(dir string) (fsutil.FS, error) {
	files, err := fsutil.NewFS(dir)
	path := filepath.Join(dir, ignoreName)
	if err != nil || !isLink(path) || leadsInside(dir, ignoreName) {
		return files, err
	}
	content, err := readThroughLinks(path)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	stat := &fstypes.Stat{
		Path: ignoreName, Mode: 0o644, Size: int64(len(content)), ModTime: info.ModTime().UnixNano(),
	}
	return replacedFile{FS: files, stat: stat, content: content}, nil
}

// replacedFile is a folder with another file in the place of one of its entries.
type replacedFile struct {
	fsutil.FS
	stat    *fstypes.Stat
	content []byte
}

// Walk implements [fsutil.FS].
func (r replacedFile) Walk(ctx context.Context, target string, walk fs.WalkDirFunc) error {
	return r.FS.Walk(ctx, target, func(path string, entry fs.DirEntry, err error) error {
		if path == r.stat.Path {
			return walk(path, &fsutil.DirEntryInfo{Stat: r.stat.Clone()}, nil)
		}
		return walk(path, entry, err)
	})
}

// Open implements [fsutil.FS].
func (r replacedFile) Open(path string) (io.ReadCloser, error) {
	if path == r.stat.Path {
		return io.NopCloser(bytes.NewReader(r.content)), nil
	}
	return r.FS.Open(path)
}

// isLink reports whether a path is a symbolic link.
func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// leadsInside reports whether a file is in a folder after all links, and all links are relative. Only such links mean
// the same to BuildKit.
func leadsInside(dir, name string) bool {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return false
	}
	defer root.Close()
	_, err = root.Stat(name)
	return err == nil
}

// readThroughLinks reads the file behind a path. The error names the path of the user, and the target of a broken link.
func readThroughLinks(path string) ([]byte, error) {
	content, err := os.ReadFile(path)
	if err == nil || !isLink(path) {
		return content, err
	}
	target, linkErr := os.Readlink(path)
	if linkErr != nil {
		return nil, err
	}
	if cause, ok := errors.AsType[*fs.PathError](err); ok {
		err = cause.Err
	}
	return nil, fmt.Errorf("%s is a link to %s: %w", path, target, err)
}
