package watch

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"
)

// Batch is what changed between two moments of quiet.
type Batch struct {
	// Changes are the files that were written, made, removed or renamed: relative to Root, with slashes, sorted, each
	// one once.
	Changes []string
	// Overflow says that the system dropped events: anything may have changed.
	Overflow bool
	// Err says that something cannot be watched any more, such as a [*LimitError]. What is watched still is.
	Err error
}

// event is what the watcher hands to the debouncer.
type event struct {
	changes  []string
	overflow bool
	err      error
}

func (e event) empty() bool { return len(e.changes) == 0 && !e.overflow && e.err == nil }

// longest is how long a batch may last, so that a steady stream of changes does not starve.
func longest(quiet time.Duration) time.Duration { return max(10*quiet, time.Second) }

// debounce gathers events until there is none for the quiet interval, or the longest time is over since the first. As
// long as nobody receives a batch, it grows: events are always taken. It closes batches when ctx ends, or once events
// is closed and what was gathered is received.
func debounce(ctx context.Context, events <-chan event, quiet time.Duration, batches chan<- Batch) {
	defer close(batches)
	var g gatherer
	for {
		var ready chan<- Batch
		if g.complete {
			ready = batches
		}
		select {
		case <-ctx.Done():
			return
		case e, open := <-events:
			if !open {
				events, g.complete = nil, true
			}
			g.add(e, quiet)
		case <-g.quiet:
			g.complete = true
		case <-g.latest:
			g.complete = true
		case ready <- g.batch():
			g = gatherer{complete: events == nil}
		}
		if events == nil && g.isEmpty() {
			return
		}
	}
}

// gatherer is a batch in the making.
type gatherer struct {
	changes       map[string]bool
	overflow      bool
	err           error
	complete      bool
	quiet, latest <-chan time.Time
}

func (g *gatherer) isEmpty() bool { return len(g.changes) == 0 && !g.overflow && g.err == nil }

func (g *gatherer) add(e event, quiet time.Duration) {
	if e.empty() {
		return
	}
	if g.changes == nil {
		g.changes = map[string]bool{}
		g.latest = time.After(longest(quiet))
	}
	for _, change := range e.changes {
		g.changes[change] = true
	}
	g.overflow = g.overflow || e.overflow
	g.err = errors.Join(g.err, e.err)
	g.quiet = time.After(quiet)
}

func (g *gatherer) batch() Batch {
	if !g.complete {
		return Batch{} // not asked for yet
	}
	return Batch{Changes: slices.Sorted(maps.Keys(g.changes)), Overflow: g.overflow, Err: g.err}
}

// merge adds a later batch.
func (b *Batch) merge(later Batch) {
	b.Changes = slices.Concat(b.Changes, later.Changes)
	slices.Sort(b.Changes)
	b.Changes = slices.Compact(b.Changes)
	b.Overflow = b.Overflow || later.Overflow
	b.Err = errors.Join(b.Err, later.Err)
}
