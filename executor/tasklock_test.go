package executor_test

import (
	"syscall"
	"testing"
	"time"

	"tasks/hclspec"
)

func exclusive(task *hclspec.Task) *hclspec.Task {
	task.Lock = "db"
	return task
}

func TestLockHasTasksTakeTurns(t *testing.T) {
	inBubble(t, noServices, nil, func(r *rig) {
		began := time.Now()
		timed := exclusive(host("b", "sleep 5s"))
		timed.Timeout = 6 * time.Second // of the command: the wait does not count
		r.code(r.run(group("all", "a", "b"), exclusive(host("a", "sleep 5s")), timed), 0)
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("took %s; want one after the other", took)
		}
		waits := 0
		for _, line := range r.seen.lines() {
			if line == `progress task/a waiting for the lock "db", which is held by somebody` || line == `progress task/b waiting for the lock "db", which is held by somebody` {
				waits++
			}
		}
		if waits != 1 {
			t.Errorf("%d were told that they wait; want one: %q", waits, r.seen.lines())
		}
	})
}

// TestLockWaitTakesNoSlot: the free slot is for another task.
func TestLockWaitTakesNoSlot(t *testing.T) {
	inBubble(t, noServices, nil, func(r *rig) {
		r.jobs = 2
		began := time.Now()
		r.code(r.run(group("all", "a", "b", "c"), exclusive(host("a", "sleep 5s")), exclusive(host("b", "sleep 1s")), host("c", "sleep 5s")), 0)
		if took := time.Since(began); took != 6*time.Second {
			t.Errorf("took %s; want 6s", took)
		}
	})
}

// TestWaitForALockThatIsCutShortIsSkipped: what never began is told of as such, and not passed over.
func TestWaitForALockThatIsCutShortIsSkipped(t *testing.T) {
	inBubble(t, noServices, nil, func(r *rig) {
		r.code(r.run(group("all", "a", "b"), exclusive(host("a", "sleep 2s then exit 7")), exclusive(host("b", "sleep 2s then exit 7"))), 7)
		if skipped := r.seen.has("skipped task/a") || r.seen.has("skipped task/b"); !skipped {
			t.Errorf("nothing tells of the one that waited: %q", r.seen.lines())
		}
	})
}

func TestInterruptEndsWaitForALock(t *testing.T) {
	inBubble(t, noServices, nil, func(r *rig) {
		r.after(time.Second, func() { r.signals <- syscall.SIGINT })
		began := time.Now()
		r.code(r.run(group("all", "a", "b"), exclusive(host("a", "sleep 1h")), exclusive(host("b", "sleep 1h"))), 130)
		if took := time.Since(began); took != time.Second || len(r.host.started) != 1 {
			t.Errorf("took %s, started %q", took, r.host.commands())
		}
	})
}
