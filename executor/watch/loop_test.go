package watch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// script runs a loop in a bubble and logs the events. A run takes some time, and a moment to be cancelled.
type script struct {
	start  time.Time
	log    []string
	length time.Duration // of a run
	grace  time.Duration // the time from the cancellation to the end of a run
	fail   func(run int) error
	runs   int
	active int
}

func (s *script) run(ctx context.Context, batch *Batch) error {
	s.runs++
	number := s.runs
	s.active++
	defer func() { s.active-- }()
	if s.active > 1 {
		s.note("two runs at a time")
	}
	if batch == nil {
		s.note("run %d", number)
	} else {
		s.note("run %d for %s", number, strings.Join(batch.Changes, ","))
	}
	select {
	case <-time.After(s.length):
		s.note("end %d", number)
	case <-ctx.Done():
		time.Sleep(s.grace)
		s.note("cancelled %d: %v", number, context.Cause(ctx))
	}
	if s.fail != nil {
		return s.fail(number)
	}
	return nil
}

func (s *script) note(format string, args ...any) {
	s.log = append(s.log, fmt.Sprintf("%v "+format, append([]any{time.Since(s.start)}, args...)...))
}

type change struct {
	after time.Duration
	name  string
}

// play sends the changes at their times, ends the context after the last change, and returns the loop's error.
func (s *script) play(t *testing.T, opts LoopOptions, end time.Duration, changes ...change) (err error) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		s.start = time.Now()
		batches := make(chan Batch)
		go func() {
			for _, c := range changes {
				select {
				case <-time.After(c.after - time.Since(s.start)):
				case <-ctx.Done():
					return
				}
				select {
				case batches <- Batch{Changes: []string{c.name}}:
				case <-ctx.Done():
				}
			}
		}()
		time.AfterFunc(end, func() { cancel(errors.New("interrupted")) })
		err = LoopWith(ctx, batches, opts, s.run)
		s.note("loop ended")
		cancel(nil)
		synctest.Wait()
	})
	return err
}

