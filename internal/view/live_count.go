package view

import (
	"fmt"

	"tasks/planner"
)

// thing is a resource or a task: one line on the screen, also for several steps of a plan.
type thing struct{ kind, name string }

func thingOf(s *planner.Step) thing {
	kind, name := s.Subject()
	if task := planner.TaskOf(s); task != nil {
		kind, name = "task", task.Name // also for the container of the task
	}
	return thing{kind, name}
}

// thingCount counts the things of a plan that have ended.
type thingCount struct {
	// open are the steps of each thing that have not ended.
	open  map[thing]map[*planner.Step]bool
	total int
}

// countThings counts the things with visible work. Existing resources have none.
func countThings(plan *planner.Plan) thingCount {
	c := thingCount{open: map[thing]map[*planner.Step]bool{}}
	for _, s := range plan.Steps {
		if activityOf(s, s.Verb) == "" {
			continue
		}
		t := thingOf(s)
		if c.open[t] == nil {
			c.open[t] = map[*planner.Step]bool{}
		}
		c.open[t][s] = true
	}
	c.total = len(c.open)
	return c
}

// end records the end of a step.
func (c *thingCount) end(s *planner.Step) {
	t := thingOf(s)
	if delete(c.open[t], s); len(c.open[t]) == 0 {
		delete(c.open, t)
	}
}

// text is the count; empty for a small plan.
func (c *thingCount) text() string {
	if c.total < minCountedThings {
		return ""
	}
	return fmt.Sprintf("%d/%d done", c.total-len(c.open), c.total)
}
