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

// ownWriterTest is a loop with runs that write, and perhaps a person who writes too.
type ownWriterTest struct {
	// writes returns the files of a run, each with the time from the start of the run.
	writes func(run int) map[string]time.Duration
	length time.Duration // of a run
	policy Policy
	person []change
	during time.Duration // of the test

	runs   []time.Duration // the starts
	causes []string
	told   []string
}

func (w *ownWriterTest) play(t *testing.T) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), w.during)
		defer cancel()
		start := time.Now()
		events, batches := make(chan event), make(chan Batch)
		go debounce(ctx, events, quiet, batches, func() {})
		write := func(runCtx context.Context, after time.Duration, file string) {
			time.Sleep(after)
			if ctx.Err() != nil || errors.Is(context.Cause(runCtx), ErrChanged) {
				return // the command was stopped before the write
			}
			select {
			case events <- changed(file):
			case <-ctx.Done():
			}
		}
		for _, c := range w.person {
			go write(ctx, c.after, c.name)
		}
		opts := LoopOptions{OnBusy: w.policy, Debounce: quiet, OnOwnWrites: func(files []string, isStopped bool) {
			w.told = append(w.told, fmt.Sprint(strings.Join(files, ","), " ", isStopped))
		}}
		err := LoopWith(ctx, batches, opts, func(runCtx context.Context, b *Batch) error {
			w.runs = append(w.runs, time.Since(start))
			if b != nil {
				w.causes = append(w.causes, strings.Join(b.Changes, ","))
			}
			for file, after := range w.writes(len(w.runs)) {
				go write(runCtx, after, file)
			}
			select {
			case <-time.After(w.length):
			case <-runCtx.Done():
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		cancel()
		synctest.Wait()
	})
}

func always(file string, after time.Duration) func(int) map[string]time.Duration {
	return func(int) map[string]time.Duration { return map[string]time.Duration{file: after} }
}

func nothing(int) map[string]time.Duration { return nil }

func TestOwnWritesEndALoop(t *testing.T) {
	for name, test := range map[string]struct {
		ownWriterTest
		most int
		want string // the last report
	}{
		"a quick command": {
			ownWriterTest{writes: always("out", 0), length: 5 * time.Millisecond}, 5, "out true",
		},
		"a write at the end": {
			ownWriterTest{writes: always("out", 29*time.Second), length: 30 * time.Second}, 12, "out true",
		},
		"a write at the start of a long command": {
			ownWriterTest{writes: always("out", 10*time.Millisecond), length: 10 * time.Second}, 12, "out true",
		},
		"a server": {
			ownWriterTest{writes: always("log", time.Second), length: time.Hour}, 20, "log false",
		},
		"a new name each time": {
			ownWriterTest{writes: func(run int) map[string]time.Duration {
				return map[string]time.Duration{fmt.Sprint("tmp", run): 0}
			}, length: time.Millisecond}, 8, "true",
		},
		"two files in turn": {
			ownWriterTest{writes: func(run int) map[string]time.Duration {
				return map[string]time.Duration{fmt.Sprint("file", run%2): 0}
			}, length: time.Millisecond}, 8, "true",
		},
		"two files at once": {
			ownWriterTest{writes: func(int) map[string]time.Duration {
				return map[string]time.Duration{"a": 0, "b": time.Millisecond}
			}, length: time.Millisecond}, 5, "a,b true",
		},
		"queued": {
			ownWriterTest{writes: always("out", time.Second), length: 5 * time.Second, policy: Queue}, 5, "out true",
		},
		"ignored while busy, written at the end": {
			ownWriterTest{writes: always("out", 999*time.Millisecond), length: time.Second, policy: Ignore}, 5, "out true",
		},
	} {
		t.Run(name, func(t *testing.T) {
			test.during = 10 * time.Minute
			test.play(t)
			if len(test.runs) > test.most || len(test.runs) < 2 {
				t.Errorf("%d runs, want at most %d", len(test.runs), test.most)
			}
			if len(test.told) == 0 || !strings.HasSuffix(test.told[len(test.told)-1], test.want) {
				t.Errorf("told %q, want %q", test.told, test.want)
			}
		})
	}
}

// A person who saves a file again and again during a long command gets a run for each save, and at once.
func TestSavesOfAPersonAreNoLoop(t *testing.T) {
	var saves []change
	for _, at := range []float64{3, 7.5, 9, 16, 17.5, 23, 40, 41.3, 44, 60, 61, 67} {
		saves = append(saves, change{time.Duration(at * float64(time.Second)), "app.py"})
	}
	for name, length := range map[string]time.Duration{"a server": time.Hour, "a quick command": time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			w := ownWriterTest{writes: nothing, length: length, person: saves, during: 2 * time.Minute}
			w.play(t)
			if len(w.runs) != len(saves)+1 || len(w.told) > 0 {
				t.Fatalf("%d runs for %d saves, told %q", len(w.runs)-1, len(saves), w.told)
			}
			for i, save := range saves {
				if late := w.runs[i+1] - save.after; late > 100*time.Millisecond {
					t.Errorf("the run for the save at %s was late by %s", save.after, late)
				}
			}
		})
	}
}

