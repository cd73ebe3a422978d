package planner

import (
	"slices"

	"tasks/hclspec"
)

// wanted makes the steps of the tasks that were asked for. Those of one turn come after those of the turns before, with the
// tasks that they depend on: one may make what the next one reads. Services may start meanwhile.
func (b *builder) wanted(plan *Plan) {
	turns := b.in.Spec.Turns
	if len(turns) == 0 {
		turns = [][]string{b.in.Spec.Wanted}
	}
	var before []StepID
	for _, turn := range turns {
		seen := len(b.order)
		var ids []StepID
		for _, name := range turn {
			ids = append(ids, b.task(name, "asked for"))
		}
		b.after(b.order[seen:], before)
		plan.Wanted = append(plan.Wanted, ids...)
		before = ids
	}
}

// after lets the tasks among new steps, and the images that are built for them, wait for an earlier turn.
func (b *builder) after(steps []*Step, turn []StepID) {
	for _, step := range steps {
		if !isTask(step) && !step.mayBuild() {
			continue
		}
		for _, id := range turn {
			if !b.reaches(id, step.ID) {
				step.need(id, "it was asked for before", false)
			}
		}
	}
}

// isTask says that a step runs a task, rather than make something for it.
func isTask(step *Step) bool {
	_, creates := step.Action.(*CreateOneOff)
	return TaskOf(step) != nil && !creates
}

// TaskOf is the task that a step runs, or creates the container of; nil for all other steps.
func TaskOf(step *Step) *hclspec.Task {
	switch a := step.Action.(type) {
	case *RunOneOff:
		return a.Task
	case *RunHost:
		return a.Task
	case *JoinGroup:
		return a.Task
	case *CreateOneOff:
		return a.Task
	}
	return nil
}

// Tasks are the tasks that a plan runs, in its order.
func (p *Plan) Tasks() []*hclspec.Task {
	var tasks []*hclspec.Task
	for _, step := range p.Steps {
		if task := TaskOf(step); task != nil && !slices.Contains(tasks, task) {
			tasks = append(tasks, task)
		}
	}
	return tasks
}
