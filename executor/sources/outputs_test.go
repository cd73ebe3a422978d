//go:build unix

package sources

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/containerd/errdefs"
)

// archiveStore is a store with one archive for all paths. All its paths are changed.
type archiveStore struct {
	Store
	headers []tar.Header
	// unchanged are paths of the container that are as they were sent.
	unchanged map[string]bool
}

func (s archiveStore) ChangedPaths(context.Context, string) (map[string]bool, error) {
	changed := map[string]bool{}
	for _, h := range s.headers {
		name := filepath.Join("/app", filepath.Join("/", strings.TrimPrefix(h.Name, "out")))
		changed["/app/out"+strings.TrimPrefix(name, "/app")] = !s.unchanged[name]
		changed[filepath.Join("/app", filepath.Join("/", h.Name))] = !s.unchanged[h.Name]
	}
	return changed, nil
}

func (s archiveStore) ReadPath(_ context.Context, _, source string) (io.ReadCloser, error) {
	if source != "/app/out" {
		return nil, errdefs.ErrNotFound
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range s.headers {
		text := ""
		if h.Typeflag == tar.TypeReg {
			text = "from " + h.Name
		}
		h.Size, h.ModTime = int64(len(text)), time.Unix(1_000_000_000, 0)
		_, err := errors.Join(w.WriteHeader(&h)), error(nil)
		if _, writeErr := io.WriteString(w, text); err != nil || writeErr != nil {
			return nil, writeErr
		}
	}
	return io.NopCloser(&b), w.Close()
}

// fetch fetches out/** of a container with the project in /app.
func fetch(t *testing.T, dir string, unchanged map[string]bool, headers ...tar.Header) (int, error) {
	t.Helper()
	r := NewRemote(archiveStore{headers: headers, unchanged: unchanged}, "x", nil, dir, memoryFiles{})
	label := r.pathsLabel([]Mount{{Source: dir, Target: "/app"}})
	return r.FetchOutputs(t.Context(), Outputs{Container: "c", Label: label, Dir: dir, Globs: []string{"out/**"}})
}

func TestOutputsComeBack(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "out/old", "old")
	write(t, dir, "out/edited", "edited here since")
	count, err := fetch(t, dir, map[string]bool{"out/edited": true},
		tar.Header{Typeflag: tar.TypeDir, Name: "out/", Mode: 0o755},
		tar.Header{Typeflag: tar.TypeReg, Name: "out/old", Mode: 0o640},
		tar.Header{Typeflag: tar.TypeReg, Name: "out/edited", Mode: 0o644},
		tar.Header{Typeflag: tar.TypeReg, Name: "out/deep/new", Mode: 0o4755},
		tar.Header{Typeflag: tar.TypeSymlink, Name: "out/link", Linkname: "deep/new"},
		tar.Header{Typeflag: tar.TypeLink, Name: "out/hard", Linkname: "out/deep/new", Mode: 0o755},
		tar.Header{Typeflag: tar.TypeReg, Name: "out/.git/hooks/x", Mode: 0o755},
	)
	if err != nil || count != 4 {
		t.Errorf("%d files, %v", count, err)
	}
	for name, want := range map[string]string{
		"out/old": "from out/old", "out/edited": "edited here since", "out/deep/new": "from out/deep/new",
		"out/link": "from out/deep/new", "out/hard": "from out/deep/new",
	} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); string(got) != want {
			t.Errorf("%s has %q, %v; want %q", name, got, err, want)
		}
	}
	for name, want := range map[string]fs.FileMode{"out/old": 0o640, "out/deep/new": 0o755} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode() != want || info.ModTime().Unix() != 1_000_000_000 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if _, err := os.Lstat(filepath.Join(dir, "out/.git")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a repository has come back")
	}
}

func TestHostileOutputs(t *testing.T) {
	regular := func(name string) tar.Header { return tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644} }
	symlink := func(name, target string) tar.Header {
		return tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: target}
	}
	for name, headers := range map[string][]tar.Header{
		"path upward":               {regular("out/../../escaped")},
		"absolute path":             {regular("/escaped")},
		"absolute link":             {symlink("out/l", "/etc/passwd")},
		"link upward":               {symlink("out/l", "../../escaped")},
		"file through a link":       {symlink("out/l", ".."), regular("out/l/../../escaped")},
		"file through a known link": {regular("out/outside/escaped")},
		"link through a link":       {symlink("out/a", "."), symlink("out/a/l", "..")},
		"file through a new link":   {symlink("out/g", "../.git"), regular("out/g/hooks/x")},
		"file of a repository":      {regular("out/.GIT/hooks/x")},
		"name of a foreign file":    {{Typeflag: tar.TypeLink, Name: "out/l", Linkname: "../../etc/passwd"}},
		"device":                    {{Typeflag: tar.TypeChar, Name: "out/d"}},
		"pipe":                      {{Typeflag: tar.TypeFifo, Name: "out/p"}},
	} {
		t.Run(name, func(t *testing.T) {
			outside := t.TempDir()
			dir := filepath.Join(outside, "project")
			write(t, dir, "out/x", "")
			if err := os.Symlink(outside, filepath.Join(dir, "out/outside")); err != nil {
				t.Fatal(err)
			}
			write(t, dir, ".git/hooks/x", "hook")
			_, err := fetch(t, dir, nil, headers...)
			if hook, readErr := os.ReadFile(filepath.Join(dir, ".git/hooks/x")); string(hook) != "hook" {
				t.Errorf("a hook of the repository is %q, %v", hook, readErr)
			}
			found, readErr := os.ReadDir(outside)
			if readErr != nil || len(found) != 1 {
				t.Errorf("outside of the project: %v, %v", found, readErr)
			}
			if target, linkErr := os.Readlink(filepath.Join(dir, "out/l")); linkErr == nil && target != ".." {
				t.Errorf("a link to %s", target)
			}
			isIgnored := slices.Contains([]string{
				"path upward", "absolute path", "file through a link", "file of a repository",
			}, name)
			if _, statErr := os.Stat(filepath.Join(dir, "out/.GIT")); statErr == nil {
				t.Error("a repository has come back")
			}
			if err == nil != isIgnored {
				t.Errorf("the error is %v", err)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, "out", ".tasks-output-*")); len(left) > 0 {
				t.Errorf("temporary files are left: %q", left)
			}
		})
	}
}
