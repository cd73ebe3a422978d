package watch

import (
	"context"
	"errors"
	"slices"
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
	// Root is the base directory of the paths in batches. If set, a file does not count during or shortly after a run if
	// two runs in a row leave the file as before. So a run that writes equal files again and again makes no loop.
	Root string
	// Debounce is the quiet interval of the batches. Changes of a run come later by this interval.
	Debounce time.Duration
	// IsOutput reports whether a dependency of the runs declares a file as an output. Such a change during or shortly
	// after a run is the run's own. IsOutput may be nil.
	IsOutput func(file string) bool
	// Explain is called for a changed file that starts no run, with the reason. Explain may be nil.
	Explain func(file, reason string)
	// OnOwnWrites is called for files that the runs themselves write again and again. Their changes start runs later and
	// later, or no run any more if the runs end by themselves (isStopped). OnOwnWrites may be nil.
	OnOwnWrites func(files []string, isStopped bool)
}

// ownWriteWindow is how long after a run a change may come from the run, beside the debounce interval.
const ownWriteWindow = 500 * time.Millisecond

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
	l := &loop{batches: batches, options: opts, run: run}
	l.guard.report = opts.OnOwnWrites
	if opts.Root != "" {
		l.digests = newContentDigests(opts.Root)
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
	options LoopOptions
	run     func(ctx context.Context, batch *Batch) error
	pending *Batch // the batch for the next run

	digests *contentDigests // nil: every change counts
	endedAt time.Time       // the end of the last run
	guard   loopGuard
	// held is a batch of suspicious files, and heldUntil the end of its delay.
	held      *Batch
	heldUntil <-chan time.Time
}

// runOnce performs one run to its end.
func (l *loop) runOnce(ctx context.Context) error {
	runCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	batch := l.pending
	l.pending = nil
	done := make(chan error, 1)
	l.guard.begin()
	go func() { done <- l.run(runCtx, batch) }()
	for {
		select {
		case err := <-done:
			isCancelled := errors.Is(context.Cause(runCtx), ErrChanged)
			l.endRun(isCancelled)
			if ctx.Err() != nil || isCancelled {
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
		case <-l.heldUntil:
			l.endDelay()
			cancel(ErrChanged)
		}
	}
}

// handleBusy handles a batch during a run. A batch of suspicious files waits for the end of the run, or for its delay.
func (l *loop) handleBusy(next Batch, cancel context.CancelCauseFunc) {
	if next.IsRequested {
		l.add(next)
		cancel(ErrChanged)
		return
	}
	if l.options.OnBusy == Ignore {
		return
	}
	l.guard.observe(next)
	if l.options.OnBusy == Restart && !l.guard.isSuspicious(next) {
		l.add(next)
		cancel(ErrChanged)
		return
	}
	if l.options.OnBusy == Restart && l.held == nil {
		l.delay(next)
	}
	l.hold(next)
}

// hold adds a batch to the held batch.
func (l *loop) hold(next Batch) {
	if l.held == nil {
		l.held = &Batch{}
	}
	l.held.merge(next)
}

// delay begins the delay of suspicious files.
func (l *loop) delay(suspicious Batch) {
	l.heldUntil = time.After(l.guard.delay(suspicious))
	l.guard.tell(suspicious, false)
}

// endDelay makes the held batch a part of the next run, after its delay.
func (l *loop) endDelay() {
	if l.held != nil {
		l.guard.endDelay(*l.held)
	}
	l.addHeld()
}

// addHeld makes the held batch a part of the next run.
func (l *loop) addHeld() {
	if l.held != nil {
		l.add(*l.held)
	}
	l.held, l.heldUntil = nil, nil
}

// endRun decides about the held batch at the end of a run.
func (l *loop) endRun(isCancelled bool) {
	l.guard.end(isCancelled)
	l.endedAt, l.heldUntil = time.Now(), nil
	held := l.held
	l.held = nil
	switch {
	case held == nil:
	case !isCancelled && l.guard.isOwn(*held):
		l.checkOwn(*held)
	default:
		l.add(*held)
	}
}

// checkOwn handles files that runs seem to write. A person may have saved them during each of the last runs. So a few
// runs follow, each after a delay without other changes. If these runs write the files too, the loop ends.
func (l *loop) checkOwn(own Batch) {
	if l.guard.isChecked(own) {
		l.guard.tell(own, true)
		return
	}
	if l.held == nil {
		l.guard.check(own)
		l.delay(own)
	}
	l.hold(own)
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
		case <-l.heldUntil:
			l.endDelay()
		case next, open := <-l.batches:
			if !open {
				l.batches = nil
				continue
			}
			l.handleIdle(next)
		}
	}
	if l.pending != nil {
		l.addHeld()
	}
	return l.pending != nil && ctx.Err() == nil
}

// handleIdle handles a batch while nothing runs. Shortly after a run, the batch may come from the run.
func (l *loop) handleIdle(next Batch) {
	if l.endedAt.IsZero() || time.Since(l.endedAt) >= ownWriteWindow+l.options.Debounce {
		if l.digests != nil {
			l.digests.remember(next.Changes)
		}
		l.guard.forget(next)
		l.add(next)
		return
	}
	next, isRelevant := l.withoutOwnWrites(next)
	if !isRelevant {
		return
	}
	if !next.IsRequested {
		l.guard.observe(next)
	}
	if !next.IsRequested && l.guard.isOwn(next) {
		l.checkOwn(next)
		return
	}
	l.add(next)
}

// withoutOwnWrites removes files with unchanged content from a batch, because a run may have written them, and declared
// outputs. The second result reports whether the rest is relevant.
func (l *loop) withoutOwnWrites(b Batch) (Batch, bool) {
	given := b.Changes
	if l.options.IsOutput != nil {
		b.Changes = slices.DeleteFunc(slices.Clone(b.Changes), l.options.IsOutput)
		l.explain(given, b.Changes, "an output of a dependency, written during the run")
		given = b.Changes
	}
	if l.digests != nil {
		b.Changes = l.digests.changed(b.Changes, l.guard.run)
		l.explain(given, b.Changes, "the same content as after the last change, written during the run")
	}
	return b, len(b.Changes) > 0 || b.Overflow || b.Err != nil || b.IsRequested
}

// explain explains the files that a step of the selection has left out.
func (l *loop) explain(given, remaining []string, reason string) {
	if l.options.Explain == nil {
		return
	}
	for _, file := range given {
		if !slices.Contains(remaining, file) {
			l.options.Explain(file, reason)
		}
	}
}
