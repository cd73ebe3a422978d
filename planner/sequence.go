package planner

import (
	"slices"

	"tasks/hclspec"
)

// planTargets makes the steps of the tasks that were asked for. Those of one turn come after those of the turns before, with the
// tasks that they depend on: one may make what the next one reads. Services may start meanwhile.
func (g *graph) planTargets(plan *Plan, spec *hclspec.Spec) {
	batches := spec.Sequence
	if len(batches) == 0 {
		batches = [][]string{spec.Targets}
	}
	var before []StepID
	for _, batch := range batches {
		first := len(g.allSteps)
		var ids []StepID
		for _, name := range batch {
			ids = append(ids, g.planTask(spec, name, "asked for"))
		}
		g.runAfterBatch(g.allSteps[first:], before)
		plan.Targets = append(plan.Targets, ids...)
		before = batchEnd(ids, g.allSteps[first:])
	}
}

// batchEnd are what the next turn waits for: the tasks that were asked for, and what follows them. That one has failed ends
// the run, unless it is to keep going: then the next turn has its turn.
func batchEnd(ids []StepID, steps []*Step) []StepID {
	end := slices.Clone(ids)
	for _, step := range steps {
		if IsTask(step) && step.hasEndNeed() {
			end = append(end, step.ID)
		}
	}
	return end
}

// after lets the tasks among new steps, and the images that are built for them, wait for an earlier turn.
func (g *graph) runAfterBatch(steps []*Step, previous []StepID) {
	for _, id := range previous {
		dependencies := g.withDependencies(id)
		for _, step := range steps {
			if (IsTask(step) || step.mayBuild()) && !dependencies[step.ID] {
				step.addNeed(id, "it was asked for before", true)
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

// runsInContainer says that a step runs the command of a task in a container.
func runsInContainer(step *Step) bool {
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
