package record

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
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
	// laneCount is the greatest number of lanes of a run.
	laneCount int
	project   string
}

// span is a complete event (kind "X"), an instant (kind "i"), or the name of a process or lane (kind "M"). Times are in
// microseconds.
type span struct {
	Name     string `json:"name"`
	Category string `json:"cat,omitempty"`
	Phase    string `json:"ph"`
	At       int64  `json:"ts"`
	Duration int64  `json:"dur,omitempty"`
	Process  int    `json:"pid"`
	Lane     int    `json:"tid"`
	// Color is a reserved name of about:tracing.
	Color string            `json:"cname,omitempty"`
	Args  map[string]string `json:"args,omitempty"`
}

func (t *traceRecorder) begin(at time.Time, plan *planner.Plan, names *planner.DisplayNames) {
	t.names, t.project = names, t.mask(plan.Project)
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
	if n.Kind == executor.Failed {
		s.Color, s.Args["result"] = "terrible", "failed"
		if n.Code != 0 {
			s.Args["exit_code"] = strconv.Itoa(n.Code)
		}
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
	t.laneCount = max(t.laneCount, len(t.usedLanes))
	return i
}

// laneNames returns the names of the process and of its lanes.
func (t *traceRecorder) laneNames() []span {
	name := func(kind string, lane int, text string) span {
		return span{Name: kind, Phase: "M", Process: 1, Lane: lane, Args: map[string]string{"name": text}}
	}
	all := []span{name("process_name", 0, strings.TrimSpace("tasks "+t.project))}
	for lane := range t.laneCount {
		all = append(all, name("thread_name", lane, "lane "+strconv.Itoa(lane+1)))
	}
	return all
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
	text, err := json.Marshal(append(t.laneNames(), t.spans...))
	if err != nil {
		return err
	}
	return t.replace(append(text, '\n'))
}
