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

// leasesDirName is the directory of the leases, within the state's.
const leasesDirName = "leases"

// leaseNotifyDelay is how long a wait for a remover may take before anybody is told of it.
const leaseNotifyDelay = time.Second

// LeaseFiles are a set of them, in one directory or in several at once: who shares any of these with others knows of their leases.
type LeaseFiles struct{ dirs []*Dir }

// NewLeaseFiles are those in some directories. All but the first count as far as they can be made. Whoever takes leases in two of them
// does it in the same order.
func NewLeaseFiles(dirs ...*Dir) *LeaseFiles { return &LeaseFiles{dirs} }

// Lease says that a run uses something. Any number may have one of the same thing at a time, and while there is one, the
// thing is not removed. The death of the process gives it up.
type Lease struct{ locks fileLocks }

// Acquire takes a lease on what has a name, which may hold any characters. Where somebody is just removing the thing, it waits
// until that is done, or ctx ends; Waiting of the options is called when that takes a moment. So who has the lease may look
// whether the thing is there: nobody who keeps to leases takes it away then.
func (s *LeaseFiles) Acquire(ctx context.Context, name string, opts LockOptions) (*Lease, error) {
	all, err := s.openLocks(name)
	if err != nil {
		return nil, err
	}
	for i, lock := range all {
		if err := lockShared(ctx, lock, opts.OnWait); err != nil {
			all[:i+1].release()
			if ctx.Err() != nil {
				return nil, fmt.Errorf("gave up waiting until %s has removed %s: %w", readHolder(lock.Path()), name, context.Cause(ctx))
			}
			return nil, fmt.Errorf("cannot take the lease of %s (%s): %w", name, lock.Path(), err)
		}
	}
	return &Lease{all}, nil
}

func lockShared(ctx context.Context, lock fileLock, onWait func(Holder)) error {
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

// Release gives the lease up, and looks at nothing.
func (l *Lease) Release() { l.locks.release() }

// ReleaseLast gives the lease up. Where nobody else has one, last is true: then who wants one waits until done is called. Of all who
// give up a lease at the same time, one at least is the last.
//
// That holds for several directories, too, because they are given up in the reverse of the order in which they are taken. Take two,
// of which each checkout has the first for itself, and all have the second in common. Look at who is the last of all to give up the
// second, and at its checkout: until then nobody has the first there alone, as it gives that up only afterwards. So whoever has it
// alone there later, and of those who try there somebody does, finds nobody with a share in the second: it gets that alone, or another
// has it alone and is the last.
func (l *Lease) ReleaseLast(purpose string) (done func(), isLast bool) {
	// Not all systems turn a shared lock into an exclusive one, and none at once.
	l.Release()
	return l.locks.tryExclusive(purpose)
}

// TryExclusive is [Lease.Last] for who has none.
func (s *LeaseFiles) TryExclusive(name, purpose string) (done func(), isExclusive bool, err error) {
	all, err := s.openLocks(name)
	if err != nil {
		return nil, false, err
	}
	done, isExclusive = all.tryExclusive(purpose)
	return done, isExclusive, nil
}

// locks are the file locks of one name, in the order in which they are taken.
type fileLocks []fileLock

type fileLock interface {
	Path() string
	TryLock() (bool, error)
	TryRLock() (bool, error)
	Close() error
}

func (s *LeaseFiles) openLocks(name string) (all fileLocks, err error) {
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
		writeHolder(lock.Path(), Holder{Purpose: purpose})
	}
	return sync.OnceFunc(func() {
		for _, lock := range all {
			_ = removeFile(holderPath(lock.Path()))
		}
		all.release()
	}), true
}

// makeLeases makes the directory of leases in one of state, and believes no other user's.
func makeLeases(dir string) error {
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := takeBack(dir); err != nil {
		return err
	}
	return checkPrivate(dir)
}

func (d *Dir) leasePath(name string) (string, error) {
	dir, err := d.Path()
	if err != nil {
		return "", err
	}
	dir = filepath.Join(dir, leasesDirName)
	if err := makeLeases(dir); err != nil {
		return "", err
	}
	path := filepath.Join(dir, fileName("lease", name))
	return path, checkLock(path)
}
