package coord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// lockRetryInterval is how often a waiter looks again: no system call waits for a file lock and for a context.
const lockRetryInterval = 20 * time.Millisecond

// Holder is who holds a lock, as far as it is known.
type Holder struct {
	Pid  int    `json:"pid"`
	Host string `json:"host"`
	// Purpose is what it said that it does: the task's name.
	Purpose string `json:"purpose,omitempty"`
	// Payload is for who gets the lock after this one has died with it.
	Payload string    `json:"will,omitempty"`
	Since   time.Time `json:"since"`
}

func (h Holder) String() string {
	if h.Pid == 0 {
		return "another process"
	}
	text := fmt.Sprintf("process %d on %s, since %s", h.Pid, h.Host, h.Since.Local().Format(time.DateTime))
	if h.Purpose != "" {
		text = h.Purpose + " (" + text + ")"
	}
	return text
}

// LockOptions are those of [Dir.LockWith].
type LockOptions struct {
	// Purpose is told to those who wait.
	Purpose string
	// Payload is told to who gets the lock after this process has died with it.
	Payload string
	// OnWait is called once, before the wait, where the lock is taken; nil: nobody is told.
	OnWait func(Holder)
	// OnStaleLock is called when the lock is held, where its last holder died with it: what that has started may still run. Nil: nobody
	// is told.
	OnStaleLock func(Holder)
}

func (o LockOptions) holder() Holder {
	return Holder{Purpose: o.Purpose, Payload: o.Payload}
}

// Lock takes the lock of a name, which may hold any characters, and waits for it until ctx ends. It excludes all other
// processes and goroutines that use the project's state directory. It is not reentrant. The death of the process
// releases it. unlock may be called more than once.
func (d *Dir) Lock(ctx context.Context, name string) (unlock func(), err error) {
	return d.LockWith(ctx, name, LockOptions{})
}

// LockWith is [Dir.Lock] for those who tell, and want to be told, who holds it.
func (d *Dir) LockWith(ctx context.Context, name string, opts LockOptions) (unlock func(), err error) {
	dir, err := d.Path()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, fileName("lock", name))
	if err := checkLock(path); err != nil {
		return nil, err
	}
	// Every call opens the file anew, so that goroutines exclude each other as processes do. The file stays when the
	// lock is released: a waiter has it open already, and would hold a lock on a file without a name.
	lock := flock.New(path, flock.SetPermissions(0o644))
	if err := acquireLock(ctx, lock, path, opts.OnWait); err != nil {
		_ = lock.Close()
		return nil, lockError(ctx, name, path, err)
	}
	// Who gives a lock up takes its words away first: those that are there are of one that could not.
	if staleHolder := readHolder(path); staleHolder.Pid != 0 && opts.OnStaleLock != nil {
		opts.OnStaleLock(staleHolder)
	}
	writeHolder(path, opts.holder())
	return sync.OnceFunc(func() {
		_ = removeFile(holderPath(path))
		_ = lock.Close()
	}), nil
}

// checkLock lets no link be a lock, as the lock would be made elsewhere, and no pipe. A file that another user has left
// in a directory of ours is good enough: nothing is read from a lock.
func checkLock(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err == nil && !info.Mode().IsRegular():
		return &foreignError{path, fmt.Sprintf("is no lock (its mode is %v)", info.Mode())}
	}
	return err
}

func acquireLock(ctx context.Context, lock *flock.Flock, path string, onWait func(Holder)) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	isLocked, err := lock.TryLock()
	if isLocked || err != nil {
		return err
	}
	if onWait != nil {
		onWait(readHolder(path))
	}
	_, err = lock.TryLockContext(ctx, lockRetryInterval)
	return err
}

func lockError(ctx context.Context, name, path string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("gave up waiting for the lock %q, which is held by %s: %w", name, readHolder(path), context.Cause(ctx))
	}
	return fmt.Errorf("cannot take the lock %q (%s): %w", name, path, err)
}

func holderPath(lockPath string) string { return lockPath + ".holder" }

// writeHolder tells who we are. It helps who waits, and is not needed for the lock to hold: its errors are no matter.
func writeHolder(path string, h Holder) {
	h.Pid, h.Since = os.Getpid(), time.Now()
	h.Host, _ = os.Hostname()
	content, err := json.Marshal(h)
	if err == nil {
		_ = replaceFile(holderPath(path), content, writeContent)
	}
}

// readHolder tells what the holder wrote; nothing, where it has not written yet.
func readHolder(path string) Holder {
	var h Holder
	root, err := os.OpenRoot(filepath.Dir(path)) // the directory of a lock was looked at before
	if err != nil {
		return h
	}
	defer root.Close()
	if content, err := readIn(root, filepath.Base(holderPath(path))); err == nil {
		_ = json.Unmarshal(content, &h)
	}
	return h
}
