package watch

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Watcher watches files. Swap may be called at any time, from any goroutine.
type Watcher struct {
	notifier notifier
	quiet    time.Duration

	mu   sync.Mutex // between the goroutine of the events, and Swap
	tree *tree
}

// New watches the files that count by the rules; what happens from its return on makes a batch. A batch ends when
// there was no change for the debounce interval. Where the system's limit of watches is reached, the error is a
// [*LimitError].
func New(rules Rules, debounce time.Duration) (*Watcher, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, explainLimit(err)
	}
	return newWatcher(rules, debounce, systemNotifier{w})
}

// NewPolling is [New] for file systems that tell nothing of changes, such as network shares and some shared folders of
// virtual machines: it looks at every file each interval.
func NewPolling(rules Rules, debounce, interval time.Duration) (*Watcher, error) {
	return newWatcher(rules, debounce, newPoller(interval))
}

func newWatcher(rules Rules, debounce time.Duration, n notifier) (*Watcher, error) {
	m, err := newMatcher(rules)
	if err == nil {
		t := &tree{notifier: n}
		if err = t.setRules(m); err == nil {
			return &Watcher{notifier: n, quiet: debounce, tree: t}, nil
		}
	}
	return nil, errors.Join(err, n.Close())
}

// systemNotifier is fsnotify.
type systemNotifier struct{ *fsnotify.Watcher }

func (n systemNotifier) Events() <-chan fsnotify.Event { return n.Watcher.Events }
func (n systemNotifier) Errors() <-chan error          { return n.Watcher.Errors }

// Run returns the channel of batches, which is closed when ctx ends or the watcher is closed. It is called once.
func (w *Watcher) Run(ctx context.Context) <-chan Batch {
	events := make(chan event)
	batches := make(chan Batch)
	var sources sync.WaitGroup
	sources.Go(func() { w.forwardEvents(ctx, events) })
	// The errors go their own way: the system's notifier may hold a lock while it waits to get rid of one.
	sources.Go(func() { w.forwardErrors(ctx, events) })
	go func() {
		sources.Wait()
		close(events)
	}()
	go debounce(ctx, events, w.quiet, batches)
	return batches
}

// SetRules changes what is watched. Files that count now and did not before are no change. After an error the new rules
// hold as far as can be, except where they make no sense: then the old ones do.
func (w *Watcher) SetRules(rules Rules) error {
	m, err := newMatcher(rules)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.tree.setRules(m)
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

// handleError takes in an error of the notifier. After an overflow, directories may have come and gone unseen.
func (w *Watcher) handleError(err error) event {
	if !errors.Is(err, fsnotify.ErrEventOverflow) {
		return event{err: explainLimit(err)}
	}
	e := w.applyStep(w.tree.recoverOverflow)
	e.overflow = true
	return e
}

// applyStep runs a step of the tree alone, and makes its outcome an event.
func (w *Watcher) applyStep(step func() (changes []string, err error)) event {
	w.mu.Lock()
	defer w.mu.Unlock()
	changes, err := step()
	for i, change := range changes {
		changes[i] = w.tree.matcher.rel(change)
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
