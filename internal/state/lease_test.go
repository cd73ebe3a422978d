package state

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// playLeaser holds a lease until it is killed.
func playLeaser(project string) error {
	if _, err := Open(project).Lease(context.Background(), "db", LockOptions{}); err != nil {
		return err
	}
	fmt.Println("locked")
	time.Sleep(time.Minute)
	return nil
}

// playUser uses a thing several times, as a run does: it makes it where it is not there, and the last removes it.
func playUser(project string) error {
	d := Open(project)
	for range 25 {
		if err := use(d, filepath.Join(project, "thing")); err != nil {
			return err
		}
	}
	return nil
}

func use(d *Dir, thing string) error {
	lease, err := d.Lease(context.Background(), "thing", LockOptions{})
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

func lease(t *testing.T, d *Dir, name string) *Lease {
	t.Helper()
	l, err := d.Lease(shortly(t), name, LockOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Release)
	return l
}

func TestLastOfSeveral(t *testing.T) {
	d := Open(t.TempDir())
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
	d := Open(t.TempDir())
	done, last := lease(t, d, "db").Last("removing service db")
	if !last {
		t.Fatal("not the last")
	}
	told, have := make(chan Holder, 1), make(chan error, 1)
	go func() {
		l, err := d.Lease(context.Background(), "db", LockOptions{Waiting: func(h Holder) { told <- h }})
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
	d := Open(t.TempDir())
	done, _ := lease(t, d, "db").Last("removing service db")
	defer done()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("interrupted"))
	_, err := d.Lease(ctx, "db", LockOptions{})
	if err == nil || !strings.Contains(err.Error(), "removing service db") || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("%v", err)
	}
}

func TestDeathGivesALeaseUp(t *testing.T) {
	project := t.TempDir()
	holder := startHelper(t, project, "lease")
	d := Open(project)
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
