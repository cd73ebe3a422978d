package view

import (
	"fmt"
	"strings"

	"tasks/internal/durations"
	"tasks/internal/plaintext"
	"tasks/planner"
)

// fitLine renders a step on one line of the terminal.
func (l *live) fitLine(s *liveStep, columns int) string {
	// A cut would leave the beginning of a secret visible, and control characters may hide within a secret.
	plain := func(text string) string {
		text = l.mask(plaintext.Remove(l.mask(text)))
		if l.disarm != nil {
			text = l.disarm(text)
		}
		return text
	}
	subject, activity := plain(s.subject), "  "+s.activityText()+" "+durations.Text(l.now().Sub(s.startedAt))
	if room := columns - 1 - len(activity); columns > 1 && room >= minSubjectColumns {
		subject = cutMiddle(subject, room) // the activity and the time stay visible
	}
	if detail := s.detail(); detail != "" {
		activity += "  " + plain(detail)
	}
	return cutToWidth(subject+activity, columns)
}

// minSubjectColumns is the smallest width of the name of a thing.
const minSubjectColumns = 12

func (s *liveStep) activityText() string {
	if s.isStopping {
		return "stopping"
	}
	return s.activity
}

// detail is the last progress. A wait has its goal and the last answer of the probe.
func (s *liveStep) detail() string {
	goal := strings.TrimPrefix(s.lastText, "waiting ")
	if s.answer == "" {
		return goal
	}
	goal, _, _ = strings.Cut(goal, " (at most ")
	if goal == "" {
		return s.answer
	}
	return goal + ": " + s.answer
}

// cutToWidth cuts a line to the width of a terminal; 0: unknown. The last column stays free.
func cutToWidth(text string, columns int) string {
	if columns > 1 {
		return cutTo(text, columns-1)
	}
	return text
}

// mask replaces the secrets in a text.
func (l *live) mask(text string) string {
	if l.secrets == nil {
		return text
	}
	return l.secrets().Mask(text)
}

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
