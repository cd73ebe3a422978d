package fingerprint

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"
)

// Files keeps small files by name; internal/state does. What was never written is nil.
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

// Question asks whether one task is up to date.
type Question struct {
	// Record is the name that its record is kept by.
	Record string
	// Dir is where the globs start.
	Dir             string
	Inputs, Outputs []string
	// Parts is whatever else it depends on, by names for the user: "the command". Values are not kept, only their hashes.
	Parts map[string]string
}

// Answer is what a look has found.
type Answer struct {
	// Reason is why the task is not up to date: "input a.go differs"; empty: it is.
	Reason string

	store    *Store
	question Question
	now      *record
	found    listing
	// read says that the listing has something that the kept one lacks.
	read bool
}

// Look compares what there is with the record. It changes nothing.
func (s *Store) Look(ctx context.Context, q Question) (*Answer, error) {
	kept, err := s.files.ReadFile(q.listing())
	if err != nil {
		return nil, err
	}
	a := &Answer{store: s, question: q}
	if err := a.look(ctx, decodeListing(kept)); err != nil {
		return nil, err
	}
	before, err := s.files.ReadFile(q.record())
	if err != nil {
		return nil, err
	}
	if len(a.found) == 0 {
		a.Reason = "no file matches its inputs"
	} else if a.Reason = a.now.differs(before); a.Reason == "" {
		a.Reason, err = missing(ctx, q)
	}
	return a, err
}

const listings, runs = "inputs/", "run/"

func (q Question) listing() string { return listings + q.Record }
func (q Question) record() string  { return runs + q.Record }

// Prefixes are what the names of all that a store keeps begin with.
func Prefixes() []string { return []string{listings, runs} }

// look finds the inputs, and reads those that are not in an earlier listing as they are now. Outputs are no inputs.
func (a *Answer) look(ctx context.Context, before listing) error {
	files, err := walk(ctx, a.question.Dir, a.question.Inputs)
	if err != nil {
		return fmt.Errorf("inputs: %w", err)
	}
	if files, err = withoutOutputs(files, a.question); err != nil {
		return fmt.Errorf("outputs: %w", err)
	}
	if a.found, err = a.hashes(ctx, files, before); err != nil {
		return fmt.Errorf("inputs: %w", err)
	}
	a.now = newRecord(a.found, a.question.Parts)
	return nil
}

// hashes takes over what is known, and reads the rest with as many readers as there are processors.
func (a *Answer) hashes(ctx context.Context, files []file, before listing) (listing, error) {
	found := make(listing, len(files))
	var unread []int
	known := finder{before}
	for i, f := range files {
		e, ok := known.find(f.name)
		if !ok || f.target != "" || e.seen != f.seen {
			e = entry{name: f.name, seen: f.seen}
			unread = append(unread, i)
		}
		found[i] = e
	}
	a.read = a.read || len(unread) > 0 || len(before) != len(found)
	err := together(ctx, len(unread), func(i int, buffer []byte) (err error) {
		e := &found[unread[i]]
		e.sum, err = files[unread[i]].hash(buffer)
		if !e.seen.settled(a.store.now()) {
			e.seen.size = -1 // no file is like this one: it is read again the next time
		}
		return err
	})
	return found, err
}

// together does n things with few goroutines, each of which has a buffer, and returns the first error.
func together(ctx context.Context, n int, do func(i int, buffer []byte) error) error {
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
func (a *Answer) Remember() error {
	if !a.read {
		return nil
	}
	a.read = false
	return a.store.files.WriteFile(a.question.listing(), a.found.encode())
}

// Succeeded keeps the record of a run that began after the look. Where an input has changed since, nobody knows which
// content the run has seen: changed is true then, and the task is not up to date the next time.
func (a *Answer) Succeeded(ctx context.Context) (changed bool, err error) {
	then := a.now
	if err := a.look(ctx, a.found); err != nil {
		return false, err
	}
	if err := a.Remember(); err != nil {
		return false, err
	}
	if then.whole != a.now.whole || touched(then.files, a.now.files) {
		return true, a.store.files.WriteFile(a.question.record(), []byte(whileRunning))
	}
	return false, a.store.files.WriteFile(a.question.record(), then.encode())
}

// touched says that a file was written between two looks at the same names and contents: it may have had another content meanwhile.
func touched(then, now listing) bool {
	return !slices.EqualFunc(then, now, func(a, b entry) bool { return !a.seen.writtenBefore(b.seen) })
}

// Void lets a task not be up to date until it succeeds again.
func (s *Store) Void(record string) error {
	return s.files.WriteFile(runs+record, []byte(notSucceeded))
}
