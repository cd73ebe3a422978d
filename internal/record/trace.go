package record

import (
	"encoding/json"
	"slices"
	"time"

	"tasks/executor"
	"tasks/planner"
)

// traceRecorder writes a span for each step, in the format of Chrome's about:tracing ("Trace Event Format", JSON
// array). Perfetto and Speedscope read the format too. Overlapping steps have different lanes.
type traceRecorder struct {
	*target
	mask func(string) string
	// names are the names of the run's steps.
	names *planner.DisplayNames
	// origin is the start of the first run.
	origin time.Time
	spans  []span
	open   map[planner.StepID]*span
	// usedLanes marks the occupied lanes.
	usedLanes []bool
}

// span is a complete event (kind "X") or an instant (kind "i"). Times are in microseconds.
type span struct {
	Name     string            `json:"name"`
	Category string            `json:"cat"`
	Phase    string            `json:"ph"`
	At       int64             `json:"ts"`
	Duration int64             `json:"dur,omitempty"`
	Process  int               `json:"pid"`
	Lane     int               `json:"tid"`
	Args     map[string]string `json:"args,omitempty"`
}

func (t *traceRecorder) begin(at time.Time, plan *planner.Plan, names *planner.DisplayNames) {
	t.names = names
	if t.origin.IsZero() {
		t.origin = at
	}
	t.open, t.usedLanes = make(map[planner.StepID]*span, len(plan.Steps)), nil
}

func (t *traceRecorder) notice(at time.Time, n executor.Notice) {
	switch n.Kind {
	case executor.Started:
		kind, name := t.names.Subject(n.Step)
		t.open[n.Step.ID] = &span{
			Name: kind + " " + name, Category: kind, Phase: "X", At: t.since(at), Process: 1, Lane: t.freeLane(),
			Args: map[string]string{"step": string(t.names.ID(n.Step)), "reason": t.mask(n.Step.Reason.String())},
		}
	case executor.Done, executor.Failed, executor.Warned:
		if n.Step != nil && n.Elapsed > 0 {
			t.endSpan(at, n)
		}
	case executor.Interrupted:
		signal := span{Name: t.mask(n.Text), Category: "signal", Phase: "i", At: t.since(at), Process: 1}
		t.spans = append(t.spans, signal)
	}
}

func (t *traceRecorder) endSpan(at time.Time, n executor.Notice) {
	s := t.open[n.Step.ID]
	if s == nil {
		return
	}
	delete(t.open, n.Step.ID)
	s.Duration, s.Args["verb"] = max(t.since(at)-s.At, 1), string(n.Verb)
	if n.Err != nil {
		s.Args["error"] = t.mask(n.Err.Error())
	}
	t.usedLanes[s.Lane] = false
	t.spans = append(t.spans, *s)
}

// freeLane occupies the first free lane.
func (t *traceRecorder) freeLane() int {
	i := slices.Index(t.usedLanes, false)
	if i < 0 {
		i, t.usedLanes = len(t.usedLanes), append(t.usedLanes, false)
	}
	t.usedLanes[i] = true
	return i
}

func (t *traceRecorder) since(at time.Time) int64 { return at.Sub(t.origin).Microseconds() }

// end writes the whole file, so the file is valid after each run of a watch. Cancelled steps end with the run.
func (t *traceRecorder) end(at time.Time, _ executor.Result) error {
	for _, s := range t.open {
		s.Duration, s.Args["verb"] = max(t.since(at)-s.At, 1), "cancelled"
		t.spans = append(t.spans, *s)
	}
	t.open = nil
	slices.SortStableFunc(t.spans, func(a, b span) int { return int(a.At - b.At) })
	text, err := json.Marshal(t.spans)
	if err != nil {
		return err
	}
	return t.replace(append(text, '\n'))
}
