package executor_test

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/executor"
	"tasks/hclspec"
)

const noServices = "services: {}\n"

// group is a task that only names others.
func group(name string, members ...string) *hclspec.Task {
	t := &hclspec.Task{Name: name, Kind: hclspec.GroupTask}
	for _, m := range members {
		t.DependsOn = append(t.DependsOn, on(m))
	}
	return t
}

func TestJobsBoundWhatRuns(t *testing.T) {
	for jobs, want := range map[int]time.Duration{1: 6 * time.Second, 2: 3 * time.Second, 6: time.Second} {
		inVirtualTime(t, noServices, nil, func(r *rig) {
			r.jobs = jobs
			tasks := []*hclspec.Task{group("all")}
			for i := range 6 {
				tasks = append(tasks, host(fmt.Sprint("t", i), "sleep 1s"))
				tasks[0].DependsOn = append(tasks[0].DependsOn, on(fmt.Sprint("t", i)))
			}
			began := time.Now()
			r.assertCode(r.run(tasks...), 0)
			if took := time.Since(began); took != want {
				t.Errorf("%d jobs took %s; want %s", jobs, took, want)
			}
		})
	}
}

// TestPlansJobs: what the tasks block says holds where no flag does.
func TestPlansJobs(t *testing.T) {
	inVirtualTime(t, noServices, nil, func(r *rig) {
		plan := r.plan(group("all", "a", "b"), host("a", "sleep 1s"), host("b", "sleep 1s"))
		plan.Jobs = 1
		began := time.Now()
		r.assertCode(r.session().Run(r.t.Context(), plan, nil), 0)
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("took %s; want one after the other", took)
		}
	})
}

// TestWaitingTakesNoSlot: the one job is free for the host task while a service gets ready.
func TestWaitingTakesNoSlot(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		r.jobs = 1
		began := time.Now()
		r.assertCode(r.run(group("all", "migrate", "lint"), oneOff("migrate", "web"), host("lint", "sleep 900ms")), 0)
		if took := time.Since(began); took > 2500*time.Millisecond {
			t.Errorf("took %s", took)
		}
	})
}

func TestLongestPathFirst(t *testing.T) {
	inVirtualTime(t, noServices, nil, func(r *rig) {
		r.jobs = 1
		r.assertCode(r.run(group("all", "short", "long"),
			host("short", "print short"), host("long", "print 3", on("two")), host("two", "print 2", on("one")), host("one", "print 1")), 0)
		if got := strings.Join(strings.Fields(r.observer.out.String()), " "); got != "1 2 short 3" && got != "1 2 3 short" {
			t.Errorf("order %q; the longest chain begins", got)
		}
	})
}

func TestKeepGoing(t *testing.T) {
	for keepGoing, want := range map[bool]string{false: "exit 3", true: "exit 3,print after,sleep 1s"} {
		inVirtualTime(t, noServices, nil, func(r *rig) {
			r.jobs, r.keepGoing = 1, keepGoing
			result := r.run(group("all", "bad", "needs", "other", "after"),
				host("bad", "exit 3"), host("needs", "print never", on("bad")), host("other", "sleep 1s"), host("after", "print after", on("other")))
			r.assertCode(result, 3)
			got := r.host.commands()
			slices.Sort(got)
			if strings.Join(got, ",") != want {
				t.Errorf("keepGoing %v: ran %q; want %s", keepGoing, got, want)
			}
		})
	}
}

// TestFailuresAreRootCauses: each is told once, with what it has kept from running.
func TestFailuresAreRootCauses(t *testing.T) {
	inVirtualTime(t, noServices, nil, func(r *rig) {
		r.keepGoing = true
		result := r.run(group("all", "b", "a"),
			host("a", "exit 3"), host("b", "print never", on("c")), host("c", "print never", on("bad")), host("bad", "sleep 1s then exit 4"))
		r.assertCode(result, 4) // b is written before a
		var got []string
		for _, f := range result.Failures {
			text := fmt.Sprint(f.Step.ID, " ", f.Code)
			for _, s := range f.Skipped {
				text += " " + string(s.ID)
			}
			got = append(got, text)
		}
		slices.Sort(got)
		if len(got) != 2 || got[0] != "task/a 3 task/all" || got[1] != "task/bad 4 task/c task/b" {
			t.Errorf("failures %q", got)
		}
	})
}

