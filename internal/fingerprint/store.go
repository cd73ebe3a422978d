package fingerprint

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"
)

// Files keeps small files by name; internal/coord does. What was never written is nil.
type Files interface {
	ReadFile(name string) ([]byte, error)
	WriteFile(name string, content []byte) error
}

// Store tells of changes, and keeps records of successes.
type Store struct {
	files Files
	// now is the clock that files are told to be young by.
	now func() time.Time
}

// New returns the store that keeps its records in files.
func New(files Files) *Store { return &Store{files: files, now: time.Now} }

// Request asks whether one task is up to date.
type Request struct {
	// Key is the name that its record is kept by.
	Key string
	// Dir is where the globs start.
	Dir             string
	Inputs, Outputs []string
	// Parts is whatever else it depends on, by names for the user: "the command". Values are not kept, only their hashes.
	Parts map[string]string
}

// Comparison is what a look has found.
type Comparison struct {
	// Reason is why the task is not up to date: "input a.go differs"; empty: it is.
	Reason string

	store   *Store
	request Request
	current *taskFingerprint
	listing listing
	// isListingChanged says that the listing has something that the kept one lacks.
	isListingChanged bool
}

// Check compares what there is with the record. It changes nothing.
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

// Prefixes are what the names of all that a store keeps begin with.
func Prefixes() []string { return []string{listingPrefix, fingerprintPrefix} }

// readInputs finds the inputs, and reads those that are not in an earlier listing as they are now. Outputs are no inputs.
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

// hashFiles takes over what is known, and reads the rest with as many readers as there are processors.
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
			e.state.size = -1 // no file is like this one: it is read again the next time
		}
		return err
	})
	return found, err
}

// forEachParallel does n things with few goroutines, each of which has a buffer, and returns the first error.
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

// Remember keeps what was read, so that the next look need not, whatever becomes of the run.
func (a *Comparison) Remember() error {
	if !a.isListingChanged {
		return nil
	}
	a.isListingChanged = false
	return a.store.files.WriteFile(a.request.listingFile(), a.listing.encode())
}

// Succeeded keeps the record of a run that began after the look. Where an input has changed since, nobody knows which
// content the run has seen: changed is true then, and the task is not up to date the next time.
func (a *Comparison) Succeeded(ctx context.Context) (changed bool, err error) {
	earlier := a.current
	if err := a.readInputs(ctx, a.listing); err != nil {
		return false, err
	}
	if err := a.Remember(); err != nil {
		return false, err
	}
	if earlier.inputsHash != a.current.inputsHash || hasWrittenFiles(earlier.files, a.current.files) {
		return true, a.store.files.WriteFile(a.request.fingerprintFile(), []byte(changedDuringRun))
	}
	return false, a.store.files.WriteFile(a.request.fingerprintFile(), earlier.encode())
}

// hasWrittenFiles says that a file was written between two looks at the same names and contents: it may have had another content meanwhile.
func hasWrittenFiles(earlier, now listing) bool {
	return !slices.EqualFunc(earlier, now, func(a, b entry) bool { return !a.state.isWrittenBefore(b.state) })
}

// Invalidate lets a task not be up to date until it succeeds again.
func (s *Store) Invalidate(key string) error {
	return s.files.WriteFile(fingerprintPrefix+key, []byte(notSucceeded))
}
