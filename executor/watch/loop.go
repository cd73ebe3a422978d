package watch

import (
	"context"
	"errors"
	"time"
)

var (
	// ErrChanged is the cancel cause of a run after a change of files.
	ErrChanged = errors.New("files changed")
	// ErrEnd is the result of a run that ends the loop without an error.
	ErrEnd = errors.New("the watch is to end")
)

// Policy is the reaction to a batch during a run.
type Policy int

const (
	// Restart cancels the run, and starts a new run after its end.
	Restart Policy = iota
	// Queue starts a new run after the end of the current run.
	Queue
	// Ignore drops the batch. Only a later batch starts a run.
	Ignore
)

// LoopOptions are the options of [LoopWith].
type LoopOptions struct {
	OnBusy Policy
	// SkipInitial waits for the first batch before the first run.
	SkipInitial bool
	// Root is the base directory of the paths in batches. If set, a change during or shortly after a run only counts
	// with new content since the file's last change. So a run that writes equal files again and again makes no loop.
	Root string
}

// ownWriteWindow is how long after a run a change may come from the run: the debounce interval and a reserve.
const ownWriteWindow = time.Second

// Loop runs once, then again for every batch. Loop cancels the current run with the cause [ErrChanged], waits for its
// end, and starts a new run. Batches during the wait become one batch.
//
// The first run has a nil batch. An error of a run ends the loop and is returned, but [ErrEnd] as nil. The result of a
// run cancelled by a change is dropped. The loop ends without error when ctx ends, or when batches is closed. The loop
// waits for the current run, and the end of ctx cancels this run.
func Loop(ctx context.Context, batches <-chan Batch, run func(ctx context.Context, batch *Batch) error) error {
	return LoopWith(ctx, batches, LoopOptions{}, run)
}

// LoopWith is [Loop] with options.
func LoopWith(
	ctx context.Context, batches <-chan Batch, opts LoopOptions, run func(ctx context.Context, batch *Batch) error,
) error {
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

// loop is the state of a rerun loop. The goroutine of LoopWith owns the state.
type loop struct {
	batches <-chan Batch // nil after the channel is closed
	policy  Policy
	run     func(ctx context.Context, batch *Batch) error
	pending *Batch // the batch for the next run

	digests *contentDigests // nil: every change counts
	endedAt time.Time       // the end of the last run
}

// runOnce performs one run to its end.
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
				return nil // a cancelled run has no result
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

// handleBusy handles a batch during a run.
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

// awaitBatch waits for a batch, and reports whether there is a batch. False means: no batch will come.
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

// withoutOwnWrites removes files with unchanged content from a batch, because a run may have written them. The second
// result reports whether the rest is relevant.
func (l *loop) withoutOwnWrites(b Batch) (Batch, bool) {
	if l.digests == nil {
		return b, true
	}
	b.Changes = l.digests.changed(b.Changes)
	return b, len(b.Changes) > 0 || b.Overflow || b.Err != nil
}
