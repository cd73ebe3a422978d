//go:build unix

package coord

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// stranger is the id of a user that no test runs as.
const stranger = 20001

// makeForeign makes a file or directory that is not to be believed. Only root can give one to another user.
func makeForeign(t *testing.T, path string) {
	t.Helper()
	err := os.Chmod(path, 0o777)
	if os.Geteuid() == 0 {
		err = errors.Join(os.Chmod(path, 0o755), os.Lchown(path, stranger, stranger))
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestOwner(t *testing.T) {
	for name, c := range map[string]struct {
		owner, euid int
		mode        fs.FileMode
		believed    bool
	}{
		"our own":              {1000, 1000, 0o755, true},
		"root's":               {0, 1000, 0o644, true},
		"another user's":       {1001, 1000, 0o755, false},
		"a user's, for root":   {1000, 0, 0o700, false},
		"written by a group":   {1000, 1000, 0o775, false},
		"written by all":       {1000, 1000, 0o646, false},
		"root's, for everyone": {0, 1000, 0o777 | fs.ModeSticky, false},
	} {
		if err := checkOwner("x", c.owner, c.euid, c.mode); (err == nil) != c.believed {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A directory in a project that is another user's is not believed. The state is elsewhere then.
func TestForeignDirectory(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	project := realTempDir(t)
	dir := filepath.Join(project, DirName)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, fileName("data", "a")), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	foreign := dir
	if os.Geteuid() != 0 { // ours is taken back, but no target of a link
		foreign = filepath.Join(project, "theirs")
		if err := errors.Join(os.Rename(dir, foreign), os.Symlink(foreign, dir)); err != nil {
			t.Fatal(err)
		}
	}
	makeForeign(t, foreign)
	d := OpenProjectDir(project)
	if content, err := d.ReadIfExists("a"); content != nil || err != nil {
		t.Errorf("peeked at %q, %v", content, err)
	}
	if names, err := d.NamesIfExists(""); len(names) != 0 || err != nil {
		t.Errorf("peeked at the names %q, %v", names, err)
	}
	if content, err := d.ReadFile("a"); content != nil || err != nil {
		t.Errorf("read %q, %v", content, err)
	}
	if names, err := d.FileNames(""); len(names) != 0 || err != nil {
		t.Errorf("names %q, %v", names, err)
	}
	if where, aside := d.IsPrivate(); !aside || strings.HasPrefix(where, project) || !strings.HasPrefix(d.Foreign(), dir) {
		t.Errorf("the state is in %s, as %q", where, d.Foreign())
	}
	unlock, err := d.Lock(context.Background(), "x")
	if err != nil {
		t.Fatal(err)
	}
	unlock()
	if _, err := os.Stat(filepath.Join(dir, ".gitignore")); err == nil {
		t.Error("something was written there")
	}
}

// A file that another user has left in our directory is not believed, and can be replaced.
func TestForeignFile(t *testing.T) {
	d := OpenProjectDir(t.TempDir())
	dir, err := d.Path()
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, content string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		makeForeign(t, path)
	}
	write(fileName("data", "a"), "x")
	write("lock-l.holder", `{"pid":1}`)
	if content, err := d.ReadFile("a"); content != nil || err != nil {
		t.Errorf("read %q, %v", content, err)
	}
	if names, err := d.FileNames(""); len(names) != 0 || err != nil {
		t.Errorf("names %q, %v", names, err)
	}
	unlock, err := d.LockWith(t.Context(), "l", LockOptions{OnStaleLock: func(h Holder) { t.Errorf("%v has died", h) }})
	if err != nil {
		t.Fatal(err)
	}
	unlock()
	if err := d.WriteFile("a", []byte("y")); err != nil {
		t.Fatal(err)
	}
	if content, err := d.ReadFile("a"); string(content) != "y" || err != nil {
		t.Errorf("read %q, %v", content, err)
	}
}

// What is no file is not read, and not waited for.
func TestNoFile(t *testing.T) {
	d := OpenProjectDir(t.TempDir())
	dir, err := d.Path()
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, fileName("data", "pipe")), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/zero", filepath.Join(dir, fileName("lock", "link"))); err != nil {
		t.Fatal(err)
	}
	if content, err := d.ReadFile("pipe"); content != nil || err != nil {
		t.Errorf("read %q, %v", content, err)
	}
	if _, err := d.Lock(t.Context(), "link"); err == nil {
		t.Error("a link is a lock")
	}
}

// A directory that an umask has opened for a group is closed again.
func TestOpenDirectoryIsTakenBack(t *testing.T) {
	project := realTempDir(t)
	dir := filepath.Join(project, DirName)
	if err := errors.Join(os.Mkdir(dir, 0o755), os.Chmod(dir, 0o775)); err != nil {
		t.Fatal(err)
	}
	if got, err := OpenProjectDir(project).Path(); got != dir || err != nil {
		t.Errorf("path %s, %v", got, err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// The directory for temporary files is everybody's: others can make ours before us, or a link.
func TestForeignFallback(t *testing.T) {
	for name, plant := range map[string]func(private, elsewhere string) error{
		"theirs": func(private, _ string) error {
			return os.Mkdir(private, 0o755)
		},
		"a link": func(private, elsewhere string) error { return os.Symlink(elsewhere, private) },
		"a link inside": func(private, elsewhere string) error {
			return errors.Join(os.Mkdir(private, 0o700), os.Symlink(elsewhere, filepath.Join(private, "key")))
		},
	} {
		temp, elsewhere := realTempDir(t), realTempDir(t)
		private := filepath.Join(temp, "tasks-1")
		if err := plant(private, elsewhere); err != nil {
			t.Fatal(err)
		}
		if name == "theirs" {
			makeForeign(t, private)
		}
		if err := prepareDir(filepath.Join(private, "key")); err == nil {
			t.Errorf("%s: it is used", name)
		}
		if made, _ := os.ReadDir(elsewhere); len(made) != 0 {
			t.Errorf("%s: made %v", name, made)
		}
		if _, err := openPlace(filepath.Join(private, "key")); err == nil {
			t.Errorf("%s: it is read", name)
		}
	}
}
