package coord

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// storeWithHome opens a store as a process with a home of its own does.
func storeWithHome(t *testing.T, cache string) *Store {
	t.Helper()
	t.Setenv("XDG_CACHE_HOME", cache)
	s := OpenStore(t.TempDir(), "unix:///coord-test.sock")
	for _, dir := range s.shared {
		_, _ = dir.Path() // the environment of the process is that of this moment
	}
	return s
}

// TestRunsWithOtherHomes: cron, systemd and jobs of CI have other values of HOME and XDG_CACHE_HOME. Runs of one user
// know of each other all the same.
func TestRunsWithOtherHomes(t *testing.T) {
	t.Setenv(SharedDirEnv, t.TempDir())
	first, second := storeWithHome(t, t.TempDir()), storeWithHome(t, t.TempDir())
	acquire(t, first.Leases(), "db")
	acquire(t, second.Leases(), "db")
	if _, isLast := second.Leases().ReleaseLast("db"); isLast {
		t.Error("the second run is the last user; the first uses the resource")
	}
	if done, isLast := first.Leases().ReleaseLast("db"); !isLast {
		t.Error("the first run is not the last user")
	} else {
		done()
	}
	if _, ok := CurrentOwner(); ok {
		here, there := first.Leases().Locations(), second.Leases().Locations()
		if len(here) != 3 || len(there) != 3 || here[2] != there[2] {
			t.Errorf("locations %q and %q; want a common third location", here, there)
		}
		if visible := second.Leases().VisibleLocations(); !slices.Equal(visible, there) {
			t.Errorf("visible %q, want %q", visible, there)
		}
	}

	unlock, err := first.Lock(t.Context(), "container")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := second.Lock(ctx, "container"); err == nil {
		t.Error("two runs have one lock")
	}
	unlock()

	if err := first.Journal().RecordDetached("app", "c1"); err != nil {
		t.Fatal(err)
	}
	if entries := second.Journal().ContainerEntries(); len(entries) != 1 || !entries.Has(DetachedEntry, "c1") {
		t.Errorf("the second run knows the entries %q", entries)
	}
	if err := first.Journal().Remove(DetachedEntry, "c1"); err != nil {
		t.Error(err)
	}
	if entries := append(first.Journal().ContainerEntries(), second.Journal().ContainerEntries()...); len(entries) != 0 {
		t.Errorf("entries %q are left", entries)
	}
}

// TestOlderVersionBeside: an older version has only the directory of the environment.
func TestOlderVersionBeside(t *testing.T) {
	t.Setenv(SharedDirEnv, t.TempDir())
	cache := t.TempDir()
	now := storeWithHome(t, cache)
	older := OpenStore(t.TempDir(), "unix:///coord-test.sock")
	older.shared = older.shared[:1]
	older.leases = newLeases(append([]*Dir{older.Project}, older.shared...))
	older.journal.shared = older.shared
	acquire(t, older.Leases(), "db")
	acquire(t, now.Leases(), "db")
	if _, isLast := now.Leases().ReleaseLast("db"); isLast {
		t.Error("the older version uses the resource")
	}
	acquire(t, now.Leases(), "db")
	if _, isLast := older.Leases().ReleaseLast("db"); isLast {
		t.Error("this version uses the resource")
	}
	for _, pair := range [][2]*Store{{older, now}, {now, older}} {
		if err := pair[0].Journal().RecordDetached("app", "c1"); err != nil {
			t.Fatal(err)
		}
		if !pair[1].Journal().ContainerEntries().Has(DetachedEntry, "c1") {
			t.Error("an entry is not known to the other version")
		}
	}
}

// TestOneDirectoryByTwoNames: a process that takes one lock by two names would wait for itself.
func TestOneDirectoryByTwoNames(t *testing.T) {
	account := realTempDir(t)
	t.Setenv(SharedDirEnv, filepath.Join(account, "tasks"))
	link := filepath.Join(realTempDir(t), "link")
	if err := os.Symlink(account, link); err != nil {
		t.Skipf("SKIPPED, NOT TESTED: no symbolic links: %v", err)
	}
	for _, cache := range []string{account, link} {
		s := storeWithHome(t, cache)
		acquire(t, s.Leases(), "db")
		done, isLast := s.Leases().ReleaseLast("db")
		if !isLast {
			t.Fatalf("%s: not the last user", cache)
		}
		done()
		if err := s.Journal().RecordDetached("app", "c1"); err != nil {
			t.Error(err)
		}
		if entries := s.Journal().ContainerEntries(); len(entries) != 1 {
			t.Errorf("%s: entries %q", cache, entries)
		}
		if err := s.Journal().Remove(DetachedEntry, "c1"); err != nil {
			t.Error(err)
		}
	}
}

// TestAccountDirs: the place depends on the user id, not on the environment.
func TestAccountDirs(t *testing.T) {
	t.Setenv(SharedDirEnv, "")
	before := accountDirs("key")
	if len(before) == 0 {
		t.Fatal("no place")
	}
	for _, name := range []string{"HOME", "XDG_CACHE_HOME", "TMPDIR", "USER", "LOCALAPPDATA", "USERPROFILE"} {
		t.Setenv(name, t.TempDir())
	}
	if after := accountDirs("key"); !slices.Equal(before, after) {
		t.Errorf("places %q; with another environment %q", before, after)
	}
	t.Setenv(SharedDirEnv, "relative")
	if after := accountDirs("key"); !slices.Equal(before, after) {
		t.Errorf("a relative path gives %q", after)
	}
}
