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

// runLeaseHolder holds a lease until it is killed.
func runLeaseHolder(project string) error {
	if _, err := NewLeaseFiles(OpenProjectDir(project)).Acquire(context.Background(), "db", LockOptions{}); err != nil {
		return err
	}
	fmt.Println("locked")
	time.Sleep(time.Minute)
	return nil
}

// runLeaseUser uses a thing several times, as a run does: it makes it where it is not there, and the last removes it.
func runLeaseUser(project string) error {
	d := NewLeaseFiles(OpenProjectDir(project))
	for range 25 {
		if err := useResource(d, filepath.Join(project, "thing")); err != nil {
			return err
		}
	}
	return nil
}

func useResource(d *LeaseFiles, name string) error {
	lease, err := d.Acquire(context.Background(), "thing", LockOptions{})
	if err != nil {
		return err
	}
	if err := os.Mkdir(name, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	for range 3 {
		time.Sleep(100 * time.Microsecond)
		if _, err := os.Stat(name); err != nil {
			return fmt.Errorf("removed while it was used: %w", err)
		}
	}
	done, last := lease.ReleaseLast("the last")
	if !last {
		return nil
	}
	defer done()
	return os.Remove(name)
}

// TestLeasedResourceIsNotRemoved: processes and goroutines use a thing at once, come and go, and it is there while one of them
// uses it, and not there in the end.
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
		t.Errorf("the last did not remove it: %v", err)
	}
}

// TestLeasesOfSeveralCheckouts: as above, and each checkout has a directory of its own beside the one that all share.
func TestLeasesOfSeveralCheckouts(t *testing.T) {
	shared, things := OpenProjectDir(t.TempDir()), t.TempDir()
	var all sync.WaitGroup
	for range 3 {
		checkout := t.TempDir()
		for range 3 {
			all.Go(func() {
				d := NewLeaseFiles(OpenProjectDir(checkout), shared)
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
		t.Error("the last did not remove it")
	}
}

// TestOneOfConcurrentReleasesIsLast: all at the same moment.
func TestOneOfConcurrentReleasesIsLast(t *testing.T) {
	shared := OpenProjectDir(t.TempDir())
	checkouts := []*LeaseFiles{NewLeaseFiles(OpenProjectDir(t.TempDir()), shared), NewLeaseFiles(OpenProjectDir(t.TempDir()), shared), NewLeaseFiles(OpenProjectDir(t.TempDir()), shared)}
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
			t.Fatalf("round %d: nobody was the last", round)
		}
	}
}

// closeHook does something when a lock is given up.
type closeHook struct {
	fileLock
	do func()
}

func (l closeHook) Close() error {
	l.do()
	return l.fileLock.Close()
}

// TestReleaseOrder: who has the first directory's lock alone has to find no share of one who just gives up in the second.
func TestReleaseOrder(t *testing.T) {
	own, shared := OpenProjectDir(t.TempDir()), OpenProjectDir(t.TempDir())
	l, free := acquireLease(t, NewLeaseFiles(own, shared), "db"), false
	l.locks[0] = closeHook{l.locks[0], func() {
		done, unleased, err := NewLeaseFiles(shared).TryExclusive("db", "x")
		if free = unleased && err == nil; free {
			done()
		}
	}}
	l.Release()
	if !free {
		t.Error("the first is given up before the second")
	}
}

// A directory that cannot be made does not count, but for the first.
func TestLeasesWithoutSharedDir(t *testing.T) {
	nowhere := OpenProjectDir(filepath.Join(t.TempDir(), "gone"))
	checkout := OpenProjectDir(t.TempDir())
	first, second := acquireLease(t, NewLeaseFiles(checkout, nowhere), "db"), acquireLease(t, NewLeaseFiles(checkout, nowhere), "db")
	if _, last := first.ReleaseLast("x"); last {
		t.Error("the first is the last")
	}
	done, last := second.ReleaseLast("x")
	if !last {
		t.Fatal("the second is not the last")
	}
	done()
	if _, err := NewLeaseFiles(nowhere, checkout).Acquire(shortContext(t), "db", LockOptions{}); err == nil {
		t.Error("a lease without the first directory")
	}
}

func acquireLease(t *testing.T, d *LeaseFiles, name string) *Lease {
	t.Helper()
	l, err := d.Acquire(shortContext(t), name, LockOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Release)
	return l
}

func TestReleaseLast(t *testing.T) {
	d := NewLeaseFiles(OpenProjectDir(t.TempDir()))
	first, second := acquireLease(t, d, "db"), acquireLease(t, d, "db")
	if _, last := first.ReleaseLast("x"); last {
		t.Error("the first is the last, while the second has a lease")
	}
	if _, unleased, err := d.TryExclusive("db", "x"); unleased || err != nil {
		t.Errorf("nobody has a lease: %t, %v", unleased, err)
	}
	done, last := second.ReleaseLast("x")
	if !last {
		t.Fatal("the second is not the last")
	}
	if _, unleased, err := d.TryExclusive("db", "x"); unleased || err != nil {
		t.Errorf("two are alone: %t, %v", unleased, err)
	}
	done()
	done, unleased, err := d.TryExclusive("db", "x")
	if !unleased || err != nil {
		t.Fatalf("somebody has a lease: %v", err)
	}
	done()
	acquireLease(t, d, "db")
}

func TestAcquireWaitsForExclusiveLock(t *testing.T) {
	d := NewLeaseFiles(OpenProjectDir(t.TempDir()))
	done, last := acquireLease(t, d, "db").ReleaseLast("removing service db")
	if !last {
		t.Fatal("not the last")
	}
	told, have := make(chan Holder, 1), make(chan error, 1)
	go func() {
		l, err := d.Acquire(context.Background(), "db", LockOptions{OnWait: func(h Holder) { told <- h }})
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
	d := NewLeaseFiles(OpenProjectDir(t.TempDir()))
	done, _ := acquireLease(t, d, "db").ReleaseLast("removing service db")
	defer done()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("interrupted"))
	_, err := d.Acquire(ctx, "db", LockOptions{})
	if err == nil || !strings.Contains(err.Error(), "removing service db") || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("%v", err)
	}
}

func TestProcessDeathReleasesLease(t *testing.T) {
	project := t.TempDir()
	holder := startHelper(t, project, "lease")
	d := NewLeaseFiles(OpenProjectDir(project))
	if _, unleased, _ := d.TryExclusive("db", "x"); unleased {
		t.Fatal("another process's lease is not seen")
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
