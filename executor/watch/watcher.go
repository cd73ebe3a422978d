package watch

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Watcher watches files. SetRules is safe for concurrent use, at any time.
type Watcher struct {
	// OnBegin is called at the first change of each batch, before the debounce interval. OnBegin must not block, and is
	// set before Run.
	OnBegin func()

	notifier notifier
	quiet    time.Duration

	mu   sync.Mutex // between the event goroutines and SetRules
	tree *tree
	// hasCounted reports whether an error at the limit of watches has told the number of directories.
	hasCounted bool
}

// New watches the files that count by the rules. Changes after the return of New make batches. A batch ends after the
// debounce interval without a change. At the system's limit of watches, the error is a [*LimitError].
func New(rules Rules, debounce time.Duration) (*Watcher, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, explainLimit(err)
	}
	return newWatcher(rules, debounce, systemNotifier{w})
}

// NewPolling is [New] for file systems without change events, such as network shares and some shared folders of virtual
// machines. NewPolling checks every file at each interval.
func NewPolling(rules Rules, debounce, interval time.Duration) (*Watcher, error) {
	return newWatcher(rules, debounce, newPoller(interval))
}

func newWatcher(rules Rules, debounce time.Duration, n notifier) (*Watcher, error) {
	m, err := newMatcher(rules)
	if err == nil {
		t := &tree{notifier: n}
		if err = t.setRules(m); err == nil {
			return &Watcher{OnBegin: func() {}, notifier: n, quiet: debounce, tree: t}, nil
		}
	}
	return nil, errors.Join(withCount(err, m), n.Close())
}

// systemNotifier is fsnotify.
type systemNotifier struct{ *fsnotify.Watcher }

func (n systemNotifier) Events() <-chan fsnotify.Event { return n.Watcher.Events }
func (n systemNotifier) Errors() <-chan error          { return n.Watcher.Errors }

// Run returns the channel of batches. The channel is closed when ctx ends or the watcher is closed. Call Run once.
func (w *Watcher) Run(ctx context.Context) <-chan Batch {
	events := make(chan event)
	batches := make(chan Batch)
	var sources sync.WaitGroup
	sources.Go(func() { w.forwardEvents(ctx, events) })
	// Errors have their own goroutine: the system's notifier may hold a lock until an error is received.
	sources.Go(func() { w.forwardErrors(ctx, events) })
	go func() {
		sources.Wait()
		close(events)
	}()
	go debounce(ctx, events, w.quiet, batches, w.OnBegin)
	return batches
}

// SetRules changes the watched files. A file that only counts by the new rules is no change. After an error the new
// rules apply as far as possible. Invalid rules leave the old rules in place.
func (w *Watcher) SetRules(rules Rules) error {
	m, err := newMatcher(rules)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return withCount(w.tree.setRules(m), m)
}

// Close ends the watch.
func (w *Watcher) Close() error { return w.notifier.Close() }

func (w *Watcher) forwardEvents(ctx context.Context, events chan<- event) {
	for {
		select {
		case <-ctx.Done():
			return
		case e, open := <-w.notifier.Events():
			if !open {
				return
			}
			send(ctx, events, w.applyStep(func() ([]string, error) { return w.tree.handle(e) }))
		}
	}
}

func (w *Watcher) forwardErrors(ctx context.Context, events chan<- event) {
	for {
		select {
		case <-ctx.Done():
			return
		case err, open := <-w.notifier.Errors():
			if !open {
				return
			}
			send(ctx, events, w.handleError(err))
		}
	}
}

// handleError handles an error of the notifier. During an overflow, directories may have come or disappeared unseen.
func (w *Watcher) handleError(err error) event {
	if !errors.Is(err, fsnotify.ErrEventOverflow) {
		return event{err: explainLimit(err)}
	}
	e := w.applyStep(w.tree.recoverOverflow)
	e.overflow = true
	return e
}

// applyStep runs one operation of the tree under the lock, and makes an event from the result.
func (w *Watcher) applyStep(step func() (changes []string, err error)) event {
	w.mu.Lock()
	defer w.mu.Unlock()
	changes, err := step()
	for i, change := range changes {
		changes[i] = w.tree.matcher.rel(change)
	}
	if _, isLimit := errors.AsType[*LimitError](err); isLimit && !w.hasCounted {
		w.hasCounted = true // counting reads all directories
		err = withCount(err, w.tree.matcher)
	}
	return event{changes: changes, err: err}
}

func send(ctx context.Context, events chan<- event, e event) {
	if e.isEmpty() {
		return
	}
	select {
	case events <- e:
	case <-ctx.Done():
	}
}
