package coord

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"sync"
)

// Leases are the leases of this process: on services and networks of runs. While a process has a lease on a
// resource, no other process removes the resource. The life of a lease is Acquire, Retain, ReleaseLast.
type Leases struct {
	dirs  []*Dir
	files *leaseFiles
	mu    sync.Mutex
	// wasAcquired reports whether this process ever asked for a lease.
	wasAcquired bool
	held        map[string]*lease
	// usedNames are the names of all plans so far.
	usedNames map[string]bool
	// deferred are leases on transient resources without a plan. The release of the leases comes later, by
	// TakeDeferred.
	deferred map[string]bool
}

func newLeases(dirs []*Dir) *Leases {
	return &Leases{
		dirs: dirs, files: newLeaseFiles(dirs...),
		held: map[string]*lease{}, usedNames: map[string]bool{}, deferred: map[string]bool{},
	}
}

// Locations returns a hash for each directory of the leases, with the machine and the machine's last start. A
// process without leases creates no directory, and gets no hash.
func (l *Leases) Locations() (hashes []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	self, ok := CurrentOwner()
	if !ok || !l.wasAcquired {
		return nil
	}
	for _, dir := range l.dirs {
		if path, err := dir.Path(); err == nil {
			hashes = append(hashes, self.hashOfDir(path))
		}
	}
	return hashes
}

// VisibleLocations returns the hashes of all directories with leases that this process would see. Unlike Locations,
// VisibleLocations creates no directory, and needs no lease of this process.
func (l *Leases) VisibleLocations() (hashes []string) {
	self, ok := CurrentOwner()
	if !ok {
		return nil
	}
	for _, dir := range l.dirs {
		if path, exists := dir.existing(); exists {
			hashes = append(hashes, self.hashOfDir(path))
		}
	}
	return hashes
}

// hashOfDir returns the hash of a directory on this machine, since the machine's last start.
func (o Owner) hashOfDir(path string) string {
	sum := sha256.Sum256([]byte(o.World() + "\x00" + path))
	return hex.EncodeToString(sum[:8])
}

// Acquire takes a lease on each name. While another process removes a named resource, Acquire waits, and
// calls onWait with a description of the process.
func (l *Leases) Acquire(ctx context.Context, names []string, onWait func(holder string)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wasAcquired = l.wasAcquired || len(names) > 0
	for _, name := range names {
		if l.held[name] != nil {
			continue
		}
		lease, err := l.files.Acquire(ctx, name, lockOptions{OnWait: func(h lockHolder) { onWait(h.String()) }})
		if err != nil {
			return err
		}
		l.held[name] = lease
	}
	return nil
}

// Retain keeps the leases on the names of a plan, and of earlier plans, and releases the rest. Retain only
// defers the release of transient names: another run may have ended before, and may have left the removal to
// this process.
func (l *Leases) Retain(names []string, transient map[string]bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range names {
		l.usedNames[name] = true
	}
	for name, lease := range l.held {
		switch {
		case l.usedNames[name]:
		case transient[name]:
			l.deferred[name] = true
		default:
			lease.Release()
			delete(l.held, name)
		}
	}
}

// AreUsed reports whether earlier plans have used all names, so that the leases were never released.
func (l *Leases) AreUsed(names []string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !slices.ContainsFunc(names, func(name string) bool { return !l.usedNames[name] })
}

// TakeDeferred returns the names with a deferred release. The first caller gets the names, and owes the
// release.
func (l *Leases) TakeDeferred() (names map[string]bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	names, l.deferred = l.deferred, map[string]bool{}
	return names
}

// ReleaseLast releases the lease of a name, if this process has a lease. isLast reports whether no process
// has a lease now. Then new users wait until the caller calls done.
func (l *Leases) ReleaseLast(name string) (done func(), isLast bool) {
	l.mu.Lock()
	lease := l.held[name]
	delete(l.held, name)
	l.mu.Unlock()
	purpose := "the removal of " + name
	if lease != nil {
		return lease.ReleaseLast(purpose)
	}
	done, isLast, err := l.files.TryExclusive(name, purpose)
	return done, isLast && err == nil
}

// IsInUse reports whether a process has a lease on a name. Where the files cannot tell, no process could take
// a lease either.
func (l *Leases) IsInUse(name, displayName string) bool {
	done, isFree, err := l.files.TryExclusive(name, "a look at "+displayName)
	if err != nil {
		return false
	}
	if isFree {
		done()
	}
	return !isFree
}
