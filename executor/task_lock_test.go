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
	"tasks/internal/composeproject"
	"tasks/planner"
	"tasks/planner/observed"
)

func withLock(task *hclspec.Task) *hclspec.Task {
	task.Lock = "db"
	return task
}

func TestLockHasTasksTakeTurns(t *testing.T) {
	inVirtualTime(t, noServices, nil, func(r *rig) {
		began := time.Now()
		timed := withLock(host("b", "sleep 5s"))
		timed.Timeout = 6 * time.Second // of the command: the wait does not count
		r.assertCode(r.run(group("all", "a", "b"), withLock(host("a", "sleep 5s")), timed), 0)
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("took %s; want one after the other", took)
		}
		waits := 0
		for _, line := range r.observer.lines() {
			if line == `progress task/a waiting for the lock "db", which is held by somebody` || line == `progress task/b waiting for the lock "db", which is held by somebody` {
				waits++
			}
		}
		if waits != 1 {
			t.Errorf("%d were told that they wait; want one: %q", waits, r.observer.lines())
		}
	})
}

// TestLockWaitTakesNoSlot: the free slot is for another task.
func TestLockWaitTakesNoSlot(t *testing.T) {
	inVirtualTime(t, noServices, nil, func(r *rig) {
		r.jobs = 2
		began := time.Now()
		r.assertCode(r.run(group("all", "a", "b", "c"), withLock(host("a", "sleep 5s")), withLock(host("b", "sleep 1s")), host("c", "sleep 5s")), 0)
		if took := time.Since(began); took != 6*time.Second {
			t.Errorf("took %s; want 6s", took)
		}
	})
}

// TestWaitForALockThatIsCutShortIsSkipped: what never began is told of as such, and not passed over.
func TestWaitForALockThatIsCutShortIsSkipped(t *testing.T) {
	inVirtualTime(t, noServices, nil, func(r *rig) {
		r.assertCode(r.run(group("all", "a", "b"), withLock(host("a", "sleep 2s then exit 7")), withLock(host("b", "sleep 2s then exit 7"))), 7)
		if skipped := r.observer.has("skipped task/a") || r.observer.has("skipped task/b"); !skipped {
			t.Errorf("nothing tells of the one that waited: %q", r.observer.lines())
		}
	})
}

func TestInterruptEndsWaitForALock(t *testing.T) {
	inVirtualTime(t, noServices, nil, func(r *rig) {
		r.after(time.Second, func() { r.signals <- syscall.SIGINT })
		began := time.Now()
		r.assertCode(r.run(group("all", "a", "b"), withLock(host("a", "sleep 1h")), withLock(host("b", "sleep 1h"))), 130)
		if took := time.Since(began); took != time.Second || len(r.host.started) != 1 {
			t.Errorf("took %s, started %q", took, r.host.commands())
		}
	})
}

// fakeOrphans is asked to end what dead runs have left running.
type fakeOrphans struct {
	t     *testing.T
	host  *fakeHost
	asked int
}

func (l *fakeOrphans) KillOrphans(context.Context) (int, error) {
	l.asked++
	if began := l.host.commands(); len(began) > 0 {
		l.t.Errorf("%q began before what a dead run left had ended", began)
	}
	return 1, errors.New("one cannot be ended")
}

// TestLockOfADeadRun: what it has left ends before the command begins that has the lock now. A living run's one-off stays.
func TestLockOfADeadRun(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		r.engine.AddImage("tool", observed.Image{})
		for _, owner := range []string{"dead", "living"} {
			spec := planner.ContainerSpec{Name: "app-web-run-" + owner, Image: "tool", Labels: map[string]string{
				composeproject.LabelProject: "app", composeproject.LabelOneOff: composeproject.OneOffTrue, observed.LabelOwner: owner,
			}}
			if _, err := r.engine.CreateContainer(r.t.Context(), spec); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		left := &fakeOrphans{t: r.t, host: r.host}
		config := r.sessionConfig(r.engine)
		config.Locks = &memoryLocks{crashed: map[string]executor.HolderInfo{"task/db": {Owner: "dead", Task: "a", Project: "app"}}}
		config.Orphans = left
		config.Ownership.IsDead = func(string, time.Duration) bool { return time.Since(began) > 100*time.Millisecond }
		r.assertCode(executor.NewSession(config).Run(r.t.Context(), r.plan(withLock(host("a", "print it"))), r.signals), 0)
		r.assertRemaining("container app-web-run-living (created)")
		if left.asked != 1 {
			t.Errorf("asked %d times to end what was left", left.asked)
		}
		if took := time.Since(began); took < 100*time.Millisecond || took > time.Second {
			t.Errorf("waited %s for the end of the dead process", took)
		}
		if !slices.ContainsFunc(r.observer.lines(), func(line string) bool { return strings.Contains(line, "one cannot be ended") }) {
			t.Errorf("not told what cannot be ended: %q", r.observer.lines())
		}
	})
}

// TestLockHolderThatIsAlive: anybody may write a file about a holder. The one-offs of a living process stay.
func TestLockHolderThatIsAlive(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		r.engine.AddImage("tool", observed.Image{})
		spec := planner.ContainerSpec{Name: "app-web-run-living", Image: "tool", Labels: map[string]string{
			composeproject.LabelProject: "app", composeproject.LabelOneOff: composeproject.OneOffTrue, observed.LabelOwner: "living",
		}}
		if _, err := r.engine.CreateContainer(r.t.Context(), spec); err != nil {
			t.Fatal(err)
		}
		config := r.sessionConfig(r.engine)
		config.Locks = &memoryLocks{crashed: map[string]executor.HolderInfo{"task/db": {Owner: "living", Task: "a", Project: "app"}}}
		config.Ownership.IsDead = func(string, time.Duration) bool { return false }
		config.Ownership.IsAlive = func(owner string) bool { return owner == "living" }
		r.assertCode(executor.NewSession(config).Run(r.t.Context(), r.plan(withLock(host("a", "print it"))), r.signals), 0)
		r.assertRemaining("container app-web-run-living (created)")
	})
}
