package view

import (
	"slices"
	"strings"
	"sync"
	"time"

	"tasks/executor"
	"tasks/internal/durations"
	"tasks/internal/plaintext"
	"tasks/planner"
)

const (
	// minReportedRun is the shortest run with a line about the time.
	minReportedRun = time.Second
	// maxReportedParts is how many parts the line names, minReportedPart how long each has taken at least.
	maxReportedParts = 3
	minReportedPart  = 50 * time.Millisecond
)

// times keeps when the steps of a run began and ended.
type times struct {
	mu    sync.Mutex
	plan  *planner.Plan
	spans map[planner.StepID]stepSpan
}

// stepSpan is the time of a step; a cancelled step has no end. lockWait is the wait for a lock before the start.
type stepSpan struct {
	startedAt, endedAt time.Time
	lockWait           time.Duration
}

func (t *times) begin(plan *planner.Plan) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.plan, t.spans = plan, make(map[planner.StepID]stepSpan, len(plan.Steps))
}

func (t *times) record(at time.Time, n executor.Notice) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.plan == nil || n.Step == nil {
		return
	}
	s := t.spans[n.Step.ID]
	switch n.Kind {
	case executor.Started:
		s.startedAt, s.lockWait = at, n.LockWait
	case executor.Done, executor.Failed:
		s.endedAt = at
	case executor.Warned:
		if n.Elapsed == 0 {
			return
		}
		s.endedAt = at
	default:
		return
	}
	t.spans[n.Step.ID] = s
}

// summary describes the longest parts of a run, with the cleanup; empty for a short run.
func (t *times) summary(total, cleanup time.Duration) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.plan == nil || total < minReportedRun || isOncePlan(t.plan) {
		return ""
	}
	parts := longestParts(append(criticalPath(t.plan, t.spans), timePart{label: "cleanup", duration: cleanup}))
	if len(parts) == 0 {
		return ""
	}
	var texts []string
	for _, p := range parts {
		texts = append(texts, durations.Text(p.duration)+" "+p.label)
	}
	return durations.Text(total) + ": " + plaintext.Escape(strings.Join(texts, ", "))
}

// isOncePlan reports whether a plan is from `tasks once`: the command prints no summary, like docker-compose run.
func isOncePlan(plan *planner.Plan) bool {
	return slices.ContainsFunc(plan.Steps, func(s *planner.Step) bool {
		task := planner.TaskOf(s)
		return task != nil && task.IsOnce
	})
}

// timePart is a part of the critical path.
type timePart struct {
	label    string
	duration time.Duration
}

// criticalPath walks back from the last step along the needs with the last end. If all wanted steps have ended, the
// path starts at a wanted step. A part lasts from the end of the part before, so the wait for a free slot is included.
// The wait for a lock is a separate part. The steps of a service or image form one part.
func criticalPath(plan *planner.Plan, spans map[planner.StepID]stepSpan) []timePart {
	steps := make(map[planner.StepID]*planner.Step, len(plan.Steps))
	for _, s := range plan.Steps {
		steps[s.ID] = s
	}
	var parts []timePart
	indexes := map[string]int{}
	add := func(what string, took time.Duration) {
		index, isKnown := indexes[what]
		if !isKnown {
			index, parts = len(parts), append(parts, timePart{label: what})
			indexes[what] = index
		}
		parts[index].duration += max(took, 0)
	}
	for id := pathEnd(plan, spans); id != ""; {
		previous := lastEnded(needIDs(steps[id]), spans)
		span, lockWait := spans[id], spans[id].lockWait
		from := span.startedAt.Add(-lockWait)
		if previous != "" {
			from = spans[previous].endedAt
		}
		t := thingOf(steps[id])
		if !span.startedAt.IsZero() { // otherwise the step got no lock
			add(t.kind+" "+t.name, span.endedAt.Sub(from)-lockWait)
		}
		if lockWait > 0 {
			add("waiting for lock "+planner.TaskOf(steps[id]).Lock, lockWait)
		}
		id = previous
	}
	return parts
}

// pathEnd is the last step of the path.
func pathEnd(plan *planner.Plan, spans map[planner.StepID]stepSpan) planner.StepID {
	for _, id := range plan.Targets {
		if spans[id].endedAt.IsZero() {
			var all []planner.StepID
			for _, s := range plan.Steps {
				all = append(all, s.ID)
			}
			return lastEnded(all, spans)
		}
	}
	return lastEnded(plan.Targets, spans)
}

func needIDs(s *planner.Step) []planner.StepID {
	var ids []planner.StepID
	for _, n := range s.Needs {
		ids = append(ids, n.Step)
	}
	return ids
}

// lastEnded returns the step with the last end, the first of equals; empty: no step has ended.
func lastEnded(ids []planner.StepID, spans map[planner.StepID]stepSpan) (last planner.StepID) {
	for _, id := range ids {
		if endedAt := spans[id].endedAt; !endedAt.IsZero() && (last == "" || endedAt.After(spans[last].endedAt)) {
			last = id
		}
	}
	return last
}

// longestParts returns the reported parts, the longest first.
func longestParts(parts []timePart) []timePart {
	parts = slices.DeleteFunc(parts, func(p timePart) bool { return p.duration < minReportedPart })
	slices.SortStableFunc(parts, func(a, b timePart) int { return int(b.duration - a.duration) })
	return parts[:min(len(parts), maxReportedParts)]
}
