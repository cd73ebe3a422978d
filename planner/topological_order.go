package planner

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
)

// topologicalOrder sorts steps topologically, close to the order of creation. The error for a cycle has the path with
// places.
func topologicalOrder(order []*Step, byID map[StepID]*Step) ([]*Step, hcl.Diagnostics) {
	w := &sorter{byID: byID, state: map[StepID]visit{}}
	for _, s := range order {
		w.walk(s)
	}
	return w.out, w.diags
}

type visit int

const (
	unvisited visit = iota
	visiting
	visited
)

type sorter struct {
	byID  map[StepID]*Step
	state map[StepID]visit
	path  []*Step
	out   []*Step
	diags hcl.Diagnostics
}

func (w *sorter) walk(s *Step) {
	switch w.state[s.ID] {
	case visited:
		return
	case visiting:
		w.reportCycle(s)
		return
	}
	w.state[s.ID] = visiting
	w.path = append(w.path, s)
	for _, n := range s.Needs {
		w.walk(w.byID[n.Step])
	}
	w.path = w.path[:len(w.path)-1]
	w.state[s.ID] = visited
	w.out = append(w.out, s)
}

// reportCycle reports the cycle at the end of the path, beginning with the first step by name.
func (w *sorter) reportCycle(s *Step) {
	ring := slices.Clone(w.path[slices.Index(w.path, s):])
	first := slices.Index(ring, slices.MinFunc(ring, func(a, b *Step) int { return cmp.Compare(a.ID, b.ID) }))
	ring = append(ring[first:], ring[:first]...)
	ring = append(ring, ring[0])
	var parts []string
	for i, step := range ring {
		text := string(step.ID)
		if step.Range.Filename != "" {
			text += fmt.Sprintf(" (%s)", step.Range)
		}
		if i > 0 {
			text = orderText(ring[i-1], step) + text
		}
		parts = append(parts, text)
	}
	diag := &hcl.Diagnostic{
		Severity: hcl.DiagError,
		Summary:  "dependency cycle",
		Detail:   "each of these needs the next one: " + strings.Join(parts, " → ") + ". Take one of the dependencies out.",
	}
	if r := ring[0].Range; r.Filename != "" {
		diag.Subject = &r
	}
	for _, step := range ring {
		hclspec.AddRelated(diag, step.Range)
	}
	w.diags = append(w.diags, diag)
}

// orderText names the task with the steps that put one step before another, if only they do.
func orderText(step, before *Step) string {
	if i := step.needIndex(before.ID); i >= 0 && strings.HasPrefix(step.Needs[i].Reason, orderReason) {
		return "by " + step.Needs[i].Reason + ": "
	}
	return ""
}

func sortedKeys[M ~map[string]V, V any](m M) []string {
	return slices.Sorted(maps.Keys(m))
}
