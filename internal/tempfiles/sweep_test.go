package tempfiles_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"tasks/internal/tempfiles"
)

func TestSweep(t *testing.T) {
	dir := t.TempDir()
	old := time.Now().Add(-2 * tempfiles.MaxAge)
	for _, name := range []string{"x-1", "x-2", "y-1", "x-word"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "x-3", "file"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"x-1", "y-1", "x-3", "x-word"} {
		if err := os.Chtimes(filepath.Join(dir, name), old, old); err != nil {
			t.Fatal(err)
		}
	}
	tempfiles.Sweep(dir, "x-")
	tempfiles.Sweep(filepath.Join(dir, "missing"), "x-")
	var left []string
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if !slices.Equal(left, []string{"x-2", "x-word", "y-1"}) {
		t.Errorf("left: %q", left)
	}
}
