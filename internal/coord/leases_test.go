package coord

import (
	"context"
	"slices"
	"testing"
)

func acquire(t *testing.T, l *Leases, names ...string) {
	t.Helper()
	onWait := func(holder string) { t.Errorf("a wait for %s", holder) }
	if err := l.Acquire(t.Context(), names, onWait); err != nil {
		t.Fatal(err)
	}
}

func inUse(l *Leases, names ...string) (used []string) {
	for _, name := range names {
		if l.IsInUse(name, name) {
			used = append(used, name)
		}
	}
	return used
}

// TestRetain: names without a plan are released, and transient names only later.
func TestRetain(t *testing.T) {
	s := testStore(t)
	own, other := s.Leases(), OpenStore(s.root, "unix:///coord-test.sock").Leases()
	names := []string{"db", "cache", "web", "net"}
	acquire(t, own, names...)
	if used := inUse(other, names...); !slices.Equal(used, names) {
		t.Fatalf("in use are %q", used)
	}
	transient := map[string]bool{"cache": true}
	own.Retain([]string{"db"}, transient)
	own.Retain([]string{"web"}, transient)
	if used := inUse(other, names...); !slices.Equal(used, []string{"db", "cache"}) {
		t.Errorf("after the plans %q are in use", used)
	}
	if deferred := own.TakeDeferred(); len(deferred) != 1 || !deferred["cache"] {
		t.Errorf("deferred are %v", deferred)
	}
	if deferred := own.TakeDeferred(); len(deferred) != 0 {
		t.Errorf("the second caller gets %v", deferred)
	}
	done, isLast := own.ReleaseLast("cache")
	if !isLast {
		t.Fatal("not the last user")
	}
	done()
	if used := inUse(other, names...); !slices.Equal(used, []string{"db"}) {
		t.Errorf("at the end %q are in use", used)
	}
}

// TestLastUser: with two processes only the second release is the last.
func TestLastUser(t *testing.T) {
	s := testStore(t)
	// Another checkout shares only the shared directory.
	first, second := s.Leases(), OpenStore(t.TempDir(), "unix:///coord-test.sock").Leases()
	acquire(t, first, "db")
	acquire(t, second, "db")
	if _, isLast := first.ReleaseLast("db"); isLast {
		t.Fatal("the first release is the last")
	}
	if _, isLast := first.ReleaseLast("db"); isLast {
		t.Fatal("without a lease, the first process is the last user")
	}
	done, isLast := second.ReleaseLast("db")
	if !isLast {
		t.Fatal("the second release is not the last")
	}
	ctx, cancel := context.WithCancel(t.Context())
	err := first.Acquire(ctx, []string{"db"}, func(string) { cancel() })
	if err == nil {
		t.Error("a new user did not wait for the removal")
	}
	done()
	acquire(t, first, "db")
}

func TestLocations(t *testing.T) {
	s := testStore(t)
	if _, ok := CurrentOwner(); !ok {
		t.Skip("SKIPPED, NOT TESTED: this system does not tell who a process is")
	}
	if hashes := s.Leases().Locations(); len(hashes) != 0 {
		t.Errorf("without a lease: %q", hashes)
	}
	acquire(t, s.Leases(), "db")
	checkout := OpenStore(t.TempDir(), "unix:///coord-test.sock")
	acquire(t, checkout.Leases(), "db")
	here, there := s.Leases().Locations(), checkout.Leases().Locations()
	if len(here) != 2 || len(there) != 2 || here[0] == there[0] || here[1] != there[1] {
		t.Errorf("locations %q and %q; want a common second location", here, there)
	}
	alone := OpenStore(s.root, "")
	acquire(t, alone.Leases(), "db")
	if hashes := alone.Leases().Locations(); len(hashes) != 1 || hashes[0] != here[0] {
		t.Errorf("without an engine: %q, want %q alone", hashes, here[0])
	}
}
