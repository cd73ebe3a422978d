package planner

import (
	"slices"

	"tasks/hclspec"
)

// wanted makes the steps of the tasks that were asked for. Those of one turn come after those of the turns before, with the
// tasks that they depend on: one may make what the next one reads. Services may start meanwhile.
func (g *graph) wanted(plan *Plan, spec *hclspec.Spec) {
	turns := spec.Turns
	if len(turns) == 0 {
		turns = [][]string{spec.Wanted}
	}
	var before []StepID
	for _, turn := range turns {
		seen := len(g.all)
		var ids []StepID
		for _, name := range turn {
			ids = append(ids, g.task(spec, name, "asked for"))
		}
		g.after(g.all[seen:], before)
		plan.Wanted = append(plan.Wanted, ids...)
		before = earlier(ids, g.all[seen:])
	}
}

// earlier are what the next turn waits for: the tasks that were asked for, and what follows them. That one has failed ends
// the run, unless it is to keep going: then the next turn has its turn.
func earlier(ids []StepID, made []*Step) []StepID {
	turn := slices.Clone(ids)
	for _, step := range made {
		if IsTask(step) && step.follows() {
			turn = append(turn, step.ID)
		}
	}
	return turn
}

// after lets the tasks among new steps, and the images that are built for them, wait for an earlier turn.
func (g *graph) after(steps []*Step, turn []StepID) {
	for _, id := range turn {
		below := g.below(id)
		for _, step := range steps {
			if (IsTask(step) || step.mayBuild()) && !below[step.ID] {
				step.need(id, "it was asked for before", true)
			}
		}
	}
}

// IsTask says that a step runs a task, rather than make something for it.
func IsTask(step *Step) bool {
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
	case *RunExec:
		return a.Task
	case *JoinGroup:
		return a.Task
	case *CreateOneOff:
		return a.Task
	}
	return nil
}

// RunsCommand says that a step runs the command of a task.
func RunsCommand(step *Step) bool {
	switch step.Action.(type) {
	case *RunOneOff, *RunHost, *RunExec:
		return true
	}
	return false
}

// inContainer says that a step runs the command of a task in a container.
func inContainer(step *Step) bool {
	_, onHost := step.Action.(*RunHost)
	return RunsCommand(step) && !onHost
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
