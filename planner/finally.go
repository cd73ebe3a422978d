package planner

import (
	"slices"

	"tasks/hclspec"
)

// planFinally plans the finally tasks of a task. Their containers wait for the end of the task: they may use the
// result, and no container is needed if the task never begins. Their services may start earlier.
func (p *taskPlanner) planFinally(t *hclspec.Task) {
	for _, d := range t.Finally {
		p.runAfter(p.byID[p.planTask(d.Task, because(ReasonFollows, t.Name))], t)
	}
	if preceding := p.spec.Tasks[t.FinallyOf]; preceding != nil {
		p.runAfter(p.byID[taskID(t.Name)], preceding) // also for a task that only gets the result as arguments
	}
}

// runAfter delays a task and the task's container until the end of another task.
func (p *taskPlanner) runAfter(step *Step, t *hclspec.Task) {
	for _, s := range p.withContainer(step) {
		s.addEndNeeds(t)
	}
}

// addEndNeeds adds a need of the end of a task. A group begins with the first task of the group, and ends with the
// last.
func (s *Step) addEndNeeds(t *hclspec.Task) {
	s.addEndNeed(Need{Step: taskID(t.Name), Reason: "finally", EndOnly: true})
	if t.Kind != hclspec.GroupTask {
		return
	}
	for _, d := range t.DependsOn {
		if d.Task != "" {
			s.addEndNeed(Need{Step: taskID(d.Task), Reason: "finally", EndOnly: true, Optional: true})
		}
	}
}

// hasEndNeed reports whether a step is a finally task.
func (s *Step) hasEndNeed() bool {
	return slices.ContainsFunc(s.Needs, func(n Need) bool { return n.EndOnly })
}

// addEndNeed adds a need of an end, unless the step already has a need.
func (s *Step) addEndNeed(n Need) {
	if s.needIndex(n.Step) < 0 {
		s.Needs = append(s.Needs, n)
	}
}

// endNeeds returns the needs of an end.
func (s *Step) endNeeds() []Need {
	return slices.DeleteFunc(slices.Clone(s.Needs), func(n Need) bool { return !n.EndOnly })
}

// precedingTask returns the task before a finally task. For a group it is the group.
func (s *Step) precedingTask() StepID {
	for _, n := range s.endNeeds() {
		if !n.Optional {
			return n.Step
		}
	}
	return ""
}

// deferFinallyDependencies delays dependencies used only by finally tasks until these may start: the first half of a
// cleanup is also cleanup. Needs of the run itself keep their place.
func (g *graph) deferFinallyDependencies(targets []StepID) {
	g.mainSteps = map[StepID]bool{}
	for _, id := range targets {
		g.collectRequired(g.mainSteps, id)
	}
	dependencies := map[*Step][]*Step{}
	endsOf := map[*Step]map[StepID]bool{}
	for _, s := range g.all {
		if !IsTask(s) || !s.hasEndNeed() {
			continue
		}
		for _, dependency := range g.finallyOnlyTasks(s) {
			dependencies[s] = append(dependencies[s], dependency)
			if endsOf[dependency] == nil {
				endsOf[dependency] = map[StepID]bool{}
			}
			endsOf[dependency][s.precedingTask()] = true
		}
	}
	for _, s := range g.all {
		for _, n := range s.endNeeds() {
			g.deferUntilEnd(n, dependencies[s], endsOf)
		}
	}
}

// finallyOnlyTasks returns the dependencies of a finally task that the run itself does not need.
func (g *graph) finallyOnlyTasks(finallyStep *Step) []*Step {
	needs := map[StepID]bool{}
	g.collectRequired(needs, finallyStep.ID)
	var tasks []*Step
	for _, s := range g.all {
		if needs[s.ID] && IsTask(s) && !s.hasEndNeed() && !g.mainSteps[s.ID] {
			tasks = append(tasks, s)
		}
	}
	return tasks
}

// deferUntilEnd delays tasks until an end. A dependency of several finally tasks waits for each end, also for the end
// of a task that never begins.
func (g *graph) deferUntilEnd(end Need, dependencies []*Step, endsOf map[*Step]map[StepID]bool) {
	if len(dependencies) == 0 {
		return
	}
	before := g.withDependencies(end.Step)
	for _, dependency := range dependencies {
		if before[dependency.ID] {
			continue // the preceding task is a finally task with the same dependency
		}
		n := end
		n.Optional = n.Optional || len(endsOf[dependency]) > 1
		for _, s := range g.withContainer(dependency) {
			s.addEndNeed(n)
		}
	}
}
