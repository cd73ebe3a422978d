package planner

import (
	"fmt"
	"slices"

	"tasks/hclspec"
)

// planFinally makes the steps of the tasks that follow a task however it ends. Their containers are made only then: they may tell
// of the end, and where the task is never begun nobody needs them. Their services may start before.
func (p *taskPlanner) planFinally(t *hclspec.Task) {
	for _, d := range t.Finally {
		p.runAfter(p.byID[p.planTask(d.Task, fmt.Sprintf("after %s, however it ends", t.Name))], t)
	}
	if preceding := p.spec.Tasks[t.FinallyOf]; preceding != nil {
		p.runAfter(p.byID[taskID(t.Name)], preceding) // also where it is only given the result as words
	}
}

// runAfter lets a task's step, and its container's, wait for the end of another task.
func (p *taskPlanner) runAfter(step *Step, t *hclspec.Task) {
	for _, s := range p.withContainer(step) {
		p.addEndNeeds(s, t)
	}
}

// withContainer is a task's step, and the one that makes its container, where it has one.
func (g *stepSet) withContainer(task *Step) []*Step {
	if run, ok := task.Action.(*RunOneOff); ok {
		return []*Step{task, g.byID[run.Create]}
	}
	return []*Step{task}
}

// addEndNeeds lets a step wait for the end of a task. A group has begun with the first of its members, and has ended when none of
// them is under way any more.
func (p *taskPlanner) addEndNeeds(step *Step, t *hclspec.Task) {
	step.addEndNeed(Need{Step: taskID(t.Name), Reason: "finally", EndOnly: true})
	if t.Kind != hclspec.GroupTask {
		return
	}
	for _, d := range t.DependsOn {
		if d.Task != "" {
			step.addEndNeed(Need{Step: taskID(d.Task), Reason: "finally", EndOnly: true, Optional: true})
		}
	}
}

// hasEndNeed says that a step is what `finally` names.
func (s *Step) hasEndNeed() bool {
	return slices.ContainsFunc(s.Needs, func(n Need) bool { return n.EndOnly })
}

// addEndNeed adds a need of an end, unless the step is needed already.
func (s *Step) addEndNeed(n Need) {
	if s.needIndex(n.Step) < 0 {
		s.Needs = append(s.Needs, n)
	}
}

// deferFinallyDependencies lets the tasks that nothing but what `finally` names needs wait for the same end: the first half of a cleanup is
// cleanup too. What the run itself needs anyway keeps its place.
func (g *graph) deferFinallyDependencies(wanted []StepID) {
	g.mainSteps = map[StepID]bool{}
	for _, id := range wanted {
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

// finallyOnlyTasks are the tasks that only what `finally` names needs.
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

// deferUntilEnd lets tasks wait for an end. One that serves the ends of several tasks waits for each, whether it was begun or not.
func (g *graph) deferUntilEnd(end Need, dependencies []*Step, endsOf map[*Step]map[StepID]bool) {
	if len(dependencies) == 0 {
		return
	}
	before := g.withDependencies(end.Step)
	for _, dependency := range dependencies {
		if before[dependency.ID] {
			continue // the one that has to end follows something itself, and needs this for it
		}
		n := end
		n.Optional = n.Optional || len(endsOf[dependency]) > 1
		for _, s := range g.withContainer(dependency) {
			s.addEndNeed(n)
		}
	}
}

// precedingTask is the task whose end a step waits for; of a group's it is the group.
func (s *Step) precedingTask() StepID {
	for _, n := range s.endNeeds() {
		if !n.Optional {
			return n.Step
		}
	}
	return ""
}

// collectRequired finds a step and all that it cannot do without. What it only follows is none of that.
func (g *graph) collectRequired(into map[StepID]bool, id StepID) {
	if into[id] {
		return
	}
	into[id] = true
	for _, n := range g.byID[id].Needs {
		if !n.EndOnly && !n.Optional {
			g.collectRequired(into, n.Step)
		}
	}
}

// endNeeds are the needs of an end.
func (s *Step) endNeeds() []Need {
	var all []Need
	for _, n := range s.Needs {
		if n.EndOnly {
			all = append(all, n)
		}
	}
	return all
}
