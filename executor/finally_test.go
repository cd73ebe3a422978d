package executor_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/executor"
	"tasks/hclspec"
)

// withFinally lets tasks follow one however it ends.
func withFinally(task *hclspec.Task, names ...string) *hclspec.Task {
	for _, n := range names {
		task.Finally = append(task.Finally, on(n))
	}
	return task
}

func TestFinallyFollowsAnyEnd(t *testing.T) {
	for name, test := range map[string]struct {
		command string
		timeout time.Duration
		signal  time.Duration
		code    int
	}{
		"success":   {command: "sleep 1s", code: 0},
		"failure":   {command: "sleep 1s then exit 3", code: 3},
		"timeout":   {command: "sleep 1h", timeout: time.Second, code: 124},
		"interrupt": {command: "sleep 1h", signal: time.Second, code: 130},
		"not found": {command: "missing x", code: 127},
	} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, noServices, nil, func(r *rig) {
				task := withFinally(host("test", test.command), "clean")
				task.Timeout = test.timeout
				if test.signal > 0 {
					r.after(test.signal, func() { r.signals <- syscall.SIGINT })
				}
				r.assertCode(r.run(task, host("clean", "print cleaned")), test.code)
				if got := r.observer.out.String(); got != "cleaned\n" {
					t.Errorf("output %q", got)
				}
			})
		})
	}
}

// TestFinallyOfContainers: what it needs is made and started while the run is stopping, and its container goes.
func TestFinallyOfContainers(t *testing.T) {
	for _, fails := range []bool{false, true} {
		inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
			test := withFinally(host("test", "exit 3"), "clean")
			if !fails {
				test.Command = []string{"sleep", "1s"}
			}
			r.assertCode(r.run(test, oneOff("clean", "web")), map[bool]int{false: 0, true: 3}[fails])
			if got := r.observer.out.String(); got != "hello\n" {
				t.Errorf("output %q", got)
			}
			r.assertRemaining(up...)
		})
	}
}

// TestFinallyNeedsABeginning: what follows a task that was never begun is skipped.
func TestFinallyNeedsABeginning(t *testing.T) {
	inVirtualTime(t, noServices, nil, func(r *rig) {
		r.assertCode(r.run(withFinally(host("test", "print x", on("build")), "clean"), host("build", "exit 3"), host("clean", "print cleaned")), 3)
		if got := r.observer.out.String(); got != "" {
			t.Errorf("output %q", got)
		}
	})
}

// TestFinallyOfAStoppedSibling: another task's failure ends this one, and what follows it runs.
func TestFinallyOfAStoppedSibling(t *testing.T) {
	inVirtualTime(t, noServices, nil, func(r *rig) {
		began := time.Now()
		r.assertCode(r.run(group("all", "test", "bad"), withFinally(host("test", "sleep 1h"), "clean"), host("bad", "sleep 1s then exit 3"),
			host("clean", "print cleaning then sleep 1m then print cleaned", on("first")), host("first", "print first")), 3)
		if got := r.observer.out.String(); got != "first\ncleaning\ncleaned\n" || time.Since(began) > 2*time.Minute {
			t.Errorf("output %q after %s", got, time.Since(began))
		}
	})
}

// TestFinallyOfAGroup: it follows when none of the members runs any more, whichever of them failed.
func TestFinallyOfAGroup(t *testing.T) {
	for name, test := range map[string]struct {
		bad  string
		code int
	}{"success": {"sleep 1s", 0}, "failure": {"sleep 1s then exit 3", 3}} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, noServices, nil, func(r *rig) {
				r.assertCode(r.run(withFinally(group("all", "deaf", "bad"), "clean"), host("deaf", "ignore 3s then print deaf"), host("bad", test.bad), host("clean", "print cleaned")), test.code)
				if got := r.observer.out.String(); got != "deaf\ncleaned\n" {
					t.Errorf("output %q", got)
				}
			})
		})
	}
}

// TestFinallyAndSignals: the first two are for the task, the third ends what follows it.
func TestFinallyAndSignals(t *testing.T) {
	for name, test := range map[string]struct {
		signals int
		out     string
		took    time.Duration
	}{
		"one":   {1, "cleaned\n", 71 * time.Second}, // 1 s, the grace period of 10 s, 1 min
		"two":   {2, "cleaned\n", 62 * time.Second},
		"three": {3, "", 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, noServices, nil, func(r *rig) {
				for i := range test.signals {
					r.after(time.Duration(i+1)*time.Second, func() { r.signals <- syscall.SIGINT })
				}
				began := time.Now()
				result := r.run(withFinally(host("test", "ignore 1h"), "clean"), host("clean", "sleep 1m then print cleaned"))
				r.assertCode(result, 137)
				if test.out != "" && r.observer.out.String() != test.out { // else the fake still writes
					t.Errorf("output %q; want %q", r.observer.out.String(), test.out)
				}
				if took := time.Since(began); took != test.took {
					t.Errorf("took %s; want %s", took, test.took)
				}
			})
		})
	}
}

