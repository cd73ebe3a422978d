package workspace

import (
	"context"
	"reflect"
	"sync"
	"time"

	"tasks/planner/observed"
)

// maxEarlyAge is the age of a snapshot that is too old for a plan. A plan with a younger snapshot is as good as a plan
// after a slow answer of the engine.
const maxEarlyAge = 100 * time.Millisecond

// EarlySnapshots take the snapshots for the next plan of a watch while the batch of changes grows, so that the plan
// need not wait for the engine. A snapshot serves only the plan after the changes, only an equal query, only as long as
// no run of the watch is in between, and only for a short time. Otherwise the plan takes a new snapshot. The zero value
// is ready to use. EarlySnapshots are safe for concurrent use.
type EarlySnapshots struct {
	mu      sync.Mutex
	engine  SnapshotEngine
	queries []observed.Query
	taken   []*earlySnapshot
	// isRunning reports whether a run is active: the run changes what a snapshot shows.
	isRunning bool
}

// earlySnapshot is a snapshot, or one under way.
type earlySnapshot struct {
	query   observed.Query
	begunAt time.Time
	ready   chan struct{}
	// The fields below are valid after ready.
	snapshot *observed.Snapshot
	err      error
}

// Begin takes the snapshots in the background. The end of ctx ends the calls.
func (e *EarlySnapshots) Begin(ctx context.Context) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.taken = nil
	if e.isRunning {
		return
	}
	for _, query := range e.queries {
		s := &earlySnapshot{query: query, begunAt: time.Now(), ready: make(chan struct{})}
		e.taken = append(e.taken, s)
		go func(engine SnapshotEngine) {
			defer close(s.ready)
			s.snapshot, s.err = engine.Snapshot(ctx, s.query)
		}(e.engine)
	}
}

// SetRunning tells whether a run is active.
func (e *EarlySnapshots) SetRunning(isRunning bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.isRunning, e.taken = isRunning, nil
}

// remember keeps the queries of a plan for the next plan.
func (e *EarlySnapshots) remember(engine SnapshotEngine, queries []observed.Query) {
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.engine, e.queries = engine, queries
}

// drop forgets the snapshots.
func (e *EarlySnapshots) drop() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.taken = nil
}

// take returns the snapshot for a query; nil: there is none that is young enough.
func (e *EarlySnapshots) take(ctx context.Context, query observed.Query) *observed.Snapshot {
	if e == nil {
		return nil
	}
	s := e.find(query)
	if s == nil {
		return nil
	}
	select {
	case <-s.ready:
	case <-ctx.Done():
		return nil
	}
	if s.err != nil {
		return nil // the plan asks again, and reports the error
	}
	return s.snapshot
}

func (e *EarlySnapshots) find(query observed.Query) *earlySnapshot {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range e.taken {
		if time.Since(s.begunAt) < maxEarlyAge && reflect.DeepEqual(s.query, query) {
			return s
		}
	}
	return nil
}

// takenSnapshot is an engine with the answer to the only question.
type takenSnapshot struct {
	SnapshotEngine
	snapshot *observed.Snapshot
}

// Snapshot implements [SnapshotEngine]. A snapshot never changes, but the list of its containers is replaced.
func (t *takenSnapshot) Snapshot(context.Context, observed.Query) (*observed.Snapshot, error) {
	answer := *t.snapshot
	return &answer, nil
}
