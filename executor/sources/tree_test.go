//go:build unix

package sources

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// memoryFiles are state files in memory.
type memoryFiles map[string][]byte

func (m memoryFiles) ReadFile(name string) ([]byte, error) { return m[name], nil }

func (m memoryFiles) WritePrivate(name string, content []byte) error {
	m[name] = content
	return nil
}

func newScanner() *scanner {
	return &scanner{files: memoryFiles{}, byRoot: map[string]hashes{}}
}

func write(t testing.TB, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func scan(t *testing.T, s *scanner, mounts ...Mount) tree {
	t.Helper()
	found, err := s.scan(t.Context(), mounts)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func paths(t tree) []string {
	var all []string
	for _, e := range t.Entries {
		all = append(all, string(e.Kind)+" "+e.Path)
	}
	return all
}

func TestScanHoldsIgnoreFiles(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, ".gitignore", "*.log\n/node_modules/\n")
	write(t, dir, ".git/config", "")
	write(t, dir, "app/.dockerignore", "secret\n!secret/kept\n")
	for _, name := range []string{
		"a.txt", "b.log", "deep/c.log", "deep/d", "deep/.gitignore", "node_modules/x", "secret/x", "secret/kept", ".tasks/state",
	} {
		write(t, dir, "app/"+name, name)
	}
	write(t, dir, "app/deep/.gitignore", "!c.log\n")
	write(t, dir, "app/node_modules/x", "")
	found := scan(t, newScanner(), Mount{Source: filepath.Join(dir, "app"), Target: "/srv/app/"})
	want := []string{
		"d srv/app", "f srv/app/.dockerignore", "f srv/app/a.txt", "d srv/app/deep", "f srv/app/deep/.gitignore",
		"f srv/app/deep/c.log", "f srv/app/deep/d", "d srv/app/node_modules", "f srv/app/node_modules/x", "d srv/app/secret",
		"f srv/app/secret/kept",
	}
	if diff := cmp.Diff(want, paths(found)); diff != "" {
		t.Error(diff)
	}
}

func TestScanOfNestedMounts(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "app/conf/hidden", "")
	write(t, dir, "app/main", "")
	write(t, dir, "conf/shown", "")
	write(t, dir, "one", "")
	found := scan(t, newScanner(),
		Mount{Source: dir + "/one", Target: "/app/conf/one"}, Mount{Source: dir + "/conf", Target: "/app/conf"},
		Mount{Source: dir + "/app", Target: "/app"}, Mount{Source: dir + "/none", Target: "/none", MayBeMissing: true})
	want := []string{"d app", "d app/conf", "f app/conf/one", "f app/conf/shown", "f app/main", "d none"}
	if diff := cmp.Diff(want, paths(found)); diff != "" {
		t.Error(diff)
	}
	if _, err := newScanner().scan(t.Context(), []Mount{{Source: dir + "/none", Target: "/none"}}); err == nil {
		t.Error("a missing source is no error")
	}
	if _, err := newScanner().scan(t.Context(), []Mount{{Source: dir, Target: "/"}}); err == nil {
		t.Error("sources in / are no error")
	}
}

// TestHashFollowsEachChange changes one property at a time.
func TestHashFollowsEachChange(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a", "1")
	write(t, dir, "b/c", "2")
	if err := os.Symlink("a", filepath.Join(dir, "l")); err != nil {
		t.Fatal(err)
	}
	s := newScanner()
	hashes := []string{scan(t, s, Mount{Source: dir, Target: "/x"}).hash()}
	for name, change := range map[string]func() error{
		"content": func() error { return os.WriteFile(dir+"/a", []byte("3"), 0o644) },
		"mode":    func() error { return os.Chmod(dir+"/a", 0o600) },
		"rename":  func() error { return os.Rename(dir+"/b/c", dir+"/b/d") },
		"link":    func() error { return errors.Join(os.Remove(dir+"/l"), os.Symlink("b", dir+"/l")) },
		"empty":   func() error { return os.Mkdir(dir+"/e", 0o755) },
	} {
		if err := change(); err != nil {
			t.Fatal(err)
		}
		hash := scan(t, s, Mount{Source: dir, Target: "/x"}).hash()
		if slices.Contains(hashes, hash) {
			t.Errorf("a change of the %s leaves the hash", name)
		}
		hashes = append(hashes, hash)
	}
	if again := scan(t, newScanner(), Mount{Source: dir, Target: "/x"}).hash(); again != hashes[len(hashes)-1] {
		t.Error("another scan gives another hash")
	}
	if other := scan(t, s, Mount{Source: dir, Target: "/y"}).hash(); slices.Contains(hashes, other) {
		t.Error("another mount point gives the same hash")
	}
}

