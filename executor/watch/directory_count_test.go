package watch

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestCountDirectories(t *testing.T) {
	dir := t.TempDir()
	for i := range 10 {
		for _, name := range []string{".git/objects", "node_modules/a/b"} {
			if err := os.MkdirAll(filepath.Join(dir, fmt.Sprint("d", i), name), 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.WriteFile(filepath.Join(dir, ".gitignore"), []byte("node_modules/\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(time.Hour)
	if got := CountDirectories(dir, 1000, later); got != 11 {
		t.Errorf("%d directories", got)
	}
	if got := CountDirectories(dir, 5, later); got != 5 {
		t.Errorf("%d directories, at most 5", got)
	}
	if got := CountDirectories(dir, 1000, time.Now().Add(-time.Second)); got != 1 {
		t.Errorf("%d directories without time", got)
	}
	if got := CountDirectories(filepath.Join(dir, "none"), 5, later); got != 0 {
		t.Errorf("%d directories of none", got)
	}
}

func TestReadLimit(t *testing.T) {
	if value, hasLimit := ReadLimit("none"); hasLimit {
		t.Errorf("a limit without a name is %d", value)
	}
}
