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

// lockRetryInterval is the time between two attempts: no system call waits for a file lock and for a context.
const lockRetryInterval = 20 * time.Millisecond

// lockHolder describes the process with a lock. A zero Pid means: not known.
type lockHolder struct {
	Pid  int    `json:"pid"`
	Host string `json:"host"`
	// Purpose is the reason for the lock: the name of the task.
	Purpose string `json:"purpose,omitempty"`
	// Payload is for the next holder, if the process dies with the lock.
	Payload string    `json:"will,omitempty"`
	Since   time.Time `json:"since"`
}

func (h lockHolder) String() string {
	if h.Pid == 0 {
		return "another process"
	}
	text := fmt.Sprintf("process %d on %s, since %s", h.Pid, h.Host, h.Since.Local().Format(time.DateTime))
	if h.Purpose != "" {
		text = h.Purpose + " (" + text + ")"
	}
	return text
}

// lockOptions are the options of [Dir.lockWith].
type lockOptions struct {
	// Purpose appears in the messages of waiting processes.
	Purpose string
	// Payload is for the next holder, if this process dies with the lock.
	Payload string
	// OnWait is called once before a wait; nil: no call.
	OnWait func(lockHolder)
	// OnStaleLock is called with the lock held, if the last holder died with the lock. Children of the last
	// holder may still run. Nil: no call.
	OnStaleLock func(lockHolder)
}

func (o lockOptions) holder() lockHolder {
	return lockHolder{Purpose: o.Purpose, Payload: o.Payload}
}

// Lock takes the lock of a name, and waits until ctx ends. A name may contain any characters. The lock
// excludes all other processes and goroutines with the same state directory. The lock is not reentrant. The
// death of the process releases the lock. A second call of unlock does nothing.
func (d *Dir) Lock(ctx context.Context, name string) (unlock func(), err error) {
	return d.lockWith(ctx, name, lockOptions{})
}

// lockWith is like [Dir.Lock], with options about the holder.
func (d *Dir) lockWith(ctx context.Context, name string, opts lockOptions) (unlock func(), err error) {
	dir, err := d.Path()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, fileName("lock", name))
	if err := checkLock(path); err != nil {
		return nil, err
	}
	// Every call opens the file, so goroutines exclude each other like processes. The file stays after the
	// release: a waiting process has an open file already, and would hold a lock on a file without a name.
	lock := flock.New(path, flock.SetPermissions(0o644))
	if err := acquireLock(ctx, lock, path, opts.OnWait); err != nil {
		_ = lock.Close()
		return nil, lockError(ctx, name, path, err)
	}
	// A release removes the holder file first, so a remaining holder file is from a dead process.
	if staleHolder := readHolder(path); staleHolder.Pid != 0 && opts.OnStaleLock != nil {
		opts.OnStaleLock(staleHolder)
	}
	writeHolder(path, opts.holder())
	return sync.OnceFunc(func() {
		_ = removeFile(holderPath(path))
		_ = lock.Close()
	}), nil
}

// checkLock refuses links and pipes, because behind a link the lock would be elsewhere. checkLock also refuses files of
// other users: another user could hold the lock for ever.
func checkLock(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err == nil && !info.Mode().IsRegular():
		return &foreignError{path, fmt.Sprintf("is not a lock (mode %v): remove it", info.Mode())}
	case err == nil:
		if err = checkTrust(path, info); err != nil {
			return fmt.Errorf("%w: remove the file", err)
		}
	}
	return err
}

func acquireLock(ctx context.Context, lock *flock.Flock, path string, onWait func(lockHolder)) error {
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
		holder := readHolder(path)
		return fmt.Errorf("stopped waiting for the lock %q, held by %s: %w", name, holder, context.Cause(ctx))
	}
	return fmt.Errorf("cannot take the lock %q (%s): %w", name, path, err)
}

func holderPath(lockPath string) string { return lockPath + ".holder" }

// writeHolder describes this process for waiting processes. The lock holds without the description, so errors
// do not matter.
func writeHolder(path string, h lockHolder) {
	h.Pid, h.Since = os.Getpid(), time.Now()
	h.Host, _ = os.Hostname()
	content, err := json.Marshal(h)
	if err == nil {
		_ = replaceFile(holderPath(path), content, writeContent)
	}
}

// readHolder returns the description of the holder. A new holder may not have a description yet.
func readHolder(path string) lockHolder {
	var h lockHolder
	root, err := os.OpenRoot(filepath.Dir(path)) // the directory of a lock has been checked
	if err != nil {
		return h
	}
	defer root.Close()
	if content, err := readFileIn(root, filepath.Base(holderPath(path))); err == nil {
		_ = json.Unmarshal(content, &h)
	}
	return h
}
