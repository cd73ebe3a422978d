package state

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

// playLeaser holds a lease until it is killed.
func playLeaser(project string) error {
	if _, err := LeasesIn(Open(project)).Take(context.Background(), "db", LockOptions{}); err != nil {
		return err
	}
	fmt.Println("locked")
	time.Sleep(time.Minute)
	return nil
}

// playUser uses a thing several times, as a run does: it makes it where it is not there, and the last removes it.
func playUser(project string) error {
	d := LeasesIn(Open(project))
	for range 25 {
		if err := use(d, filepath.Join(project, "thing")); err != nil {
			return err
		}
	}
	return nil
}

func use(d *Leases, thing string) error {
	lease, err := d.Take(context.Background(), "thing", LockOptions{})
	if err != nil {
		return err
	}
	if err := os.Mkdir(thing, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	for range 3 {
		time.Sleep(100 * time.Microsecond)
		if _, err := os.Stat(thing); err != nil {
			return fmt.Errorf("removed while it was used: %w", err)
		}
	}
	done, last := lease.Last("the last")
	if !last {
		return nil
	}
	defer done()
	return os.Remove(thing)
}

// TestNothingLeasedIsRemoved: processes and goroutines use a thing at once, come and go, and it is there while one of them
// uses it, and not there in the end.
func TestNothingLeasedIsRemoved(t *testing.T) {
	project := t.TempDir()
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if out, err := helper(project, "use").CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
		all.Go(func() {
			if err := playUser(project); err != nil {
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
	shared, things := Open(t.TempDir()), t.TempDir()
	var all sync.WaitGroup
	for range 3 {
		checkout := t.TempDir()
		for range 3 {
			all.Go(func() {
				d := LeasesIn(Open(checkout), shared)
				for range 50 {
					if err := use(d, filepath.Join(things, "thing")); err != nil {
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

// TestOneOfThoseWhoGiveUpIsTheLast: all at the same moment.
func TestOneOfThoseWhoGiveUpIsTheLast(t *testing.T) {
	shared := Open(t.TempDir())
	checkouts := []*Leases{LeasesIn(Open(t.TempDir()), shared), LeasesIn(Open(t.TempDir()), shared), LeasesIn(Open(t.TempDir()), shared)}
	for round := range 100 {
		var ready, all sync.WaitGroup
		var lasts atomic.Int32
		ready.Add(6)
		for i := range 6 {
			l := lease(t, checkouts[i%3], "db")
			all.Go(func() {
				ready.Done()
				ready.Wait()
				if done, last := l.Last("x"); last {
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

// atClose does something when a lock is given up.
type atClose struct {
	fileLock
	do func()
}

func (l atClose) Close() error {
	l.do()
	return l.fileLock.Close()
}

// TestOrderOfGivingUp: who has the first directory's lock alone has to find no share of one who just gives up in the second.
func TestOrderOfGivingUp(t *testing.T) {
	own, shared := Open(t.TempDir()), Open(t.TempDir())
	l, free := lease(t, LeasesIn(own, shared), "db"), false
	l.locks[0] = atClose{l.locks[0], func() {
		done, unleased, err := LeasesIn(shared).Unleased("db", "x")
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
func TestLeasesWithoutTheSecondDirectory(t *testing.T) {
	nowhere := Open(filepath.Join(t.TempDir(), "gone"))
	checkout := Open(t.TempDir())
	first, second := lease(t, LeasesIn(checkout, nowhere), "db"), lease(t, LeasesIn(checkout, nowhere), "db")
	if _, last := first.Last("x"); last {
		t.Error("the first is the last")
	}
	done, last := second.Last("x")
	if !last {
		t.Fatal("the second is not the last")
	}
	done()
	if _, err := LeasesIn(nowhere, checkout).Take(shortly(t), "db", LockOptions{}); err == nil {
		t.Error("a lease without the first directory")
	}
}

func lease(t *testing.T, d *Leases, name string) *Lease {
	t.Helper()
	l, err := d.Take(shortly(t), name, LockOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Release)
	return l
}

func TestLastOfSeveral(t *testing.T) {
	d := LeasesIn(Open(t.TempDir()))
	first, second := lease(t, d, "db"), lease(t, d, "db")
	if _, last := first.Last("x"); last {
		t.Error("the first is the last, while the second has a lease")
	}
	if _, unleased, err := d.Unleased("db", "x"); unleased || err != nil {
		t.Errorf("nobody has a lease: %t, %v", unleased, err)
	}
	done, last := second.Last("x")
	if !last {
		t.Fatal("the second is not the last")
	}
	if _, unleased, err := d.Unleased("db", "x"); unleased || err != nil {
		t.Errorf("two are alone: %t, %v", unleased, err)
	}
	done()
	done, unleased, err := d.Unleased("db", "x")
	if !unleased || err != nil {
		t.Fatalf("somebody has a lease: %v", err)
	}
	done()
	lease(t, d, "db")
}

func TestNewcomerWaitsForTheRemover(t *testing.T) {
	d := LeasesIn(Open(t.TempDir()))
	done, last := lease(t, d, "db").Last("removing service db")
	if !last {
		t.Fatal("not the last")
	}
	told, have := make(chan Holder, 1), make(chan error, 1)
	go func() {
		l, err := d.Take(context.Background(), "db", LockOptions{Waiting: func(h Holder) { told <- h }})
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

func TestWaitForTheRemoverEnds(t *testing.T) {
	d := LeasesIn(Open(t.TempDir()))
	done, _ := lease(t, d, "db").Last("removing service db")
	defer done()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("interrupted"))
	_, err := d.Take(ctx, "db", LockOptions{})
	if err == nil || !strings.Contains(err.Error(), "removing service db") || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("%v", err)
	}
}

func TestDeathGivesALeaseUp(t *testing.T) {
	project := t.TempDir()
	holder := startHelper(t, project, "lease")
	d := LeasesIn(Open(project))
	if _, unleased, _ := d.Unleased("db", "x"); unleased {
		t.Fatal("another process's lease is not seen")
	}
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = holder.Wait()
	done, unleased, err := d.Unleased("db", "x")
	if !unleased || err != nil {
		t.Fatalf("a dead process has a lease: %v", err)
	}
	done()
}
