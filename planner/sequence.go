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
		first := len(g.all)
		var ids []StepID
		for _, name := range batch {
			ids = append(ids, g.planTask(name, "asked for"))
		}
		g.runAfterBatch(g.all[first:], before)
		plan.Targets = append(plan.Targets, ids...)
		before = batchEnd(ids, g.all[first:])
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