func TestLoop(t *testing.T) {
	const second = time.Second
	for _, test := range []struct {
		name          string
		opts          LoopOptions
		length, grace time.Duration
		changes       []change
		want          []string
	}{
		{"runs once, then for each batch", LoopOptions{}, second, 0,
			[]change{{5 * second, "a"}, {8 * second, "b"}},
			[]string{"0s run 1", "1s end 1", "5s run 2 for a", "6s end 2", "8s run 3 for b", "9s end 3", "20s loop ended"}},
		{"a change cancels and waits", LoopOptions{}, 10 * second, 2 * second,
			[]change{{3 * second, "a"}},
			[]string{"0s run 1", "5s cancelled 1: files changed", "5s run 2 for a", "15s end 2", "20s loop ended"}},
		{"changes while it is cancelled become one", LoopOptions{}, 10 * second, 5 * second,
			[]change{{1 * second, "b"}, {2 * second, "a"}, {3 * second, "b"}},
			[]string{"0s run 1", "6s cancelled 1: files changed", "6s run 2 for a,b", "16s end 2", "20s loop ended"}},
		{"the end cancels and waits", LoopOptions{}, 30 * second, second, nil,
			[]string{"0s run 1", "21s cancelled 1: interrupted", "21s loop ended"}},
		{"the end while it is cancelled", LoopOptions{}, 30 * second, 3 * second, []change{{19 * second, "a"}},
			[]string{"0s run 1", "22s cancelled 1: files changed", "22s loop ended"}},
		{"queue", LoopOptions{OnBusy: Queue}, 4 * second, 0,
			[]change{{1 * second, "a"}, {2 * second, "b"}, {10 * second, "c"}},
			[]string{"0s run 1", "4s end 1", "4s run 2 for a,b", "8s end 2", "10s run 3 for c", "14s end 3", "20s loop ended"}},
		{"ignore", LoopOptions{OnBusy: Ignore}, 4 * second, 0,
			[]change{{1 * second, "a"}, {5 * second, "b"}},
			[]string{"0s run 1", "4s end 1", "5s run 2 for b", "9s end 2", "20s loop ended"}},
		{"without a first run", LoopOptions{SkipInitial: true}, second, 0,
			[]change{{5 * second, "a"}},
			[]string{"5s run 1 for a", "6s end 1", "20s loop ended"}},
		{"without any run", LoopOptions{SkipInitial: true}, second, 0, nil, []string{"20s loop ended"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &script{length: test.length, grace: test.grace}
			if err := s.play(t, test.opts, 20*second, test.changes...); err != nil {
				t.Errorf("error %v", err)
			}
			if !slices.Equal(s.log, test.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(s.log, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

var errLost = errors.New("the engine is lost")

func TestLoopEndsWithAnError(t *testing.T) {
	for name, test := range map[string]struct{ failure, want error }{
		"error":  {errLost, errLost},
		"ErrEnd": {fmt.Errorf("enough: %w", ErrEnd), nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{length: time.Second, fail: func(run int) error {
				if run == 2 {
					return test.failure
				}
				return nil
			}}
			err := s.play(t, LoopOptions{}, time.Minute, change{5 * time.Second, "a"}, change{30 * time.Second, "b"})
			if !errors.Is(err, test.want) {
				t.Errorf("error %v, want %v", err, test.want)
			}
			if want := "6s loop ended"; s.log[len(s.log)-1] != want {
				t.Errorf("%v", s.log)
			}
		})
	}
}

// The error of a cancelled run is no failure of the watch.
func TestErrorOfCancelledRunIsDropped(t *testing.T) {
	s := &script{length: 3 * time.Second, fail: func(run int) error {
		if run == 1 {
			return errLost
		}
		return nil
	}}
	if err := s.play(t, LoopOptions{}, time.Minute, change{time.Second, "a"}); err != nil {
		t.Errorf("error %v", err)
	}
	if s.runs != 2 {
		t.Errorf("%d runs, want 2", s.runs)
	}
}

func TestLoopEndsWithItsBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		batches := make(chan Batch, 1)
		batches <- Batch{Changes: []string{"a"}}
		close(batches)
		s := &script{start: time.Now(), length: time.Second}
		if err := Loop(t.Context(), batches, s.run); err != nil {
			t.Error(err)
		}
		want := []string{"0s run 1", "0s cancelled 1: files changed", "0s run 2 for a", "1s end 2"}
		if !slices.Equal(s.log, want) && !slices.Equal(s.log, want[2:]) {
			t.Errorf("%v, want %v", s.log, want)
		}
	})
}

func TestLoopDoesNotBeginAfterTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := &script{}
	if err := Loop(ctx, nil, s.run); err != nil || s.runs != 0 {
		t.Errorf("%d runs, error %v", s.runs, err)
	}
}

// For every order of events: never two runs at a time, a run for the last change (unless ignored), and no run without a
// reason.
func FuzzLoop(f *testing.F) {
	f.Add([]byte{10, 20, 30}, uint8(50), uint8(5), uint8(0))
	f.Add([]byte{1, 1, 1, 200}, uint8(3), uint8(90), uint8(1))
	f.Add([]byte{0, 0, 9}, uint8(9), uint8(0), uint8(2))
	f.Fuzz(func(t *testing.T, gaps []byte, length, grace, policy uint8) {
		s := &script{length: time.Duration(length) * time.Millisecond, grace: time.Duration(grace) * time.Millisecond}
		var changes []change
		at := time.Duration(0)
		for i, gap := range gaps {
			at += time.Duration(gap) * time.Millisecond
			changes = append(changes, change{at, fmt.Sprintf("c%04d", i)})
		}
		opts := LoopOptions{OnBusy: Policy(policy % 3)}
		end := at + time.Duration(len(gaps)+2)*time.Second
		if err := s.play(t, opts, end, changes...); err != nil {
			t.Fatal(err)
		}
		all := strings.Join(s.log, "\n")
		if strings.Contains(all, "two runs") || s.active != 0 {
			t.Errorf("two runs at a time, or one left:\n%s", all)
		}
		if s.runs > len(changes)+1 {
			t.Errorf("%d runs for %d changes", s.runs, len(changes))
		}
		for _, c := range changes {
			if n := strings.Count(all, c.name); n > 1 || n == 0 && opts.OnBusy != Ignore {
				t.Errorf("change %s was run for %d times:\n%s", c.name, n, all)
			}
		}
	})
}
