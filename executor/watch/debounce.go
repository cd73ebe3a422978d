package watch

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"
)

// Batch holds the changes between two quiet moments.
type Batch struct {
	// Changes are the written, created, removed or renamed files: relative to Root, with slashes, sorted, without
	// duplicates.
	Changes []string
	// Overflow reports whether the system dropped events. Then any file may have changed.
	Overflow bool
	// Err is set if some files can no longer be watched, for example a [*LimitError]. The watch continues for the other
	// files.
	Err error
	// IsRequested reports whether a person asks for a run, without a change.
	IsRequested bool
}

// event is a message from the watcher to the debouncer.
type event struct {
	changes  []string
	overflow bool
	err      error
}

func (e event) isEmpty() bool { return len(e.changes) == 0 && !e.overflow && e.err == nil }

// maxBatchDuration limits the duration of a batch. Otherwise a steady stream of changes would never end a batch.
func maxBatchDuration(quiet time.Duration) time.Duration { return max(10*quiet, time.Second) }

// debounce collects events until the quiet interval passes without an event, or the maximum duration has passed since
// the first. While no receiver takes a batch, the batch grows: debounce always takes events. debounce closes batches
// after the end of ctx, or after events is closed and the last batch is received. begun is called at the first event of
// each batch.
func debounce(
	ctx context.Context, events <-chan event, quiet time.Duration, batches chan<- Batch, begun func(),
) {
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
			if g.isEmpty() && !e.isEmpty() {
				begun()
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

// batchBuilder is a growing batch.
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
		return Batch{} // not needed yet
	}
	return Batch{Changes: slices.Sorted(maps.Keys(g.changes)), Overflow: g.overflow, Err: g.err}
}

// merge adds a later batch.
func (b *Batch) merge(later Batch) {
	b.Changes = slices.Concat(b.Changes, later.Changes)
	slices.Sort(b.Changes)
	b.Changes = slices.Compact(b.Changes)
	b.Overflow, b.IsRequested = b.Overflow || later.Overflow, b.IsRequested || later.IsRequested
	b.Err = errors.Join(b.Err, later.Err)
}
