package watch

import (
	"context"
	"errors"
	"time"
)

var (
	// ErrChanged is the cause with which a run is cancelled because files changed.
	ErrChanged = errors.New("files changed")
	// ErrEnd is what a run returns to end the loop without an error.
	ErrEnd = errors.New("the watch is to end")
)

// Policy says what a batch does while a run is under way.
type Policy int

const (
	// Restart cancels the run, and starts anew when it has ended.
	Restart Policy = iota
	// Queue starts anew when the run has ended by itself.
	Queue
	// Ignore does nothing: only a batch that comes later starts a run.
	Ignore
)

// LoopOptions are those of [LoopWith].
type LoopOptions struct {
	OnBusy Policy
	// SkipInitial waits for the first batch before the first run.
	SkipInitial bool
	// Root is the directory that the paths of batches start at. Where it is set, a file that changes while a run is under
	// way, or just after, counts only if its content is another than when it changed the last time: what a run writes
	// over and over makes no loop.
	Root string
}

// ownWriteWindow is how long after a run a change may still be the run's own: the debounce interval and some more.
const ownWriteWindow = time.Second

// Loop runs once, then again for every batch: it cancels the run under way with the cause [ErrChanged], waits until it
// has returned, and starts anew. Batches that come in the meantime become one.
//
// The batch is nil in the first run. An error of a run ends the loop and is returned, [ErrEnd] as nil; what a run
// returns after it was cancelled by a change is dropped. The loop ends without error when ctx ends, or when batches is
// closed; it waits for the run under way, which ctx cancels.
func Loop(ctx context.Context, batches <-chan Batch, run func(ctx context.Context, batch *Batch) error) error {
	return LoopWith(ctx, batches, LoopOptions{}, run)
}

// LoopWith is [Loop] with options.
func LoopWith(ctx context.Context, batches <-chan Batch, opts LoopOptions, run func(ctx context.Context, batch *Batch) error) error {
	l := &loop{batches: batches, policy: opts.OnBusy, run: run}
	if opts.Root != "" {
		l.digests = &contentDigests{root: opts.Root, digests: map[string]digest{}}
	}
	if opts.SkipInitial && !l.awaitBatch(ctx) {
		return nil
	}
	for ctx.Err() == nil {
		if err := l.runOnce(ctx); errors.Is(err, ErrEnd) {
			return nil
		} else if err != nil {
			return err
		}
		if !l.awaitBatch(ctx) {
			return nil
		}
	}
	return nil
}

// loop is the state of a rerun loop; the goroutine of LoopWith owns it.
type loop struct {
	batches <-chan Batch // nil once it is closed
	policy  Policy
	run     func(ctx context.Context, batch *Batch) error
	pending *Batch // what the next run is for

	digests *contentDigests // nil: every change counts
	endedAt time.Time       // when the last run has
}

// runOnce runs to the end.
func (l *loop) runOnce(ctx context.Context) error {
	runCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	batch := l.pending
	l.pending = nil
	defer func() { l.endedAt = time.Now() }()
	done := make(chan error, 1)
	go func() { done <- l.run(runCtx, batch) }()
	for {
		select {
		case err := <-done:
			if ctx.Err() != nil || errors.Is(context.Cause(runCtx), ErrChanged) {
				return nil // it ended since it had to
			}
			return err
		case next, open := <-l.batches:
			if !open {
				l.batches = nil
				continue
			}
			if next, isRelevant := l.withoutOwnWrites(next); isRelevant {
				l.handleBusy(next, cancel)
			}
		}
	}
}

// handleBusy takes in a batch that came while a run is under way.
func (l *loop) handleBusy(next Batch, cancel context.CancelCauseFunc) {
	if l.policy == Ignore {
		return
	}
	l.add(next)
	if l.policy == Restart {
		cancel(ErrChanged)
	}
}

func (l *loop) add(next Batch) {
	if l.pending == nil {
		l.pending = &Batch{}
	}
	l.pending.merge(next)
}

// awaitBatch returns whether there is a batch to run for; false, when there will never be one.
func (l *loop) awaitBatch(ctx context.Context) bool {
	for l.pending == nil && l.batches != nil && ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case next, open := <-l.batches:
			if !open {
				l.batches = nil
				continue
			}
			mayBeOwn := time.Since(l.endedAt) < ownWriteWindow
			if foreign, isRelevant := l.withoutOwnWrites(next); isRelevant || !mayBeOwn {
				if mayBeOwn {
					next = foreign
				}
				l.add(next)
			}
		}
	}
	return l.pending != nil && ctx.Err() == nil
}

// withoutOwnWrites takes the files out of a batch that a run can have written once more with the same content, and says whether
// anything is left.
func (l *loop) withoutOwnWrites(b Batch) (Batch, bool) {
	if l.digests == nil {
		return b, true
	}
	b.Changes = l.digests.changed(b.Changes)
	return b, len(b.Changes) > 0 || b.Overflow || b.Err != nil
}
