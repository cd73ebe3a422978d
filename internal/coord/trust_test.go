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

// stranger is the id of another user than the user of the test.
const stranger = 20001

// makeForeign changes a file or directory to a foreign file. Only root can change the owner, other users
// change the mode.
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
		trusted     bool
	}{
		"our own":              {1000, 1000, 0o755, true},
		"root's":               {0, 1000, 0o644, true},
		"another user's":       {1001, 1000, 0o755, false},
		"a user's, for root":   {1000, 0, 0o700, false},
		"written by a group":   {1000, 1000, 0o775, false},
		"written by all":       {1000, 1000, 0o646, false},
		"root's, for everyone": {0, 1000, 0o777 | fs.ModeSticky, false},
	} {
		if err := checkUser("x", c.owner, c.euid, c.mode); (err == nil) != c.trusted {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestForeignDirectory: the state directory of another user is not trusted. The state is elsewhere then.
func TestForeignDirectory(t *testing.T) {
	t.Setenv(SharedDirEnv, t.TempDir())
	project := realTempDir(t)
	dir := filepath.Join(project, DirName)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, fileName("data", "a")), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	foreign := dir
	if os.Geteuid() != 0 { // removeWriteAccess does not follow links
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
	where, aside := d.IsPrivate()
	if !aside || strings.HasPrefix(where, project) || !strings.HasPrefix(d.Foreign(), dir) {
		t.Errorf("the state is in %s, as %q", where, d.Foreign())
	}
	unlock, err := d.Lock(context.Background(), "x")
	if err != nil {
		t.Fatal(err)
	}
	unlock()
	if _, err := os.Stat(filepath.Join(dir, ".gitignore")); err == nil {
		t.Error("there is a new file")
	}
}

// TestForeignFile: a file of another user in a directory of this user is not trusted, and can be replaced.
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
	options := lockOptions{OnStaleLock: func(h lockHolder) { t.Errorf("%v counts as dead", h) }}
	unlock, err := d.lockWith(t.Context(), "l", options)
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

// TestNoFile: other things than files are not read, and do not block.
func TestNoFile(t *testing.T) {
	d := OpenProjectDir(t.TempDir())
	dir, err := d.Path()
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, fileName("data", "pipe")), 0o644); err != nil {
		t.Fatal(err)
	}
	err = errors.Join(
		os.Symlink("/dev/zero", filepath.Join(dir, fileName("lock", "link"))),
		syscall.Mkfifo(filepath.Join(dir, fileName("lock", "pipe")), 0o644),
	)
	if err != nil {
		t.Fatal(err)
	}
	if content, err := d.ReadFile("pipe"); content != nil || err != nil {
		t.Errorf("read %q, %v", content, err)
	}
	for _, name := range []string{"link", "pipe"} {
		if _, err := d.Lock(t.Context(), name); err == nil || !strings.Contains(err.Error(), "is not a lock") {
			t.Errorf("a %s is a lock: %v", name, err)
		}
	}
}

// TestLinkAsStateDirectory: a repository may have a link at the place of the state directory. No file is written through
// the link, and no file is read.
func TestLinkAsStateDirectory(t *testing.T) {
	t.Setenv(SharedDirEnv, t.TempDir())
	for name, target := range map[string]string{"the parent": "..", "the project": ".", "nothing": "missing", "a directory": "theirs"} {
		project := filepath.Join(realTempDir(t), "project")
		theirs := filepath.Join(project, "theirs")
		err := errors.Join(os.MkdirAll(theirs, 0o755), os.Symlink(target, filepath.Join(project, DirName)))
		note := fileName("data", "a")
		for _, dir := range []string{filepath.Dir(project), project, theirs} {
			err = errors.Join(err, os.WriteFile(filepath.Join(dir, note), []byte("x"), 0o644))
		}
		if err != nil {
			t.Fatal(err)
		}
		d := OpenProjectDir(project)
		if content, err := d.ReadIfExists("a"); content != nil || err != nil {
			t.Errorf("%s: peeked at %q, %v", name, content, err)
		}
		if err := d.WriteFile("b", []byte("y")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if why := d.Foreign(); !strings.Contains(why, "is a symbolic link") {
			t.Errorf("%s: the reason is %q", name, why)
		}
		for _, dir := range []string{filepath.Dir(project), project, theirs} {
			for _, file := range []string{".gitignore", fileName("data", "b")} {
				if _, err := os.Lstat(filepath.Join(dir, file)); err == nil {
					t.Errorf("%s: there is a new file %s in %s", name, file, dir)
				}
			}
		}
	}
}

// TestFileWithoutEnd: a repository may have large files, and links to files without an end.
func TestFileWithoutEnd(t *testing.T) {
	d := OpenProjectDir(t.TempDir())
	dir, err := d.Path()
	if err != nil {
		t.Fatal(err)
	}
	large := filepath.Join(dir, fileName("data", "large"))
	err = errors.Join(
		os.WriteFile(large, nil, 0o644), os.Truncate(large, 1<<40), // a sparse file
		os.Symlink("/dev/zero", filepath.Join(dir, fileName("data", "zero"))),
		os.WriteFile(filepath.Join(dir, "inside"), []byte("x"), 0o644),
		os.Symlink("inside", filepath.Join(dir, fileName("data", "link"))),
	)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"zero", "link"} {
		if content, err := d.ReadFile(name); content != nil || err != nil {
			t.Errorf("%s: read %q, %v", name, content, err)
		}
	}
	if content, err := d.ReadFile("large"); content != nil || err == nil || !strings.Contains(err.Error(), large+" has more than") {
		t.Errorf("read %d bytes, %v", len(content), err)
	}
}

// TestForeignLock: another user could hold the lock for ever.
func TestForeignLock(t *testing.T) {
	d := OpenProjectDir(t.TempDir())
	unlock, err := d.Lock(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	unlock()
	files := newLeaseFiles(d)
	one, err := files.Acquire(t.Context(), "x", lockOptions{})
	if err != nil {
		t.Fatal(err)
	}
	one.Release()
	dir, _ := d.Path()
	makeForeign(t, filepath.Join(dir, fileName("lock", "x")))
	makeForeign(t, filepath.Join(dir, leasesDirName, fileName("lease", "x")))
	if _, err := d.Lock(t.Context(), "x"); err == nil || !strings.Contains(err.Error(), "remove the file") {
		t.Errorf("the lock: %v", err)
	}
	if _, err := files.Acquire(t.Context(), "x", lockOptions{}); err == nil || !strings.Contains(err.Error(), "remove the file") {
		t.Errorf("the lease: %v", err)
	}
}

// TestOpenDirectoryIsTakenBack: a directory with write permission for a group loses the permission.
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

// TestForeignFallback: another user may create a directory or a link with our name among temporary files.
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
		if _, err := openTrustedDir(filepath.Join(private, "key")); err == nil {
			t.Errorf("%s: it is read", name)
		}
	}
}
