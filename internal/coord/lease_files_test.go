package coord

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// runLeaseHolder holds a lease until the test kills the process.
func runLeaseHolder(project string) error {
	if _, err := newLeaseFiles(OpenProjectDir(project)).Acquire(context.Background(), "db", lockOptions{}); err != nil {
		return err
	}
	fmt.Println("locked")
	time.Sleep(time.Minute)
	return nil
}

// runLeaseUser uses a resource several times, like a run: create the missing resource, and remove the
// resource as the last user.
func runLeaseUser(project string) error {
	d := newLeaseFiles(OpenProjectDir(project))
	for range 25 {
		if err := useResource(d, filepath.Join(project, "thing")); err != nil {
			return err
		}
	}
	return nil
}

func useResource(d *leaseFiles, name string) error {
	lease, err := d.Acquire(context.Background(), "thing", lockOptions{})
	if err != nil {
		return err
	}
	if err := os.Mkdir(name, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	for range 3 {
		time.Sleep(100 * time.Microsecond)
		if _, err := os.Stat(name); err != nil {
			return fmt.Errorf("removed during a use: %w", err)
		}
	}
	done, last := lease.ReleaseLast("the last")
	if !last {
		return nil
	}
	defer done()
	return os.Remove(name)
}

// TestLeasedResourceIsNotRemoved: processes and goroutines use a resource at the same time. The resource
// exists during each use, and not in the end.
func TestLeasedResourceIsNotRemoved(t *testing.T) {
	project := t.TempDir()
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if out, err := helper(project, "use").CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
		all.Go(func() {
			if err := runLeaseUser(project); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if _, err := os.Stat(filepath.Join(project, "thing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the last user did not remove the resource: %v", err)
	}
}

// TestLeasesOfSeveralCheckouts: each checkout has a separate directory, and all checkouts have a common
// directory.
func TestLeasesOfSeveralCheckouts(t *testing.T) {
	shared, things := OpenProjectDir(t.TempDir()), t.TempDir()
	var all sync.WaitGroup
	for range 3 {
		checkout := t.TempDir()
		for range 3 {
			all.Go(func() {
				d := newLeaseFiles(OpenProjectDir(checkout), shared)
				for range 50 {
					if err := useResource(d, filepath.Join(things, "thing")); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
	}
	all.Wait()
	if left, _ := os.ReadDir(things); len(left) != 0 {
		t.Error("the last user did not remove the resource")
	}
}

// TestOneOfConcurrentReleasesIsLast: all releases are at the same time.
func TestOneOfConcurrentReleasesIsLast(t *testing.T) {
	shared := OpenProjectDir(t.TempDir())
	var checkouts []*leaseFiles
	for range 3 {
		checkouts = append(checkouts, newLeaseFiles(OpenProjectDir(t.TempDir()), shared))
	}
	for round := range 100 {
		var ready, all sync.WaitGroup
		var lasts atomic.Int32
		ready.Add(6)
		for i := range 6 {
			l := acquireLease(t, checkouts[i%3], "db")
			all.Go(func() {
				ready.Done()
				ready.Wait()
				if done, last := l.ReleaseLast("x"); last {
					lasts.Add(1)
					done()
				}
			})
		}
		all.Wait()
		if lasts.Load() == 0 {
			t.Fatalf("round %d: no last user", round)
		}
	}
}

// closeHook calls a function before the release of a lock.
type closeHook struct {
	fileLock
	do func()
}

func (l closeHook) Close() error {
	l.do()
	return l.fileLock.Close()
}

// TestReleaseOrder: with the exclusive lock in the first directory, a process must not find a lease of a
// releasing process in the second directory.
func TestReleaseOrder(t *testing.T) {
	own, shared := OpenProjectDir(t.TempDir()), OpenProjectDir(t.TempDir())
	l, free := acquireLease(t, newLeaseFiles(own, shared), "db"), false
	l.locks[0] = closeHook{l.locks[0], func() {
		done, unleased, err := newLeaseFiles(shared).TryExclusive("db", "x")
		if free = unleased && err == nil; free {
			done()
		}
	}}
	l.Release()
	if !free {
		t.Error("the release of the first directory is before the release of the second")
	}
}

// TestLeasesWithoutSharedDir: only the first directory is required.
func TestLeasesWithoutSharedDir(t *testing.T) {
	nowhere := OpenProjectDir(filepath.Join(t.TempDir(), "gone"))
	checkout := OpenProjectDir(t.TempDir())
	first := acquireLease(t, newLeaseFiles(checkout, nowhere), "db")
	second := acquireLease(t, newLeaseFiles(checkout, nowhere), "db")
	if _, last := first.ReleaseLast("x"); last {
		t.Error("the first is the last")
	}
	done, last := second.ReleaseLast("x")
	if !last {
		t.Fatal("the second is not the last")
	}
	done()
	if _, err := newLeaseFiles(nowhere, checkout).Acquire(shortContext(t), "db", lockOptions{}); err == nil {
		t.Error("a lease without the first directory")
	}
}

func acquireLease(t *testing.T, d *leaseFiles, name string) *lease {
	t.Helper()
	l, err := d.Acquire(shortContext(t), name, lockOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Release)
	return l
}

func TestReleaseLast(t *testing.T) {
	d := newLeaseFiles(OpenProjectDir(t.TempDir()))
	first, second := acquireLease(t, d, "db"), acquireLease(t, d, "db")
	if _, last := first.ReleaseLast("x"); last {
		t.Error("the first user is the last, beside a second user with a lease")
	}
	if _, unleased, err := d.TryExclusive("db", "x"); unleased || err != nil {
		t.Errorf("no process has a lease: %t, %v", unleased, err)
	}
	done, last := second.ReleaseLast("x")
	if !last {
		t.Fatal("the second is not the last")
	}
	if _, unleased, err := d.TryExclusive("db", "x"); unleased || err != nil {
		t.Errorf("two exclusive locks at a time: %t, %v", unleased, err)
	}
	done()
	done, unleased, err := d.TryExclusive("db", "x")
	if !unleased || err != nil {
		t.Fatalf("a process has a lease: %v", err)
	}
	done()
	acquireLease(t, d, "db")
}

func TestAcquireWaitsForExclusiveLock(t *testing.T) {
	d := newLeaseFiles(OpenProjectDir(t.TempDir()))
	done, last := acquireLease(t, d, "db").ReleaseLast("removing service db")
	if !last {
		t.Fatal("not the last")
	}
	told, have := make(chan lockHolder, 1), make(chan error, 1)
	go func() {
		l, err := d.Acquire(context.Background(), "db", lockOptions{OnWait: func(h lockHolder) { told <- h }})
		if err == nil {
			defer l.Release()
		}
		have <- err
	}()
	if h := <-told; h.Pid != os.Getpid() || h.Purpose != "removing service db" {
		t.Errorf("told to wait for %+v", h)
	}
	select {
	case err := <-have:
		t.Fatalf("did not wait: %v", err)
	default:
	}
	done()
	if err := <-have; err != nil {
		t.Error(err)
	}
}

func TestAcquireStopsWithContext(t *testing.T) {
	d := newLeaseFiles(OpenProjectDir(t.TempDir()))
	done, _ := acquireLease(t, d, "db").ReleaseLast("removing service db")
	defer done()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("interrupted"))
	_, err := d.Acquire(ctx, "db", lockOptions{})
	for _, want := range []string{"removing service db", "interrupted"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
}

func TestProcessDeathReleasesLease(t *testing.T) {
	project := t.TempDir()
	holder := startHelper(t, project, "lease")
	d := newLeaseFiles(OpenProjectDir(project))
	if _, unleased, _ := d.TryExclusive("db", "x"); unleased {
		t.Fatal("the lease of another process is not seen")
	}
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = holder.Wait()
	done, unleased, err := d.TryExclusive("db", "x")
	if !unleased || err != nil {
		t.Fatalf("a dead process has a lease: %v", err)
	}
	done()
}
