//go:build unix

package apptest

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/moby/moby/client"
)

// entryText describes a file for comparisons.
func entryText(kind byte, mode int64, uid, gid int, content string) string {
	return fmt.Sprintf("%c %o %d:%d %q", kind, mode, uid, gid, content)
}

// ContainerTree returns the files of a container below a directory.
func ContainerTree(t *testing.T, engine *client.Client, id, dir string) map[string]string {
	t.Helper()
	result, err := engine.CopyFromContainer(t.Context(), id, client.CopyFromContainerOptions{SourcePath: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer result.Content.Close()
	files := map[string]string{}
	archive := tar.NewReader(result.Content)
	for {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		_, name, _ := strings.Cut(strings.TrimSuffix(h.Name, "/"), "/")
		kind := map[byte]byte{tar.TypeReg: 'f', tar.TypeDir: 'd', tar.TypeSymlink: 'l'}[h.Typeflag]
		files[name] = entryText(kind, h.Mode&0o7777, h.Uid, h.Gid, string(content)+h.Linkname)
	}
}

// HostTree returns the files of this machine below a directory.
func HostTree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		kind, text := byte('d'), ""
		switch info.Mode().Type() {
		case 0:
			content, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			kind, text = 'f', string(content)
		case fs.ModeSymlink:
			kind = 'l'
			if text, err = os.Readlink(file); err != nil {
				return err
			}
		}
		owner := info.Sys().(*syscall.Stat_t)
		rel, err := filepath.Rel(dir, file)
		if rel == "." {
			rel = ""
		}
		files[rel] = entryText(kind, int64(owner.Mode)&0o7777, int(owner.Uid), int(owner.Gid), text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
