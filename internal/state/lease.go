package state

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

// leasesName is the directory of the leases, within the state's.
const leasesName = "leases"

// leaseTellAfter is how long a wait for a remover may take before anybody is told of it.
const leaseTellAfter = time.Second

// Leases are a set of them, in one directory or in several at once: who shares any of these with others knows of their leases.
type Leases struct{ dirs []*Dir }

// LeasesIn are those in some directories. All but the first count as far as they can be made. Whoever takes leases in two of them
// does it in the same order.
func LeasesIn(dirs ...*Dir) *Leases { return &Leases{dirs} }

// Lease says that a run uses something. Any number may have one of the same thing at a time, and while there is one, the
// thing is not removed. The death of the process gives it up.
type Lease struct{ locks locks }

// Take takes a lease on what has a name, which may hold any characters. Where somebody is just removing the thing, it waits
// until that is done, or ctx ends; Waiting of the options is called when that takes a moment. So who has the lease may look
// whether the thing is there: nobody who keeps to leases takes it away then.
func (s *Leases) Take(ctx context.Context, name string, opts LockOptions) (*Lease, error) {
	all, err := s.locks(name)
	if err != nil {
		return nil, err
	}
	for i, lock := range all {
		if err := share(ctx, lock, opts.Waiting); err != nil {
			all[:i+1].release()
			if ctx.Err() != nil {
				return nil, fmt.Errorf("gave up waiting until %s has removed %s: %w", readHolder(lock.Path()), name, context.Cause(ctx))
			}
			return nil, fmt.Errorf("cannot take the lease of %s (%s): %w", name, lock.Path(), err)
		}
	}
	return &Lease{all}, nil
}

func share(ctx context.Context, lock fileLock, waiting func(Holder)) error {
	tell := time.After(leaseTellAfter)
	for {
		if taken, err := lock.TryRLock(); taken || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tell:
			if waiting != nil {
				waiting(readHolder(lock.Path()))
			}
		case <-time.After(lockRetry):
		}
	}
}

// Release gives the lease up, and looks at nothing.
func (l *Lease) Release() { l.locks.release() }

// Last gives the lease up. Where nobody else has one, last is true: then who wants one waits until done is called. Of all who
// give up a lease at the same time, one at least is the last.
//
// That holds for several directories, too, because they are given up in the reverse of the order in which they are taken. Take two,
// of which each checkout has the first for itself, and all have the second in common. Look at who is the last of all to give up the
// second, and at its checkout: until then nobody has the first there alone, as it gives that up only afterwards. So whoever has it
// alone there later, and of those who try there somebody does, finds nobody with a share in the second: it gets that alone, or another
// has it alone and is the last.
func (l *Lease) Last(purpose string) (done func(), last bool) {
	// Not all systems turn a shared lock into an exclusive one, and none at once.
	l.Release()
	return l.locks.alone(purpose)
}

// Unleased is [Lease.Last] for who has none.
func (s *Leases) Unleased(name, purpose string) (done func(), unleased bool, err error) {
	all, err := s.locks(name)
	if err != nil {
		return nil, false, err
	}
	done, unleased = all.alone(purpose)
	return done, unleased, nil
}

// locks are the file locks of one name, in the order in which they are taken.
type locks []fileLock

type fileLock interface {
	Path() string
	TryLock() (bool, error)
	TryRLock() (bool, error)
	Close() error
}

func (s *Leases) locks(name string) (all locks, err error) {
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

func (all locks) release() {
	for _, lock := range slices.Backward(all) {
		_ = lock.Close()
	}
}

func (all locks) alone(purpose string) (done func(), alone bool) {
	for i, lock := range all {
		if taken, err := lock.TryLock(); !taken || err != nil {
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
	dir = filepath.Join(dir, leasesName)
	if err := makeLeases(dir); err != nil {
		return "", err
	}
	path := filepath.Join(dir, fileName("lease", name))
	return path, checkLock(path)
}