// unpacked applies layers as an engine does, and returns the files by path.
func unpacked(t *testing.T, below map[string]string, layer io.Reader) map[string]string {
	t.Helper()
	files := map[string]string{}
	for name, text := range below {
		files[name] = text
	}
	remove := func(name string) {
		for known := range files {
			if known == name || strings.HasPrefix(known, name+"/") {
				delete(files, known)
			}
		}
	}
	added := map[string]bool{}
	archive := tar.NewReader(layer)
	for {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(h.Name, "/")
		dir, base := path.Dir(name), path.Base(name)
		switch {
		case base == opaqueName:
			for known := range files {
				if strings.HasPrefix(known, dir+"/") && !added[known] {
					delete(files, known)
				}
			}
			continue
		case strings.HasPrefix(base, removalPrefix):
			remove(path.Join(dir, strings.TrimPrefix(base, removalPrefix)))
			continue
		case h.Typeflag != tar.TypeDir || files[name] != "" && !strings.HasPrefix(files[name], "dir"):
			remove(name)
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		added[name] = true
		files[name] = fmt.Sprintf("%s %o %d:%d %s%s", map[byte]string{tar.TypeDir: "dir", tar.TypeReg: "file", tar.TypeSymlink: "link"}[h.Typeflag],
			h.Mode, h.Uid, h.Gid, content, h.Linkname)
	}
}

// TestChangesGiveTheTree applies layers of changes, and compares with the whole layer of the last tree.
func TestChangesGiveTheTree(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{
		"a", "a-b/x", "a0/x", "dir/one", "dir/sub/two", "file", "old/name", "mode", "both/x", "both-too/y",
		"file-too/x", "file-too-b/y", "gone/x", "gone-too",
	} {
		write(t, dir, name, name)
	}
	mount := Mount{Source: dir, Target: "/usr/src/app"}
	s := newScanner()
	before := scan(t, s, mount)
	parents := []tar.Header{{Typeflag: tar.TypeDir, Name: "usr/", Mode: 0o711}, {Typeflag: tar.TypeDir, Name: "usr/src/", Mode: 0o1777}}
	image := map[string]string{"usr/src/app/of-the-image": "file", "usr/src/beside": "file"}
	var first bytes.Buffer
	if _, err := writeWhole(&first, before, parents); err != nil {
		t.Fatal(err)
	}
	have := unpacked(t, image, &first)
	if have["usr/src/beside"] != "file" || have["usr/src/app/of-the-image"] != "" || !strings.HasPrefix(have["usr/src"], "dir 1777") {
		t.Errorf("the whole tree leaves %v", have)
	}
	for name, step := range map[string]func() error{
		"content":             func() error { return os.WriteFile(dir+"/a", []byte("new"), 0o644) },
		"mode":                func() error { return os.Chmod(dir+"/mode", 0o755) },
		"removed directory":   func() error { return os.RemoveAll(dir + "/dir") },
		"removed neighbours":  func() error { return errors.Join(os.RemoveAll(dir+"/gone"), os.Remove(dir+"/gone-too")) },
		"rename":              func() error { return os.Rename(dir+"/old", dir+"/new") },
		"file to directory":   func() error { return errors.Join(os.Remove(dir+"/file"), os.MkdirAll(dir+"/file/in", 0o755)) },
		"directory to file":   func() error { return errors.Join(os.RemoveAll(dir+"/a0"), os.WriteFile(dir+"/a0", nil, 0o644)) },
		"directory to link":   func() error { return errors.Join(os.RemoveAll(dir+"/a-b"), os.Symlink("a", dir+"/a-b")) },
		"mode of a directory": func() error { return os.Chmod(dir, 0o750) },
		"two directories":     func() error { return errors.Join(os.RemoveAll(dir+"/both"), os.RemoveAll(dir+"/both-too")) },
		"two directories, one to file": func() error {
			return errors.Join(os.RemoveAll(dir+"/file-too"), os.RemoveAll(dir+"/file-too-b"), os.WriteFile(dir+"/file-too", []byte("x"), 0o644))
		},
	} {
		if err := step(); err != nil {
			t.Fatal(name, err)
		}
		after := scan(t, s, mount)
		var delta, whole bytes.Buffer
		if _, err := writeChange(&delta, after, after.changesFrom(before), parents); err != nil {
			t.Fatal(err)
		}
		if _, err := writeWhole(&whole, after, parents); err != nil {
			t.Fatal(err)
		}
		have = unpacked(t, have, &delta)
		if diff := cmp.Diff(unpacked(t, image, &whole), have); diff != "" {
			t.Errorf("%s: -whole +changes\n%s", name, diff)
		}
		before = after
	}
}

func TestFileThatChangesIsAnError(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a", "one")
	found := scan(t, newScanner(), Mount{Source: dir, Target: "/x"})
	for _, text := range []string{"two", "longer", ""} {
		write(t, dir, "a", text)
		_, err := writeWhole(io.Discard, found, nil)
		if _, isChanged := errors.AsType[*changedError](err); !isChanged {
			t.Errorf("content %q gives %v", text, err)
		}
	}
}
