package coord

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestSweep(t *testing.T) {
	d := OpenProjectDir(t.TempDir())
	now := time.Now()
	if err := d.Sweep(now, "run/"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(d.projectDir, DirName)); err == nil {
		t.Error("a sweep creates the directory")
	}
	for _, name := range []string{"run/old", "run/new", "other"} {
		if err := d.WriteFile(name, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	dir, _ := d.Path()
	half, fresh := filepath.Join(dir, ".new-1"), filepath.Join(dir, ".new-2")
	for _, path := range []string{half, fresh} {
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	long := now.Add(-100 * 24 * time.Hour)
	oldRun, other := filepath.Join(dir, fileName("data", "run/old")), filepath.Join(dir, fileName("data", "other"))
	for _, path := range []string{half, oldRun, other} {
		if err := os.Chtimes(path, long, long); err != nil {
			t.Fatal(err)
		}
	}
	sweep := func(at time.Time) []string {
		t.Helper()
		if err := d.Sweep(at, "run/"); err != nil {
			t.Fatal(err)
		}
		var left []string
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			left = append(left, e.Name())
		}
		return left
	}
	want := []string{".gitignore", ".new-2", fileName("data", "other"), fileName("data", "run/new"), "swept"}
	if left := sweep(now); !slices.Equal(left, want) {
		t.Errorf("left: %q", left)
	}
	if err := os.Chtimes(fresh, long, long); err != nil {
		t.Fatal(err)
	}
	if left := sweep(now.Add(time.Hour)); !slices.Contains(left, ".new-2") {
		t.Error("swept twice a day")
	}
	if left := sweep(now.Add(25 * time.Hour)); slices.Contains(left, ".new-2") {
		t.Error("not swept the next day")
	}
}
