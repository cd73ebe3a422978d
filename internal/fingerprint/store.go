package fingerprint

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"
)

// Files stores small files by name, like internal/coord. A missing file has nil content. No other user may read the
// files: a short secret can be guessed from its hash.
type Files interface {
	ReadFile(name string) ([]byte, error)
	WritePrivate(name string, content []byte) error
}

// Store finds changes, and keeps the fingerprints of successful task runs.
type Store struct {
	files Files
	// now is the clock for the age of files.
	now func() time.Time
}

// New returns a store with its fingerprints in files.
func New(files Files) *Store { return &Store{files: files, now: time.Now} }

// Request describes a task for a check.
type Request struct {
	// Key is the name of the task's fingerprint.
	Key string
	// Dir is the base directory of the globs.
	Dir             string
	Inputs, Outputs []string
	// Parts are the other inputs of the task, by names for the user like "the command". The store keeps hashes of the
	// values only.
	Parts map[string]string
}

// Comparison is the result of a check.
type Comparison struct {
	// Reason states the first change, like "input a.go differs". An empty reason means that the task is up to date.
	Reason string

	store   *Store
	request Request
	current *taskFingerprint
	listing listing
	// isListingChanged reports whether the listing differs from the kept listing.
	isListingChanged bool
}

// Check compares the task's inputs and outputs with the kept fingerprint. Check changes nothing.
func (s *Store) Check(ctx context.Context, q Request) (*Comparison, error) {
	kept, err := s.files.ReadFile(q.listingFile())
	if err != nil {
		return nil, err
	}
	a := &Comparison{store: s, request: q}
	if err := a.readInputs(ctx, decodeListing(kept)); err != nil {
		return nil, err
	}
	before, err := s.files.ReadFile(q.fingerprintFile())
	if err != nil {
		return nil, err
	}
	if len(a.listing) == 0 {
		a.Reason = "no file matches its inputs"
	} else if a.Reason = a.current.firstDifference(before); a.Reason == "" {
		a.Reason, err = missingOutput(ctx, q)
	}
	return a, err
}

const listingPrefix, fingerprintPrefix = "inputs/", "run/"

func (q Request) listingFile() string     { return listingPrefix + q.Key }
func (q Request) fingerprintFile() string { return fingerprintPrefix + q.Key }

// Prefixes returns the name prefixes of all files of a store.
func Prefixes() []string { return []string{listingPrefix, fingerprintPrefix} }

// readInputs finds the inputs, and hashes the files without a current entry in the earlier listing. Outputs do not
// count as inputs.
func (a *Comparison) readInputs(ctx context.Context, before listing) error {
	files, err := walk(ctx, a.request.Dir, a.request.Inputs)
	if err != nil {
		return fmt.Errorf("inputs: %w", err)
	}
	if files, err = withoutOutputs(files, a.request); err != nil {
		return fmt.Errorf("outputs: %w", err)
	}
	if a.listing, err = a.hashFiles(ctx, files, before); err != nil {
		return fmt.Errorf("inputs: %w", err)
	}
	a.current = newFingerprint(a.listing, a.request.Parts)
	return nil
}

// hashFiles takes known hashes from the earlier listing, and hashes the other files with a reader per processor.
func (a *Comparison) hashFiles(ctx context.Context, files []file, before listing) (listing, error) {
	found := make(listing, len(files))
	var unread []int
	known := finder{before}
	for i, f := range files {
		e, ok := known.find(f.name)
		if !ok || f.target != "" || e.state != f.state {
			e = entry{name: f.name, state: f.state}
			unread = append(unread, i)
		}
		found[i] = e
	}
	a.isListingChanged = a.isListingChanged || len(unread) > 0 || len(before) != len(found)
	err := forEachParallel(ctx, len(unread), func(i int, buffer []byte) (err error) {
		e := &found[unread[i]]
		e.sum, err = files[unread[i]].hash(buffer)
		if !e.state.isSettled(a.store.now()) {
			e.state.size = -1 // an impossible state: the next check hashes the file again
		}
		return err
	})
	return found, err
}

// forEachParallel performs n calls in a few goroutines, each with a buffer, and returns the first error.
func forEachParallel(ctx context.Context, n int, do func(i int, buffer []byte) error) error {
	var all sync.WaitGroup
	var once sync.Once
	var first error
	next := make(chan int)
	for range min(n, runtime.GOMAXPROCS(0)) {
		all.Go(func() {
			buffer := make([]byte, 64<<10)
			for i := range next {
				if err := do(i, buffer); err != nil {
					once.Do(func() { first = err })
				}
			}
		})
	}
	for i := range n {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	all.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return first
}

// Remember keeps the listing, so the next check skips unchanged files. The result of the run does not matter.
func (a *Comparison) Remember() error {
	if !a.isListingChanged {
		return nil
	}
	a.isListingChanged = false
	return a.store.files.WritePrivate(a.request.listingFile(), a.listing.encode())
}

// Succeeded keeps the fingerprint of a run that began after the check. If an input has changed since, the content that
// the run read is unknown: changed is true, and the task is not up to date at the next check.
func (a *Comparison) Succeeded(ctx context.Context) (changed bool, err error) {
	earlier := a.current
	if err := a.readInputs(ctx, a.listing); err != nil {
		return false, err
	}
	if err := a.Remember(); err != nil {
		return false, err
	}
	if earlier.inputsHash != a.current.inputsHash || hasWrittenFiles(earlier.files, a.current.files) {
		return true, a.store.files.WritePrivate(a.request.fingerprintFile(), []byte(changedDuringRun))
	}
	return false, a.store.files.WritePrivate(a.request.fingerprintFile(), earlier.encode())
}

// hasWrittenFiles reports whether a file was written between two listings with equal names and contents. In between,
// the file may have had another content.
func hasWrittenFiles(earlier, now listing) bool {
	return !slices.EqualFunc(earlier, now, func(a, b entry) bool { return !a.state.isWrittenBefore(b.state) })
}

// Invalidate discards the fingerprint, so the task is not up to date before the next success.
func (s *Store) Invalidate(key string) error {
	return s.files.WritePrivate(fingerprintPrefix+key, []byte(notSucceeded))
}
