package workspace

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"tasks/planner"
	"tasks/planner/observed"
)

// planned is a watch in virtual time: each call of plan is the plan after a batch of changes.
type planned struct {
	t      *testing.T
	engine memoryEngine
	config Config
	early  EarlySnapshots
}

// planningEarly runs a test after the first plan of a watch.
func planningEarly(t *testing.T, test func(p *planned)) {
	files := writeFiles(t, projectFiles())
	config := testConfig(t, files)
	synctest.Test(t, func(t *testing.T) {
		p := &planned{t: t, engine: newMemoryEngine(t)}
		p.config = config.withEngine(p.engine).Writing()
		p.plan("t")
		test(p)
	})
}

func (p *planned) plan(task string) *planner.Plan {
	p.t.Helper()
	run := mustEvaluate(p.t, mustOpen(p.t, p.config), task)
	if diags, err := run.MakePlan(p.t.Context(), PlanOptions{Early: &p.early}); err != nil || diags.HasErrors() {
		p.t.Fatalf("%v, %v", err, diags)
	}
	return run.Plan
}

func (p *planned) begin() {
	p.early.Begin(p.t.Context())
	synctest.Wait()
}

// assertSnapshots checks the number of snapshots so far.
func (p *planned) assertSnapshots(want int) {
	p.t.Helper()
	if got := len(p.engine.CallsOf("Snapshot")); got != want {
		p.t.Errorf("%d snapshots, want %d", got, want)
	}
}

func TestPlanUsesTheSnapshotTakenDuringTheBatch(t *testing.T) {
	planningEarly(t, func(p *planned) {
		for batch := range 3 {
			p.begin()
			p.assertSnapshots(batch + 2) // the first plan, and one for each batch
			calls := len(p.engine.Calls())
			p.plan("t")
			if asked := p.engine.Calls()[calls:]; len(asked) > 0 {
				t.Errorf("the plan asks the engine: %v", asked)
			}
		}
	})
}

func TestOldSnapshotIsNotUsed(t *testing.T) {
	planningEarly(t, func(p *planned) {
		p.begin()
		time.Sleep(maxEarlyAge) // virtual
		p.plan("t")
		p.assertSnapshots(3)
	})
}

// A run changes what a snapshot shows.
func TestSnapshotFromBeforeARunIsNotUsed(t *testing.T) {
	planningEarly(t, func(p *planned) {
		p.begin()
		p.early.SetRunning(true)
		p.begin()
		p.assertSnapshots(2) // the second Begin asks nothing
		p.early.SetRunning(false)
		p.plan("t")
		p.assertSnapshots(3)
	})
}

func TestSnapshotForAnotherQueryIsNotUsed(t *testing.T) {
	planningEarly(t, func(p *planned) {
		p.begin()
		p.plan("t")
		p.begin()
		p.early.mu.Lock()
		p.early.taken[0].query.Names = append(p.early.taken[0].query.Names, "another")
		p.early.mu.Unlock()
		p.plan("t")
		p.assertSnapshots(4)
	})
}

// The leases come before the snapshot: without them, another process may remove what the snapshot shows.
func TestSnapshotFromBeforeTheLeasesIsNotUsed(t *testing.T) {
	planningEarly(t, func(p *planned) {
		p.config.Coordination = NewCoordination(p.config.Engine) // has no leases yet
		p.begin()
		p.plan("t")
		p.assertSnapshots(3)
		p.begin()
		p.plan("t")
		p.assertSnapshots(4)
	})
}

// A service that has ended before the changes is started.
func TestServiceEndedBetweenTheRuns(t *testing.T) {
	planningEarly(t, func(p *planned) {
		started := func(plan *planner.Plan) bool {
			for _, step := range plan.Steps {
				if start, ok := step.Action.(*planner.StartService); ok {
					return !start.IsRunning
				}
			}
			t.Fatalf("no service in %v", stepNames(plan))
			return false
		}
		session, err := NewSession(p.t.Context(), p.t.Context(), p.config, p.config.WorkingDir, SessionOptions{
			Display: silentDisplay{}, Cleanup: silentObserver{}, Mask: func(text string) string { return text },
		})
		if err != nil {
			t.Fatal(err)
		}
		defer session.Close()
		p.early.SetRunning(true)
		if result := session.Run(p.t.Context(), p.plan("t"), nil); result.Code != 0 {
			t.Fatalf("exit code %d, %v", result.Code, result.Err)
		}
		p.early.SetRunning(false)
		p.begin()
		if started(p.plan("t")) {
			t.Error("the plan starts a service that runs")
		}
		p.engine.Exit("demo-db-1", 1)
		p.begin()
		if !started(p.plan("t")) {
			t.Error("the plan does not start the service that has ended")
		}
	})
}

// failingEngine fails all snapshots.
type failingEngine struct{ memoryEngine }

func (failingEngine) Snapshot(context.Context, observed.Query) (*observed.Snapshot, error) {
	return nil, errors.New("the engine is away")
}

func TestFailedSnapshotIsTakenAgain(t *testing.T) {
	planningEarly(t, func(p *planned) {
		p.early.engine = failingEngine{p.engine}
		p.begin()
		p.plan("t")
		p.assertSnapshots(2)
	})
}