// An editor that saves each second while a person types: no save is lost, whatever the guard thinks.
func TestSavesAtRegularIntervals(t *testing.T) {
	var saves []change
	for i := range 30 {
		saves = append(saves, change{time.Duration(i+1) * 1100 * time.Millisecond, "app.py"})
	}
	for name, length := range map[string]time.Duration{"a server": time.Hour, "a quick command": 50 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			w := ownWriterTest{writes: nothing, length: length, person: saves, during: 3 * time.Minute}
			w.play(t)
			last := saves[len(saves)-1].after
			if w.runs[len(w.runs)-1] < last {
				t.Errorf("the last run is at %s, and the last save at %s", w.runs[len(w.runs)-1], last)
			}
			if len(w.runs) < len(saves)/5 {
				t.Errorf("only %d runs for %d saves", len(w.runs), len(saves))
			}
		})
	}
}

// A person who saves a file during each of the last runs gets a run for the last save too.
func TestSavesDuringEachRunAreNotLost(t *testing.T) {
	for name, test := range map[string]struct {
		length, first, interval time.Duration
		policy                  Policy
	}{
		"in the middle of each run": {10 * time.Second, 5 * time.Second, 10 * time.Second, Queue},
		"shortly after each run":    {100 * time.Millisecond, 300 * time.Millisecond, 400 * time.Millisecond, Restart},
		"at the end of each run":    {10 * time.Second, 9990 * time.Millisecond, 10 * time.Second, Restart},
	} {
		t.Run(name, func(t *testing.T) {
			for count := range 6 {
				var saves []change
				for i := range count + 1 {
					saves = append(saves, change{test.first + time.Duration(i)*test.interval, "app.py"})
				}
				w := ownWriterTest{
					writes: nothing, length: test.length, person: saves, during: 10 * time.Minute, policy: test.policy,
				}
				w.play(t)
				if last := saves[count].after; w.runs[len(w.runs)-1] < last {
					t.Errorf("%d saves: the last run is at %s, and the last save at %s", count+1, w.runs[len(w.runs)-1], last)
				}
			}
		})
	}
}

// After the end of a loop, all other files still start runs, and so does the file itself if something else writes it.
func TestChangesAfterTheEndOfALoop(t *testing.T) {
	w := ownWriterTest{
		writes: always("out", 0), length: time.Millisecond, during: time.Hour,
		person: []change{{10 * time.Minute, "app.py"}, {20 * time.Minute, "out"}, {30 * time.Minute, "app.py"}},
	}
	w.play(t)
	want := []string{
		"out", "out", "out", "out", "app.py",
		"out", "out", "out", "out", "out", "app.py",
	}
	if !slices.Equal(w.causes, want) {
		t.Errorf("causes %q, want %q", w.causes, want)
	}
	if !slices.Equal(w.told, []string{"out false", "out true", "out false", "out true"}) {
		t.Errorf("told %q", w.told)
	}
}

// After the end of a loop, an edit of another file right after a run starts a run.
func TestEditRightAfterALoopIsNotLost(t *testing.T) {
	for _, after := range []time.Duration{6500, 6700, 6800, 7000, 7300, 8000} { // around the last run of the loop
		w := ownWriterTest{
			writes: always("out", 0), length: time.Millisecond, during: time.Hour,
			person: []change{{after * time.Millisecond, "app.py"}},
		}
		w.play(t)
		if !slices.ContainsFunc(w.causes, func(cause string) bool { return strings.Contains(cause, "app.py") }) {
			t.Errorf("no run for an edit after %d ms: %q at %v", after, w.causes, w.runs)
		}
	}
}

// A delay that another change cuts short does not make the next delay longer.
func TestDelaysCutShortDoNotCount(t *testing.T) {
	w := ownWriterTest{during: 30 * time.Second, length: 200 * time.Millisecond, writes: func(run int) map[string]time.Duration {
		writes := map[string]time.Duration{"early": 0}
		if run <= 12 { // other files cut each delay short
			writes[fmt.Sprint("other", run%5)] = 150 * time.Millisecond
		}
		return writes
	}}
	w.play(t)
	last := "early true"
	if len(w.told) == 0 || w.told[len(w.told)-1] != last {
		t.Errorf("reports %q, the last should be %q; runs at %v", w.told, last, w.runs)
	}
}

// A change of another file does not wait for the delay of a suspicious file.
func TestOtherFilesAreNotDelayed(t *testing.T) {
	w := ownWriterTest{
		writes: always("log", 10*time.Millisecond), length: time.Hour, during: time.Minute,
		person: []change{{time.Second, "app.py"}},
	}
	w.play(t)
	at := slices.IndexFunc(w.causes, func(cause string) bool { return strings.Contains(cause, "app.py") })
	if at < 0 || w.runs[at+1] > 1100*time.Millisecond {
		t.Errorf("causes %q at %v", w.causes, w.runs)
	}
}

func TestOutputsOfDependenciesAreOwnWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		batches := make(chan Batch)
		send := func(after time.Duration, files ...string) {
			time.Sleep(after)
			select {
			case batches <- Batch{Changes: files}:
			case <-ctx.Done():
			}
		}
		go func() {
			send(time.Second, "gen.py")           // during the run
			send(1400*time.Millisecond, "gen.py") // shortly after
			send(10*time.Second, "gen.py")        // by something else
			send(time.Second, "gen.py", "app.py") // with another file
		}()
		var causes []string
		opts := LoopOptions{IsOutput: func(file string) bool { return file == "gen.py" }}
		err := LoopWith(ctx, batches, opts, func(ctx context.Context, b *Batch) error {
			if b != nil {
				causes = append(causes, strings.Join(b.Changes, ","))
			}
			select {
			case <-time.After(2 * time.Second):
			case <-ctx.Done():
			}
			return nil
		})
		if want := []string{"gen.py", "app.py"}; err != nil || !slices.Equal(causes, want) {
			t.Errorf("causes %q, want %q (%v)", causes, want, err)
		}
	})
}
