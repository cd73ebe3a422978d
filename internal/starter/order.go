package starter

import (
	"fmt"
	"slices"
)

// maxTasks is the number of tasks of the largest source.
const maxTasks = 2000

func tooManyTasks(s *source) error {
	return fmt.Errorf("--from %s has more than %d tasks: name a smaller file", s.name, maxTasks)
}

// settleOrders finds tasks that no run could order: a cycle, or two tasks with opposite orders. The steps of such a
// task become dependencies without an order, with a comment. A cycle has no equal.
func (d *document) settleOrders() {
	budget := maxOrderWork
	for _, t := range d.tasks {
		if t.fault != "" || !hasCycle(t, &budget) {
			continue
		}
		if len(t.steps) > 0 {
			t.needs, t.steps = append(t.needs, t.steps...), nil
			t.comments = append(t.comments, "No equal for the order of the source: another task has the opposite order.")
		}
		if hasCycle(t, &budget) {
			t.fail("a cycle of tasks")
		}
	}
}

// maxOrderWork bounds the search for cycles. A task beyond the bound counts as a cycle.
const maxOrderWork = 5_000_000

// hasCycle reports whether a run of a task would have a cycle of tasks that wait for each other.
func hasCycle(t *task, budget *int) bool {
	w := &waits{budget: budget, of: map[*task][]*task{}}
	if w.collect(t); *budget < 0 {
		return true
	}
	done, active := map[*task]bool{}, map[*task]bool{}
	var visit func(t *task) bool
	visit = func(t *task) bool {
		if active[t] {
			return true
		}
		if done[t] {
			return false
		}
		done[t], active[t] = true, true
		found := slices.ContainsFunc(w.of[t], visit)
		active[t] = false
		return found
	}
	return visit(t)
}

// waits records the tasks that each task waits for, in a run of a task.
type waits struct {
	of map[*task][]*task
	// budget is the work that is left.
	budget *int
}

func (w *waits) collect(t *task) {
	if _, isKnown := w.of[t]; isKnown || *w.budget < 0 {
		return
	}
	others := t.others()
	*w.budget -= len(others) + 1
	w.of[t] = slices.DeleteFunc(slices.Clone(others), func(other *task) bool { return slices.Contains(t.finally, other) })
	for _, other := range others {
		w.collect(other)
	}
	// All that only a later step needs waits for the step before.
	earlier := map[*task]bool{}
	for i, step := range t.steps {
		needed := map[*task]bool{}
		w.collectNeeds(step, needed)
		for n := range needed {
			if i > 0 && !earlier[n] {
				w.of[n] = append(w.of[n], t.steps[i-1])
			}
		}
		for n := range needed {
			earlier[n] = true
		}
	}
}

// collectNeeds records a task and all tasks that the task needs.
func (w *waits) collectNeeds(t *task, needed map[*task]bool) {
	if *w.budget--; needed[t] || *w.budget < 0 {
		return
	}
	needed[t] = true
	for _, other := range t.others() {
		w.collectNeeds(other, needed)
	}
}