// TestExitCodeInWrittenOrder: not the one that failed first decides.
func TestExitCodeInWrittenOrder(t *testing.T) {
	inVirtualTime(t, noServices, nil, func(r *rig) {
		r.keepGoing = true
		plan := r.planSequence([][]string{{"slow", "fast"}}, host("slow", "sleep 5s then exit 5"), host("fast", "exit 6"))
		r.assertCode(r.session().Run(r.t.Context(), plan, nil), 5)
	})
}

func TestSkippedTellsItsCause(t *testing.T) {
	inVirtualTime(t, noServices, nil, func(r *rig) {
		r.assertCode(r.run(host("a", "print a", on("b")), host("b", "print b", on("c")), host("c", "exit 2")), 2)
		for _, n := range r.observer.notices {
			if n.Kind == executor.Skipped && (n.Cause == nil || n.Cause.ID != "task/c") {
				t.Errorf("%s is skipped because of %v; want task/c", n.Step.ID, n.Cause)
			}
		}
	})
}

// TestLaterTurnsAreTold: of `a ::: b ::: c` b and c are not run because of a, each told once; what c depends on is not.
func TestLaterTurnsAreTold(t *testing.T) {
	inVirtualTime(t, noServices, nil, func(r *rig) {
		plan := r.planSequence([][]string{{"a"}, {"b"}, {"c"}}, host("a", "exit 3"), host("b", "print b"), host("c", "print c", on("d")), host("d", "print d"))
		result := r.session().Run(r.t.Context(), plan, nil)
		r.assertCode(result, 3)
		if got := skippedFor(result); got != "task/a: task/b task/c" {
			t.Errorf("skipped %q", got)
		}
	})
	inVirtualTime(t, noServices, nil, func(r *rig) {
		r.after(time.Second, func() { r.signals <- syscall.SIGINT })
		plan := r.planSequence([][]string{{"a"}, {"b"}}, host("a", "sleep 1h"), host("b", "print b"))
		if got := skippedFor(r.session().Run(r.t.Context(), plan, r.signals)); strings.Contains(got, "task/b") {
			t.Errorf("an interrupt is nobody's failure: %q", got)
		}
	})
}

// skippedFor renders what each failure has kept from running.
func skippedFor(result executor.Result) string {
	var all []string
	for _, f := range result.Failures {
		text := string(f.Step.ID) + ":"
		for _, s := range f.Skipped {
			text += " " + string(s.ID)
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

// TestManySteps: the end of a step costs what depends on it.
func TestManySteps(t *testing.T) {
	inVirtualTime(t, noServices, nil, func(r *rig) {
		tasks := []*hclspec.Task{group("all")}
		for i := range 3000 {
			name := fmt.Sprint("t", i)
			tasks = append(tasks, host(name, "print x"))
			tasks[0].DependsOn = append(tasks[0].DependsOn, on(name))
		}
		r.assertCode(r.run(tasks...), 0)
		if len(r.host.started) != 3000 {
			t.Errorf("%d of 3000 were run", len(r.host.started))
		}
	})
}

// TestInterruptEndsWaitForASlot: what waits for a slot is skipped, at once.
func TestInterruptEndsWaitForASlot(t *testing.T) {
	inVirtualTime(t, noServices, nil, func(r *rig) {
		r.jobs = 1
		r.after(time.Second, func() { r.signals <- syscall.SIGINT })
		r.assertCode(r.run(group("all", "a", "b"), host("a", "sleep 1h"), host("b", "sleep 1h")), 130)
		if len(r.host.started) != 1 {
			t.Errorf("started %q", r.host.commands())
		}
	})
}

// TestKeepGoingToTheNextTask: of `a ::: b` b has its turn, too.
func TestKeepGoingToTheNextTask(t *testing.T) {
	for keepGoing, want := range map[bool]string{false: "", true: "b\n"} {
		inVirtualTime(t, noServices, nil, func(r *rig) {
			r.keepGoing = keepGoing
			plan := r.planSequence([][]string{{"a"}, {"b"}}, host("a", "exit 3"), host("b", "print b"))
			r.assertCode(r.session().Run(r.t.Context(), plan, nil), 3)
			if got := r.observer.out.String(); got != want {
				t.Errorf("keepGoing %v: output %q; want %q", keepGoing, got, want)
			}
		})
	}
}
