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
			if t := spec.Tasks[name]; t != nil && t.IsUp {
				ids = append(ids, g.planners[""].services.planUp(t)...)
				continue
			}
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
			step.addNeed(id, "it was requested before", true)
			if step.lacksImage() {
				step.addMaker("task " + TaskOf(g.byID[id]).Name)
			}
		}
	}
}

// addEntry records the last steps of a dependency: as an entry of steps, or before the first entry.
func (a *JoinGroup) addEntry(d hclspec.Dependency, ids []StepID) {
	if len(ids) == 0 {
		return // a service of a task with no_deps
	}
	if d.Position == 0 {
		a.before = append(a.before, ids...)
		return
	}
	if last := len(a.Entries) - 1; last >= 0 && a.Entries[last].Position == d.Position { // another cell of a matrix
		a.Entries[last].Steps = append(a.Entries[last].Steps, ids...)
		return
	}
	name := "task " + d.Task
	if d.Service != "" {
		name = "service " + d.Service
	}
	a.Entries = append(a.Entries, Entry{Name: name, Position: d.Position, Steps: ids})
}

// order is an edge between steps that only the order of entries makes.
type order struct {
	step, before StepID
	optional     bool
	// group is the task with the steps.
	group *hclspec.Task
}

// entryOrder adds the needs between the entries of steps.
type entryOrder struct{ *graph }

// orderSteps puts the entries of each task with steps in order. All edges are found before the first edge is added, so
// that two opposite orders are a cycle.
func (g entryOrder) orderSteps() {
	var orders []order
	for _, s := range g.all {
		orders = append(orders, g.entryOrders(s)...)
	}
	g.addOrders(orders)
}

// checkSteps reports opposite orders. The targets may never run together, so only the orders that one target reaches
// count.
func (g entryOrder) checkSteps(targets []StepID) {
	orders := map[StepID][]order{}
	for _, s := range g.all {
		if own := g.entryOrders(s); len(own) > 0 {
			orders[s.ID] = own
		}
	}
	if len(orders) == 0 {
		return
	}
	reported := map[string]bool{}
	for _, target := range targets {
		var reached []order
		dependencies := g.withDependencies(target)
		for _, s := range g.all {
			if dependencies[s.ID] {
				reached = append(reached, orders[s.ID]...)
			}
		}
		if len(reached) == 0 {
			continue
		}
		remove := g.addOrders(reached)
		_, diags := topologicalOrder([]*Step{g.byID[target]}, g.byID)
		remove()
		for _, d := range diags {
			if !reported[d.Detail] {
				reported[d.Detail] = true
				g.diags = append(g.diags, d)
			}
		}
	}
}

// addOrders adds edges. remove removes them again.
func (g entryOrder) addOrders(orders []order) (remove func()) {
	needs := map[*Step][]Need{}
	for _, o := range orders {
		s := g.byID[o.step]
		if _, isSaved := needs[s]; !isSaved {
			needs[s] = slices.Clone(s.Needs)
		}
		s.addNeed(o.before, orderReason+o.group.Name, o.optional)
	}
	return func() {
		for s, before := range needs {
			s.Needs, s.needIndexes = before, nil
		}
	}
}

// orderReason begins the reason of a need that only the order of entries makes.
const orderReason = "the steps of task "

// entryOrders returns the edges for the entries of the task of a step.
func (g entryOrder) entryOrders(task *Step) []order {
	group, ok := task.Action.(*JoinGroup)
	if !ok || len(group.Entries) == 0 {
		return nil
	}
	var orders []order
	done, makers := g.withAllDependencies(group.before), []string(nil)
	before, ends := group.before, []StepID(nil)
	for _, entry := range group.Entries {
		own := g.withAllDependencies(entry.Steps)
		for _, s := range g.all {
			if !own[s.ID] || done[s.ID] || !s.followsEntries() {
				continue
			}
			for _, id := range before {
				orders = append(orders, order{step: s.ID, before: id, group: group.Task})
			}
			for _, id := range ends {
				orders = append(orders, order{step: s.ID, before: id, optional: true, group: group.Task})
			}
			s.lookAgainAfter(makers)
		}
		isNew := slices.ContainsFunc(entry.Steps, func(id StepID) bool { return !done[id] })
		for id := range own {
			done[id] = true
		}
		if t := TaskOf(g.byID[entry.Steps[0]]); t != nil {
			makers = append(makers, entry.Name)
		}
		if isNew { // an entry that an earlier entry needs comes even before that one
			before = entry.Steps
		}
		ends = append(ends, g.finallyStepsOf(own)...)
		for id := range g.withAllDependencies(ends) {
			done[id] = true
		}
	}
	return orders
}

func (g entryOrder) withAllDependencies(ids []StepID) map[StepID]bool {
	all := map[StepID]bool{}
	for _, id := range ids {
		for dependency := range g.withDependencies(id) {
			all[dependency] = true
		}
	}
	return all
}

// finallyStepsOf returns the finally tasks of some steps.
func (g entryOrder) finallyStepsOf(steps map[StepID]bool) []StepID {
	var ids []StepID
	for _, s := range g.all {
		isFinally := slices.ContainsFunc(s.endNeeds(), func(n Need) bool { return steps[n.Step] })
		if isFinally && IsTask(s) && !steps[s.ID] {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// followsEntries reports whether a step waits for the entries before its own. A step without an effect on tasks and
// services may come earlier.
func (s *Step) followsEntries() bool {
	switch s.Action.(type) {
	case *CreateOneOff, *RemoveContainer, *RemoveNetwork, *RemoveVolume:
		return false
	case *Network, *Volume:
		return s.Verb == Recreate
	case *Image:
		return s.Verb == Reuse || s.lacksImage() || s.mayBuild()
	}
	return true
}

// lookAgainAfter lets the step of an image look for the image again, because tasks before may have made it.
func (s *Step) lookAgainAfter(makers []string) {
	if s.lacksImage() || isImage(s) && s.Verb == Reuse {
		for _, name := range makers {
			s.addMaker(name)
		}
	}
}

// EntryWith returns the first entry of a task with steps that needs a step, and the number of entries in the list.
func (p *Plan) EntryWith(group *Step, needed StepID) (entry Entry, count int, ok bool) {
	action, isGroup := group.Action.(*JoinGroup)
	if !isGroup || len(action.Entries) == 0 {
		return Entry{}, 0, false
	}
	steps := p.stepsByID()
	for _, e := range action.Entries {
		for _, last := range e.Steps {
			needs := reachable(last, func(id StepID, visit func(StepID)) {
				for _, n := range steps[id].Needs {
					visit(n.Step)
				}
			})
			if needs[needed] {
				return e, action.Entries[len(action.Entries)-1].Position, true
			}
		}
	}
	return Entry{}, 0, false
}
