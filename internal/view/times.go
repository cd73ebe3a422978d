package view

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"tasks/executor"
	"tasks/planner"
)

const (
	// worthTelling is how long a run must have taken for a line about its time.
	worthTelling = time.Second
	// timesTold is how many parts the line names, shortestTold how long each has taken at least.
	timesTold    = 3
	shortestTold = 50 * time.Millisecond
)

// times keeps when the steps of a run began and ended.
type times struct {
	mu    sync.Mutex
	plan  *planner.Plan
	spans map[planner.StepID]stepSpan
}

// stepSpan is when a step began and ended; one that was cancelled has no end. Before it began it may have waited for a lock.
type stepSpan struct {
	began, ended time.Time
	lockWait     time.Duration
}

func (t *times) begin(plan *planner.Plan) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.plan, t.spans = plan, make(map[planner.StepID]stepSpan, len(plan.Steps))
}

func (t *times) notice(at time.Time, n executor.Notice) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.plan == nil || n.Step == nil {
		return
	}
	s := t.spans[n.Step.ID]
	switch n.Happening {
	case executor.Started:
		s.began, s.lockWait = at, n.LockWait
	case executor.Done, executor.Failed:
		s.ended = at
	case executor.Warned:
		if n.Elapsed == 0 {
			return
		}
		s.ended = at
	default:
		return
	}
	t.spans[n.Step.ID] = s
}

// line says where the time of a run went, with what its cleanup took of it; empty: there is nothing to tell.
func (t *times) line(total, cleanup time.Duration) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.plan == nil || total < worthTelling || once(t.plan) {
		return ""
	}
	parts := longest(append(criticalPath(t.plan, t.spans), timePart{what: "cleanup", took: cleanup}))
	if len(parts) == 0 {
		return ""
	}
	var texts []string
	for _, p := range parts {
		texts = append(texts, seconds(p.took)+" "+p.what)
	}
	return seconds(total) + ": " + strings.Join(texts, ", ")
}

// once says that a plan is that of `tasks once`, which tells no more than docker-compose run does.
func once(plan *planner.Plan) bool {
	return slices.ContainsFunc(plan.Steps, func(s *planner.Step) bool {
		task := planner.TaskOf(s)
		return task != nil && task.Once
	})
}

// timePart is what the run was waiting for, and for how long.
type timePart struct {
	what string
	took time.Duration
}

// criticalPath walks from the step that ended last, a wanted one where all of those have ended, along the need that ended
// last. Each part lasts from the end of the one before it: what a step waited for a free slot is its own, what it waited for a
// lock a part of its own. The steps of one service or image are one part.
func criticalPath(plan *planner.Plan, spans map[planner.StepID]stepSpan) []timePart {
	steps := make(map[planner.StepID]*planner.Step, len(plan.Steps))
	for _, s := range plan.Steps {
		steps[s.ID] = s
	}
	var parts []timePart
	places := map[string]int{}
	add := func(what string, took time.Duration) {
		place, known := places[what]
		if !known {
			place, parts = len(parts), append(parts, timePart{what: what})
			places[what] = place
		}
		parts[place].took += max(took, 0)
	}
	for id := lastOf(plan, spans); id != ""; {
		before := latest(needsOf(steps[id]), spans)
		span, lockWait := spans[id], spans[id].lockWait
		from := span.began.Add(-lockWait)
		if before != "" {
			from = spans[before].ended
		}
		kind, name := steps[id].What()
		if !span.began.IsZero() { // else it did not get its lock
			add(kind+" "+name, span.ended.Sub(from)-lockWait)
		}
		if lockWait > 0 {
			add("waiting for lock "+planner.TaskOf(steps[id]).Lock, lockWait)
		}
		id = before
	}
	return parts
}

// lastOf is where the path ends.
func lastOf(plan *planner.Plan, spans map[planner.StepID]stepSpan) planner.StepID {
	for _, id := range plan.Wanted {
		if spans[id].ended.IsZero() {
			var all []planner.StepID
			for _, s := range plan.Steps {
				all = append(all, s.ID)
			}
			return latest(all, spans)
		}
	}
	return latest(plan.Wanted, spans)
}

func needsOf(s *planner.Step) []planner.StepID {
	var ids []planner.StepID
	for _, n := range s.Needs {
		ids = append(ids, n.Step)
	}
	return ids
}

// latest is the step that ended last, the first of equals; empty: none has.
func latest(ids []planner.StepID, spans map[planner.StepID]stepSpan) (last planner.StepID) {
	for _, id := range ids {
		if ended := spans[id].ended; !ended.IsZero() && (last == "" || ended.After(spans[last].ended)) {
			last = id
		}
	}
	return last
}

// longest are the parts that are told, the longest first.
func longest(parts []timePart) []timePart {
	parts = slices.DeleteFunc(parts, func(p timePart) bool { return p.took < shortestTold })
	slices.SortStableFunc(parts, func(a, b timePart) int { return int(b.took - a.took) })
	return parts[:min(len(parts), timesTold)]
}

// seconds is a duration as people say it.
func seconds(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
}
