package coord

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

func TestOpenCreatesNothing(t *testing.T) {
	project := t.TempDir()
	OpenProjectDir(project)
	if entries, _ := os.ReadDir(project); len(entries) != 0 {
		t.Errorf("%v exists before the first use", entries)
	}
}

func TestPath(t *testing.T) {
	project := realTempDir(t)
	d := OpenProjectDir(project)
	for range 2 {
		dir, err := d.Path()
		if err != nil {
			t.Fatal(err)
		}
		if want := filepath.Join(project, DirName); dir != want {
			t.Errorf("path %s, want %s", dir, want)
		}
	}
	content, err := os.ReadFile(filepath.Join(project, DirName, ".gitignore"))
	if err != nil || string(content) != "*\n" {
		t.Errorf(".gitignore is %q, %v", content, err)
	}
	if left := leftoverFiles(t, filepath.Join(project, DirName)); len(left) != 0 {
		t.Errorf("temporary files %v were left", left)
	}
}

func TestPathKeepsExistingFiles(t *testing.T) {
	project := t.TempDir()
	dir := filepath.Join(project, DirName)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	own := []byte("*\n!keep\n")
	if err := os.WriteFile(filepath.Join(dir, ".gitignore"), own, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenProjectDir(project).Path(); err != nil {
		t.Fatal(err)
	}
	if content, _ := os.ReadFile(filepath.Join(dir, ".gitignore")); !bytes.Equal(content, own) {
		t.Errorf("the user's .gitignore became %q", content)
	}
}

func TestPathOfMissingProject(t *testing.T) {
	project := filepath.Join(t.TempDir(), "gone")
	if _, err := OpenProjectDir(project).Path(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(project); err == nil {
		t.Error("the directory of the project was created")
	}
}

func TestForeignTempDirIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tasks-1000")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	err := prepareDir(filepath.Join(dir, "project-1234"))
	if err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("error %v, want one about %s", err, dir)
	}
}

func TestIsUnusableDir(t *testing.T) {
	for _, test := range []struct {
		err  error
		want bool
	}{
		{&fs.PathError{Err: syscall.EROFS}, true},
		{&fs.PathError{Err: syscall.EACCES}, true},
		{&fs.PathError{Err: syscall.ENOENT}, true},
		{&fs.PathError{Err: syscall.ENOSPC}, true},
		{&fs.PathError{Err: syscall.EDQUOT}, true},
		{&fs.PathError{Err: syscall.ENOTDIR}, false},
	} {
		if got := isUnusableDir(test.err); got != test.want {
			t.Errorf("%v: %v", test.err, got)
		}
	}
}

func TestFiles(t *testing.T) {
	d := OpenProjectDir(t.TempDir())
	names := []string{"a", "A", "a/b", "../a", "test@db=16,python=3.12", "ns:name", "", ".", strings.Repeat("x", 500)}
	for _, name := range names {
		if content, err := d.ReadFile(name); content != nil || err != nil {
			t.Fatalf("%q before it was written: %q, %v", name, content, err)
		}
		for _, content := range []string{"first", "content of " + name} {
			if err := d.WriteFile(name, []byte(content)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, name := range names {
		if content, err := d.ReadFile(name); err != nil || string(content) != "content of "+name {
			t.Errorf("%q: %q, %v", name, content, err)
		}
		for range 2 {
			if err := d.RemoveFile(name); err != nil {
				t.Errorf("removing %q: %v", name, err)
			}
		}
		if content, err := d.ReadFile(name); content != nil || err != nil {
			t.Errorf("%q after it was removed: %q, %v", name, content, err)
		}
	}
}

// TestWritesAreAtomic: a reader never sees a part of the content.
func TestWritesAreAtomic(t *testing.T) {
	d := OpenProjectDir(t.TempDir())
	long := [][]byte{bytes.Repeat([]byte("a"), 100_000), bytes.Repeat([]byte("b"), 200_000)}
	if err := d.WriteFile("f", long[0]); err != nil {
		t.Fatal(err)
	}
	var writers sync.WaitGroup
	for i := range 2 {
		writers.Go(func() {
			for range 20 {
				if err := d.WriteFile("f", long[i]); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 200 {
		content, err := d.ReadFile("f")
		if err != nil || !bytes.Equal(content, long[0]) && !bytes.Equal(content, long[1]) {
			t.Fatalf("read %d bytes, %v", len(content), err)
		}
	}
	writers.Wait()
	dir, _ := d.Path()
	if left := leftoverFiles(t, dir); len(left) != 0 {
		t.Errorf("temporary files %v were left", left)
	}
}

func TestFailedReplaceLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "taken", "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(filepath.Join(dir, "taken"), []byte("x"), writeSynced); err == nil {
		t.Error("a directory was replaced")
	}
	if left := leftoverFiles(t, dir); len(left) != 0 {
		t.Errorf("temporary files %v were left", left)
	}
}

func TestReadIfExists(t *testing.T) {
	project := t.TempDir()
	d := OpenProjectDir(project)
	if content, err := d.ReadIfExists("a"); content != nil || err != nil {
		t.Errorf("before anything was written: %q, %v", content, err)
	}
	if entries, _ := os.ReadDir(project); len(entries) != 0 {
		t.Errorf("a look has made %v", entries)
	}
	if err := d.WriteFile("a", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if content, err := d.ReadIfExists("a"); string(content) != "x" || err != nil {
		t.Errorf("%q, %v", content, err)
	}
}

func realTempDir(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func leftoverFiles(t *testing.T, dir string) []string {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(dir, ".new-*"))
	if err != nil {
		t.Fatal(err)
	}
	return left
}
