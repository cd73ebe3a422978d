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

func (e event) isEmpty() bool { return len(e.changes) == 0 && !e.overflow && e.err == nil }

// maxBatchDuration is how long a batch may last, so that a steady stream of changes does not starve.
func maxBatchDuration(quiet time.Duration) time.Duration { return max(10*quiet, time.Second) }

// debounce gathers events until there is none for the quiet interval, or the longest time is over since the first. As
// long as nobody receives a batch, it grows: events are always taken. It closes batches when ctx ends, or once events
// is closed and what was gathered is received.
func debounce(ctx context.Context, events <-chan event, quiet time.Duration, batches chan<- Batch) {
	defer close(batches)
	var g batchBuilder
	for {
		var ready chan<- Batch
		if g.isComplete {
			ready = batches
		}
		select {
		case <-ctx.Done():
			return
		case e, open := <-events:
			if !open {
				events, g.isComplete = nil, true
			}
			g.add(e, quiet)
		case <-g.quiet:
			g.isComplete = true
		case <-g.latest:
			g.isComplete = true
		case ready <- g.batch():
			g = batchBuilder{isComplete: events == nil}
		}
		if events == nil && g.isEmpty() {
			return
		}
	}
}

// batchBuilder is a batch in the making.
type batchBuilder struct {
	changes       map[string]bool
	overflow      bool
	err           error
	isComplete    bool
	quiet, latest <-chan time.Time
}

func (g *batchBuilder) isEmpty() bool { return len(g.changes) == 0 && !g.overflow && g.err == nil }

func (g *batchBuilder) add(e event, quiet time.Duration) {
	if e.isEmpty() {
		return
	}
	if g.changes == nil {
		g.changes = map[string]bool{}
		g.latest = time.After(maxBatchDuration(quiet))
	}
	for _, change := range e.changes {
		g.changes[change] = true
	}
	g.overflow = g.overflow || e.overflow
	g.err = errors.Join(g.err, e.err)
	g.quiet = time.After(quiet)
}

func (g *batchBuilder) batch() Batch {
	if !g.isComplete {
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
