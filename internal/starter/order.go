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
	for _, t := range d.tasks {
		if t.fault != "" || !hasCycle(t) {
			continue
		}
		if len(t.steps) > 0 {
			t.needs, t.steps = append(t.needs, t.steps...), nil
			t.comments = append(t.comments, "No equal for the order of the source: another task has the opposite order.")
		}
		if hasCycle(t) {
			t.fail("a cycle of tasks")
		}
	}
}

// hasCycle reports whether a run of a task would have a cycle of tasks that wait for each other.
func hasCycle(t *task) bool {
	waits := map[*task][]*task{}
	collectWaits(t, waits)
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
		found := slices.ContainsFunc(waits[t], visit)
		active[t] = false
		return found
	}
	return visit(t)
}

// collectWaits records the tasks that each task waits for, in a run of a task.
func collectWaits(t *task, waits map[*task][]*task) {
	if _, isKnown := waits[t]; isKnown {
		return
	}
	waits[t] = slices.DeleteFunc(t.others(), func(other *task) bool { return slices.Contains(t.finally, other) })
	for _, other := range t.others() {
		collectWaits(other, waits)
	}
	// All that only a later step needs waits for the step before.
	earlier := map[*task]bool{}
	for i, step := range t.steps {
		needed := map[*task]bool{}
		collectNeeds(step, needed)
		for n := range needed {
			if i > 0 && !earlier[n] {
				waits[n] = append(waits[n], t.steps[i-1])
			}
		}
		for n := range needed {
			earlier[n] = true
		}
	}
}

// collectNeeds records a task and all tasks that the task needs.
func collectNeeds(t *task, needed map[*task]bool) {
	if needed[t] {
		return
	}
	needed[t] = true
	for _, other := range t.others() {
		collectNeeds(other, needed)
	}
}
