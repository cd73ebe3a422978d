package state

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// leasesName is the directory of the leases, within the state's.
const leasesName = "leases"

// leaseTellAfter is how long a wait for a remover may take before anybody is told of it.
const leaseTellAfter = time.Second

// Lease says that a run uses something. Any number may have one of the same thing at a time, and while there is one, the
// thing is not removed. The death of the process gives it up.
type Lease struct {
	path string
	lock *flock.Flock
}

// Lease takes a lease on what has a name, which may hold any characters. Where somebody is just removing the thing, it waits
// until that is done, or ctx ends; Waiting of the options is called when that takes a moment. So who has the lease may look
// whether the thing is there: nobody who keeps to leases takes it away then.
func (d *Dir) Lease(ctx context.Context, name string, opts LockOptions) (*Lease, error) {
	path, err := d.leasePath(name)
	if err != nil {
		return nil, err
	}
	l := &Lease{path: path, lock: flock.New(path, flock.SetPermissions(0o644))}
	if err := l.share(ctx, opts.Waiting); err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("gave up waiting until %s has removed %s: %w", readHolder(path), name, context.Cause(ctx))
		}
		return nil, fmt.Errorf("cannot take the lease of %s (%s): %w", name, path, err)
	}
	return l, nil
}

func (l *Lease) share(ctx context.Context, waiting func(Holder)) error {
	tell := time.After(leaseTellAfter)
	for {
		if taken, err := l.lock.TryRLock(); taken || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tell:
			if waiting != nil {
				waiting(readHolder(l.path))
			}
		case <-time.After(lockRetry):
		}
	}
}

// Release gives the lease up, and looks at nothing.
func (l *Lease) Release() { _ = l.lock.Close() }

// Last gives the lease up. Where nobody else has one, last is true: then who wants one waits until done is called. Of all who
// give up a lease at the same time, one at least is the last.
func (l *Lease) Last(purpose string) (done func(), last bool) {
	// Not all systems turn a shared lock into an exclusive one, and none at once.
	l.Release()
	return alone(l.path, purpose)
}

// Unleased is [Lease.Last] for who has none.
func (d *Dir) Unleased(name, purpose string) (done func(), unleased bool, err error) {
	path, err := d.leasePath(name)
	if err != nil {
		return nil, false, err
	}
	done, unleased = alone(path, purpose)
	return done, unleased, nil
}

func alone(path, purpose string) (done func(), alone bool) {
	lock := flock.New(path, flock.SetPermissions(0o644))
	if taken, err := lock.TryLock(); !taken || err != nil {
		return nil, false
	}
	writeHolder(path, Holder{Purpose: purpose})
	return sync.OnceFunc(func() {
		_ = removeFile(holderPath(path))
		_ = lock.Close()
	}), true
}

func (d *Dir) leasePath(name string) (string, error) {
	dir, err := d.Path()
	if err != nil {
		return "", err
	}
	dir = filepath.Join(dir, leasesName)
	if err := os.Mkdir(dir, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	return filepath.Join(dir, fileName("lease", name)), nil
}
