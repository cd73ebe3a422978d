package watch

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestContentsChanged(t *testing.T) {
	dir := t.TempDir()
	c := newContentDigests(dir)
	for i, step := range []struct {
		do   func()
		run  int
		want []string
	}{
		{func() { write(t, dir, "a", "1") }, 1, []string{"a"}},
		{func() { write(t, dir, "a", "1") }, 2, []string{"a"}},
		{func() { write(t, dir, "a", "1") }, 2, []string{"a"}}, // the same run
		{func() { write(t, dir, "a", "1") }, 3, nil},
		{func() { write(t, dir, "a", "2") }, 4, []string{"a"}},
		{func() { write(t, dir, "a", "2") }, 5, []string{"a"}},
		{func() { write(t, dir, "a", "2") }, 7, []string{"a"}}, // not the next run
		{func() { write(t, dir, "a", "2") }, 8, nil},
		{func() { os.Remove(filepath.Join(dir, "a")) }, 9, []string{"a"}},
		{func() {}, 10, []string{"a"}},
		{func() {}, 11, nil},
		{func() { write(t, dir, "a", "") }, 12, []string{"a"}},
		{func() { os.Remove(filepath.Join(dir, "a")); os.Mkdir(filepath.Join(dir, "a"), 0o755) }, 13, []string{"a"}},
		{func() {}, 14, []string{"a"}}, // a directory cannot be read
		{func() {}, 15, []string{"a"}},
	} {
		step.do()
		if got := c.changed([]string{"a"}, step.run); !slices.Equal(got, step.want) {
			t.Errorf("step %d: %q; want %q", i, got, step.want)
		}
	}
}

// ownWriter is a loop with runs that write a file. The loop gets the write as a change.
func ownWriter(t *testing.T, text func(run int) string, atEnd bool) (runs int) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		batches := make(chan Batch)
		told := func() {
			time.Sleep(50 * time.Millisecond)
			select {
			case batches <- Batch{Changes: []string{"out"}}:
			case <-ctx.Done():
			}
		}
		err := LoopWith(ctx, batches, LoopOptions{Root: dir}, func(ctx context.Context, _ *Batch) error {
			runs++
			write(t, dir, "out", text(runs))
			go told()
			if !atEnd {
				select {
				case <-ctx.Done():
				case <-time.After(10 * time.Second):
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	return runs
}

func TestOwnWritesMakeNoLoop(t *testing.T) {
	same := func(int) string { return "same" }
	for name, atEnd := range map[string]bool{"in the middle": false, "at the end": true} {
		t.Run(name, func(t *testing.T) {
			if runs := ownWriter(t, same, atEnd); runs != 3 {
				t.Errorf("%d runs; want one for the first write, one to compare, and no loop", runs)
			}
		})
	}
}

// A save without a change starts a run if nothing runs.
func TestTouchedFileCountsWhenIdle(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a", "1")
	runs := 0
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		batches := make(chan Batch)
		go func() {
			for range 3 {
				time.Sleep(10 * time.Second)
				batches <- Batch{Changes: []string{"a"}}
			}
		}()
		if err := LoopWith(ctx, batches, LoopOptions{Root: dir}, func(context.Context, *Batch) error { runs++; return nil }); err != nil {
			t.Error(err)
		}
	})
	if runs != 4 {
		t.Errorf("%d runs; want the first and three", runs)
	}
}