// TestFinallyWaitsForTheRun: the third signal also ends what a cleanup needs, be it a step of the run itself.
func TestFinallyWaitsForTheRun(t *testing.T) {
	inVirtualTime(t, noServices, nil, func(r *rig) {
		for i := range 3 {
			r.after(time.Duration(i+1)*time.Second, func() { r.signals <- syscall.SIGINT })
		}
		began := time.Now()
		r.run(group("both", "a", "x"), withFinally(host("a", "sleep 1h"), "clean"), host("clean", "print cleaned", on("x")), host("x", "sleep 1h"))
		if took := time.Since(began); took != 3*time.Second || r.observer.out.Len() > 0 {
			t.Errorf("took %s, output %q", took, r.observer.out.String())
		}
	})
}

// TestFinallyThatIgnoresSignals: a fourth signal kills it.
func TestFinallyThatIgnoresSignals(t *testing.T) {
	inVirtualTime(t, noServices, nil, func(r *rig) {
		for i := range 4 {
			r.after(time.Duration(i+1)*time.Second, func() { r.signals <- syscall.SIGTERM })
		}
		began := time.Now()
		result := r.run(withFinally(host("test", "print x"), "clean"), host("clean", "ignore 1h"))
		if took := time.Since(began); took != 4*time.Second || result.Code == 0 {
			t.Errorf("took %s, code %d", took, result.Code)
		}
	})
}

// TestFinallyThatFails never takes the place of the task's own failure.
func TestFinallyThatFails(t *testing.T) {
	for command, want := range map[string]int{"print x": 4, "exit 3": 3} {
		inVirtualTime(t, noServices, nil, func(r *rig) {
			result := r.run(withFinally(host("test", command), "clean"), host("clean", "exit 4"))
			r.assertCode(result, want)
			if !r.observer.has("failed task/clean") {
				t.Errorf("nothing is told: %q", r.observer.lines())
			}
		})
	}
}

// TestFinallyBeforeTheNextTask: `a ::: b` begins b after what follows a, whatever becomes of that.
func TestFinallyBeforeTheNextTask(t *testing.T) {
	inVirtualTime(t, noServices, nil, func(r *rig) {
		plan := r.planSequence([][]string{{"a"}, {"b"}}, withFinally(host("a", "print a"), "clean"), host("b", "print b"), host("clean", "sleep 1s then print cleaned then exit 4"))
		r.assertCode(r.session().Run(r.t.Context(), plan, nil), 4)
		if got := r.observer.out.String(); got != "a\ncleaned\nb\n" {
			t.Errorf("output %q", got)
		}
	})
}

// TestFinallyOfACancelledRun: what a change under watch stops is followed too.
func TestFinallyOfACancelledRun(t *testing.T) {
	inVirtualTime(t, noServices, nil, func(r *rig) {
		ctx, cancel := context.WithCancelCause(r.t.Context())
		r.after(time.Second, func() { cancel(errors.New("changed")) })
		r.session().Run(ctx, r.plan(withFinally(host("test", "sleep 1h"), "clean"), host("clean", "sleep 1s then print cleaned")), nil)
		if got := r.observer.out.String(); got != "cleaned\n" {
			t.Errorf("output %q", got)
		}
	})
}

func TestFinallyInThePlan(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		plan := r.plan(withFinally(host("test", "print x"), "clean"), oneOff("clean", "web"))
		text := plan.String()
		if !strings.Contains(text, "after test, however it ends") {
			t.Errorf("the plan does not tell:\n%s", text)
		}
		if slices.Contains(plan.Targets, "task/clean") {
			t.Error("it was not asked for")
		}
	})
}

// TestFinallyOfWhatIsUpToDate: nothing has ended where nothing was run.
func TestFinallyOfWhatIsUpToDate(t *testing.T) {
	for reason, want := range map[string]string{"": "", "input x differs": "hello\ncleaned\n"} {
		inVirtualTime(t, checked, []string{"web"}, func(r *rig) {
			test := withFinally(oneOff("test", "web"), "clean")
			test.Inputs, test.Env = []string{"src/**"}, map[string]*string{"STDOUT": new("hello\n")}
			session := executor.NewSession(r.config(&fakeRecords{reason: reason}))
			r.assertCode(session.Run(r.t.Context(), r.plan(group("all", "test"), test, host("clean", "print cleaned")), r.signals), 0)
			if got := r.observer.out.String(); got != want {
				t.Errorf("reason %q: output %q; want %q", reason, got, want)
			}
		})
	}
}

// TestFinallyDependenciesAreDeferred: what only the cleanup needs runs after the task, too, and not at all where that was never begun.
func TestFinallyDependenciesAreDeferred(t *testing.T) {
	for name, test := range map[string]struct {
		task string
		code int
		out  string
	}{
		"success": {"print test", 0, "test\nreport\nclean\n"},
		"failure": {"print test then exit 3", 3, "test\nreport\nclean\n"},
	} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, noServices, nil, func(r *rig) {
				r.assertCode(r.run(withFinally(host("test", test.task), "clean"), host("clean", "print clean", on("report")), host("report", "print report")), test.code)
				if got := r.observer.out.String(); got != test.out {
					t.Errorf("output %q", got)
				}
			})
		})
	}
	inVirtualTime(t, noServices, nil, func(r *rig) {
		r.keepGoing = true
		r.assertCode(r.run(withFinally(host("test", "print test", on("build")), "clean"), host("build", "exit 3"),
			host("clean", "print clean", on("report")), host("report", "print report")), 3)
		if got := r.observer.out.String(); got != "" {
			t.Errorf("output %q", got)
		}
	})
}
