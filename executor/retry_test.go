package executor_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/hclspec"
)

func withRetry(task *hclspec.Task, attempts int, delay time.Duration, backoff float64) *hclspec.Task {
	task.Retry = hclspec.Retry{Attempts: attempts, Delay: delay, Backoff: backoff}
	return task
}

func TestRetry(t *testing.T) {
	for name, test := range map[string]struct {
		task     *hclspec.Task
		code     int
		attempts int
		took     time.Duration
	}{
		"succeeds":      {withRetry(host("x", "flaky 2"), 5, time.Second, 1), 0, 3, 2 * time.Second},
		"backs off":     {withRetry(host("x", "flaky 3"), 5, time.Second, 2), 0, 4, 7 * time.Second},
		"gives up":      {withRetry(host("x", "exit 4"), 3, time.Second, 1), 4, 3, 2 * time.Second},
		"at once":       {withRetry(host("x", "exit 4"), 3, 0, 1), 4, 3, 0},
		"never failed":  {withRetry(host("x", "print x"), 3, time.Second, 1), 0, 1, 0},
		"cannot be run": {withRetry(host("x", "missing x"), 3, time.Second, 1), 127, 0, 0},
		"timeout each": {func() *hclspec.Task {
			t := withRetry(host("x", "sleep 1h"), 2, time.Second, 1)
			t.Timeout = 3 * time.Second
			return t
		}(), 124, 2, 7 * time.Second},
		"may fail so": {func() *hclspec.Task {
			t := withRetry(host("x", "exit 4"), 3, time.Second, 1)
			t.AllowFailure.All = true
			return t
		}(), 0, 1, 0},
		"may fail other": {func() *hclspec.Task {
			t := withRetry(host("x", "exit 4"), 2, 0, 1)
			t.AllowFailure.Codes = []int{5}
			return t
		}(), 4, 2, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, noServices, nil, func(r *rig) {
				began := time.Now()
				r.assertCode(r.run(test.task), test.code)
				if took := time.Since(began); took != test.took {
					t.Errorf("took %s; want %s", took, test.took)
				}
				if len(r.host.started) != test.attempts {
					t.Errorf("%d attempts; want %d", len(r.host.started), test.attempts)
				}
			})
		})
	}
}

func TestRetryIsTold(t *testing.T) {
	inVirtualTime(t, noServices, nil, func(r *rig) {
		r.assertCode(r.run(withRetry(host("x", "flaky 1"), 3, time.Second, 1)), 0)
		for _, line := range []string{"progress task/x attempt 2 of 3 after 1.0 s: exit code 1", "warned task/x succeeded at attempt 2 of 3: flaky"} {
			if !r.observer.has(line) {
				t.Errorf("no %q in %q", line, r.observer.lines())
			}
		}
	})
}

// TestRetryPauseTakesNoSlot: others run meanwhile, and the next attempt waits for its turn.
func TestRetryPauseTakesNoSlot(t *testing.T) {
	inVirtualTime(t, noServices, nil, func(r *rig) {
		r.jobs, r.keepGoing = 1, true
		began := time.Now()
		r.assertCode(r.run(group("all", "a", "b"), withRetry(host("a", "exit 4"), 2, 10*time.Second, 1), host("b", "sleep 15s")), 4)
		if took := time.Since(began); took != 15*time.Second {
			t.Errorf("took %s; want 15s, the time of b", took)
		}
		if n := len(r.host.started); n != 3 || !strings.Contains(r.host.commands()[1], "sleep") {
			t.Errorf("started %q", r.host.commands())
		}
	})
}

// TestRetryMakesAFreshContainer: nothing of the attempts before stays.
func TestRetryMakesAFreshContainer(t *testing.T) {
	for name, change := range map[string]func(*hclspec.Task){
		"": func(*hclspec.Task) {}, "with a fixed name": func(t *hclspec.Task) { t.ContainerName = "fixed" },
		"kept": func(t *hclspec.Task) { t.RM, t.ContainerName = false, "fixed" },
	} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
				task := withRetry(oneOff("migrate", "web"), 3, time.Second, 1)
				task.Env = map[string]*string{"EXIT_CODE": new("9")}
				change(task)
				r.assertCode(r.run(task), 9)
				if made := len(r.engine.CallsOf("CreateContainer")); made != 4 {
					t.Errorf("%d containers were made; want the service's, and three", made)
				}
				if name == "kept" {
					r.assertRemaining(append(up[:2:2], "container fixed (exited)")...)
				} else {
					r.assertRemaining(up...)
				}
			})
		})
	}
}

// TestRetryEndsAtASignal: neither the pause nor another attempt keeps who wants to end.
func TestRetryEndsAtASignal(t *testing.T) {
	for name, at := range map[string]time.Duration{"in the pause": 30 * time.Second, "in the command": 500 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, noServices, nil, func(r *rig) {
				r.after(at, func() { r.signals <- syscall.SIGINT })
				began := time.Now()
				result := r.run(withRetry(host("x", "sleep 1s then exit 3"), 5, time.Hour, 1))
				if took := time.Since(began); took != at || result.Code == 0 {
					t.Errorf("took %s, code %d", took, result.Code)
				}
				if len(r.host.started) != 1 {
					t.Errorf("%d attempts", len(r.host.started))
				}
			})
		})
	}
}

// TestRetryEndsWithAFailure: what no longer counts is not tried again.
func TestRetryEndsWithAFailure(t *testing.T) {
	inVirtualTime(t, noServices, nil, func(r *rig) {
		r.assertCode(r.run(group("all", "x", "bad"), withRetry(host("x", "exit 3"), 5, time.Hour, 1), host("bad", "sleep 2s then exit 7")), 7)
		if n := strings.Count(strings.Join(r.host.commands(), ","), "exit 3"); n != 1 {
			t.Errorf("%d attempts", n)
		}
	})
}

// TestRetryTellsOfEachAttempt: the end of a command that was run again says why it was, whether it is good or not.
func TestRetryTellsOfEachAttempt(t *testing.T) {
	for command, want := range map[string]string{"flaky 2": "exit code 1, exit code 1", "exit 4": "exit code 4, exit code 4", "print x": ""} {
		inVirtualTime(t, noServices, nil, func(r *rig) {
			r.run(withRetry(host("x", command), 3, 0, 1))
			last := r.observer.notices[len(r.observer.notices)-1]
			if got := strings.Join(last.FailedAttempts, ", "); got != want {
				t.Errorf("%s: %q, want %q", command, got, want)
			}
		})
	}
}
