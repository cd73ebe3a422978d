package planner

import (
	"slices"

	"tasks/hclspec"
)

// planTargets plans the targets. Each batch of the sequence comes after the batches before, dependencies included: a
// target may make files for the next target. Services may start early.
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
			ids = append(ids, g.planTask(name, because(ReasonRequested)))
		}
		g.runAfterBatch(g.all[first:], before)
		plan.Targets = append(plan.Targets, ids...)
		before = batchEnd(ids, g.all[first:])
	}
}

// batchEnd returns the steps before the next batch: the targets and their finally tasks. A failed target ends the
// run, and under keep-going the next batch follows.
func batchEnd(ids []StepID, steps []*Step) []StepID {
	end := slices.Clone(ids)
	for _, step := range steps {
		if IsTask(step) && step.hasEndNeed() {
			end = append(end, step.ID)
		}
	}
	return end
}

// runAfterBatch delays the new tasks, and the builds and missing images for them, until after the previous batch.
func (g *graph) runAfterBatch(steps []*Step, previous []StepID) {
	for _, id := range previous {
		dependencies := g.withDependencies(id)
		for _, step := range steps {
			if !IsTask(step) && !step.mayBuild() && !step.lacksImage() || dependencies[step.ID] {
				continue
			}
			step.addNeed(id, "it was asked for before", true)
			if step.lacksImage() {
				step.addMaker(TaskOf(g.byID[id]).Name)
			}
		}
	}
}
