package planner

import (
	"fmt"
	"slices"

	"tasks/hclspec"
)

// finally makes the steps of the tasks that follow a task however it ends. Their containers are made only then: they may tell
// of the end, and where the task is never begun nobody needs them. Their services may start before.
func (b *builder) finally(t *hclspec.Task) {
	for _, d := range t.Finally {
		b.heed(b.steps[b.task(d.Task, fmt.Sprintf("after %s, however it ends", t.Name))], t)
	}
	if followed := b.in.Spec.Tasks[t.After]; followed != nil {
		b.heed(b.steps[taskID(t.Name)], followed) // also where it is only given the result as words
	}
}

// heed lets a task's step, and its container's, wait for the end of another task.
func (b *builder) heed(step *Step, t *hclspec.Task) {
	b.follow(step, t)
	if run, ok := step.Action.(*RunOneOff); ok {
		b.follow(b.steps[run.Create], t)
	}
}

// follow lets a step wait for the end of a task. A group has begun with the first of its members, and has ended when none of
// them is under way any more.
func (b *builder) follow(step *Step, t *hclspec.Task) {
	step.ended(Need{Step: taskID(t.Name), Reason: "finally", Ended: true})
	if t.Kind != hclspec.Group {
		return
	}
	for _, d := range t.DependsOn {
		if d.Task != "" {
			step.ended(Need{Step: taskID(d.Task), Reason: "finally", Ended: true, Optional: true})
		}
	}
}

// follows says that a step is what `finally` names.
func (s *Step) follows() bool {
	return slices.ContainsFunc(s.Needs, func(n Need) bool { return n.Ended })
}

// ended adds a need of an end, unless the step is needed already.
func (s *Step) ended(n Need) {
	if s.place(n.Step) < 0 {
		s.Needs = append(s.Needs, n)
	}
}
