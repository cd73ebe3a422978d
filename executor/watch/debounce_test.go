package watch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

const quiet = 50 * time.Millisecond

// debouncing runs a debouncer in a bubble.
func debouncing(t *testing.T, test func(t *testing.T, events chan<- event, batches <-chan Batch)) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		events, batches := make(chan event), make(chan Batch)
		go debounce(ctx, events, quiet, batches, func() {})
		test(t, events, batches)
		cancel()
		synctest.Wait()
	})
}

func changed(names ...string) event { return event{changes: names} }

func TestBatchEndsWithQuiet(t *testing.T) {
	debouncing(t, func(t *testing.T, events chan<- event, batches <-chan Batch) {
		start := time.Now()
		events <- changed("b")
		time.Sleep(30 * time.Millisecond)
		events <- changed("a", "b")
		time.Sleep(49 * time.Millisecond)
		events <- changed("c", "a")
		batch := <-batches
		if want := []string{"a", "b", "c"}; !slices.Equal(batch.Changes, want) {
			t.Errorf("changes %v, want %v", batch.Changes, want)
		}
		if took := time.Since(start); took != 129*time.Millisecond {
			t.Errorf("the batch came after %v, want 129ms", took)
		}
		if batch.Overflow || batch.Err != nil {
			t.Errorf("batch %+v", batch)
		}
	})
}

// The first change of a batch is told at once, and the others are not.
func TestBeginOfEachBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		events, batches := make(chan event), make(chan Batch)
		begun := 0
		go debounce(t.Context(), events, quiet, batches, func() { begun++ })
		for want := 1; want <= 2; want++ {
			events <- event{} // nothing has changed
			synctest.Wait()
			if begun != want-1 {
				t.Errorf("%d begun batches before the change, want %d", begun, want-1)
			}
			events <- changed("a")
			events <- changed("b")
			synctest.Wait()
			if begun != want {
				t.Errorf("%d begun batches, want %d", begun, want)
			}
			<-batches
		}
		close(events)
		for range batches {
			t.Error("a batch without a change")
		}
	})
}

func TestSteadyStreamDoesNotStarve(t *testing.T) {
	debouncing(t, func(t *testing.T, events chan<- event, batches <-chan Batch) {
		start := time.Now()
		go func() {
			for i := range 210 {
				events <- changed(fmt.Sprint(i))
				time.Sleep(10 * time.Millisecond)
			}
		}()
		for i := range 2 {
			<-batches
			took := time.Since(start)
			if want := time.Duration(i+1) * time.Second; took < want || took > want+50*time.Millisecond {
				t.Errorf("batch %d came after %v, want %v", i, took, want)
			}
		}
		<-batches // the rest
	})
}

func TestLongest(t *testing.T) {
	for quiet, want := range map[time.Duration]time.Duration{
		0:                      time.Second,
		50 * time.Millisecond:  time.Second,
		500 * time.Millisecond: 5 * time.Second,
	} {
		if got := maxBatchDuration(quiet); got != want {
			t.Errorf("%v: %v, want %v", quiet, got, want)
		}
	}
}

func TestNoEventNoBatch(t *testing.T) {
	debouncing(t, func(t *testing.T, events chan<- event, batches <-chan Batch) {
		events <- event{}
		select {
		case b := <-batches:
			t.Errorf("a batch of nothing: %+v", b)
		case <-time.After(time.Hour):
		}
	})
}

// Without a receiver, events are taken and the batch grows.
func TestBatchGrowsUntilReceived(t *testing.T) {
	debouncing(t, func(t *testing.T, events chan<- event, batches <-chan Batch) {
		events <- changed("a")
		time.Sleep(time.Minute)
		events <- changed("b")
		time.Sleep(time.Minute)
		start := time.Now()
		if b := <-batches; !slices.Equal(b.Changes, []string{"a", "b"}) {
			t.Errorf("changes %v", b.Changes)
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("the batch was late by %v", took)
		}
		events <- changed("c")
		if b := <-batches; !slices.Equal(b.Changes, []string{"c"}) {
			t.Errorf("the next changes %v", b.Changes)
		}
	})
}

func TestOverflowAndErrors(t *testing.T) {
	debouncing(t, func(t *testing.T, events chan<- event, batches <-chan Batch) {
		limit := errors.New("limit")
		events <- event{overflow: true}
		events <- event{err: limit}
		b := <-batches
		if !b.Overflow || !errors.Is(b.Err, limit) || len(b.Changes) != 0 {
			t.Errorf("batch %+v", b)
		}
		events <- changed("a")
		if b := <-batches; b.Overflow || b.Err != nil {
			t.Errorf("the next batch %+v", b)
		}
	})
}

func TestEndOfEvents(t *testing.T) {
	for name, last := range map[string]event{"with a rest": changed("a"), "without": {}} {
		t.Run(name, func(t *testing.T) {
			debouncing(t, func(t *testing.T, events chan<- event, batches <-chan Batch) {
				events <- last
				close(events)
				got := 0
				for b := range batches {
					got += len(b.Changes)
				}
				if got != len(last.changes) {
					t.Errorf("%d changes, want %d", got, len(last.changes))
				}
			})
		})
	}
}

func TestContextEndsDebounce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		events, batches := make(chan event), make(chan Batch)
		go debounce(ctx, events, quiet, batches, func() {})
		events <- changed("a")
		cancel()
		if b, open := <-batches; open {
			t.Errorf("batch %+v after the end", b)
		}
	})
}

// No change is lost or invented, and each batch is sorted, for every order of events.
func FuzzDebounce(f *testing.F) {
	f.Add([]byte{1, 2, 3, 200, 4, 90, 90, 90})
	f.Add([]byte{255, 0, 0, 0, 0, 255})
	f.Fuzz(func(t *testing.T, script []byte) {
		debouncing(t, func(t *testing.T, events chan<- event, batches <-chan Batch) {
			sent, got := map[string]bool{}, map[string]bool{}
			go func() {
				for _, b := range script {
					time.Sleep(time.Duration(b>>3) * 5 * time.Millisecond)
					name := fmt.Sprint(b & 7)
					sent[name] = true
					events <- changed(name)
				}
				close(events)
			}()
			for b := range batches {
				if len(b.Changes) == 0 || !slices.IsSorted(b.Changes) || len(slices.Compact(slices.Clone(b.Changes))) != len(b.Changes) {
					t.Errorf("batch %v", b.Changes)
				}
				for _, name := range b.Changes {
					got[name] = true
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(sent) {
				t.Errorf("got %v, sent %v", got, sent)
			}
		})
	})
}
