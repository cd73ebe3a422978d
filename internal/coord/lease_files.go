package coord

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// leasesDirName is the name of the directory for leases, inside a state directory.
const leasesDirName = "leases"

// leaseNotifyDelay is the time before a message about a waiting process.
const leaseNotifyDelay = time.Second

// leaseFiles are the files of leases, in one directory or in several directories at once. Processes with a
// common directory see the leases of each other.
type leaseFiles struct{ dirs []*Dir }

// newLeaseFiles returns the files in some directories. Only the first directory is required. All processes
// must use the same order.
func newLeaseFiles(dirs ...*Dir) *leaseFiles { return &leaseFiles{dirs} }

// lease is a right to use a resource. Any number of processes may have a lease on a resource at a time. No
// process removes a resource with a lease. The death of a process releases all leases of the process.
type lease struct{ locks fileLocks }

// Acquire takes a lease on a name. A name may contain any characters. While another process removes the
// resource, Acquire waits, until ctx ends. OnWait of the options is called after a moment. With the lease the
// caller may look for the resource: no process removes the resource after the look.
func (s *leaseFiles) Acquire(ctx context.Context, name string, opts lockOptions) (*lease, error) {
	all, err := s.openLocks(name)
	if err != nil {
		return nil, err
	}
	for i, lock := range all {
		if err := lockShared(ctx, lock, opts.OnWait); err != nil {
			all[:i+1].release()
			if ctx.Err() != nil {
				holder, cause := readHolder(lock.Path()), context.Cause(ctx)
				return nil, fmt.Errorf("stopped waiting for the removal of %s by %s: %w", name, holder, cause)
			}
			return nil, fmt.Errorf("cannot take the lease of %s (%s): %w", name, lock.Path(), err)
		}
	}
	return &lease{all}, nil
}

func lockShared(ctx context.Context, lock fileLock, onWait func(lockHolder)) error {
	notify := time.After(leaseNotifyDelay)
	for {
		if isLocked, err := lock.TryRLock(); isLocked || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-notify:
			if onWait != nil {
				onWait(readHolder(lock.Path()))
			}
		case <-time.After(lockRetryInterval):
		}
	}
}

// Release releases the lease.
func (l *lease) Release() { l.locks.release() }

// ReleaseLast releases the lease. isLast reports whether no other process has a lease. Then new users wait
// until the caller calls done. Of several processes with a release at the same time, at least one process is
// the last user.
//
// The guarantee also holds for several directories. Proof: let P be the last process with a complete release. From
// then on, no lease exists in any directory. P then fails only at an exclusive lock. The process with this lock
// ends its own attempt later, and fails only at a further exclusive lock, for the same reason. Each failure of this
// chain is later than the one before, and there are finitely many attempts. So the last attempt of the chain
// succeeds.
func (l *lease) ReleaseLast(purpose string) (done func(), isLast bool) {
	// Not all systems turn a shared lock into an exclusive lock, and no system does so atomically.
	l.Release()
	return l.locks.tryExclusive(purpose)
}

// TryExclusive is like [lease.ReleaseLast], for a process without a lease.
func (s *leaseFiles) TryExclusive(name, purpose string) (done func(), isExclusive bool, err error) {
	all, err := s.openLocks(name)
	if err != nil {
		return nil, false, err
	}
	done, isExclusive = all.tryExclusive(purpose)
	return done, isExclusive, nil
}

// fileLocks are the locks of a name, in the order of the directories.
type fileLocks []fileLock

// fileLock is the part of [flock.Flock] in use here.
type fileLock interface {
	Path() string
	TryLock() (bool, error)
	TryRLock() (bool, error)
	Close() error
}

func (s *leaseFiles) openLocks(name string) (all fileLocks, err error) {
	for i, dir := range s.dirs {
		path, err := dir.leasePath(name)
		switch {
		case err == nil:
			all = append(all, flock.New(path, flock.SetPermissions(0o644)))
		case i == 0:
			return nil, err
		}
	}
	return all, nil
}

func (all fileLocks) release() {
	for _, lock := range slices.Backward(all) {
		_ = lock.Close()
	}
}

func (all fileLocks) tryExclusive(purpose string) (done func(), isExclusive bool) {
	for i, lock := range all {
		if isLocked, err := lock.TryLock(); !isLocked || err != nil {
			all[:i+1].release()
			return nil, false
		}
	}
	for _, lock := range all {
		writeHolder(lock.Path(), lockHolder{Purpose: purpose})
	}
	return sync.OnceFunc(func() {
		for _, lock := range all {
			_ = removeFile(holderPath(lock.Path()))
		}
		all.release()
	}), true
}

// createLeasesDir creates the directory for leases in a state directory, and refuses a directory of another user.
func createLeasesDir(dir string) error {
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := removeWriteAccess(dir); err != nil {
		return err
	}
	return checkTrustedDir(dir)
}

func (d *Dir) leasePath(name string) (string, error) {
	dir, err := d.Path()
	if err != nil {
		return "", err
	}
	dir = filepath.Join(dir, leasesDirName)
	if err := createLeasesDir(dir); err != nil {
		return "", err
	}
	path := filepath.Join(dir, fileName("lease", name))
	return path, checkLock(path)
}
