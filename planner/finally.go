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
	for _, s := range b.withContainer(step) {
		b.follow(s, t)
	}
}

// withContainer is a task's step, and the one that makes its container, where it has one.
func (g *graph) withContainer(task *Step) []*Step {
	if run, ok := task.Action.(*RunOneOff); ok {
		return []*Step{task, g.steps[run.Create]}
	}
	return []*Step{task}
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

// serveLast lets the tasks that nothing but what `finally` names needs wait for the same end: the first half of a cleanup is
// cleanup too. What the run itself needs anyway keeps its place.
func (g *graph) serveLast(wanted []StepID) {
	g.main = map[StepID]bool{}
	for _, id := range wanted {
		g.gather(g.main, id)
	}
	servants := map[*Step][]*Step{}
	serves := map[*Step]map[StepID]bool{}
	for _, s := range g.all {
		if !IsTask(s) || !s.follows() {
			continue
		}
		for _, servant := range g.servants(s) {
			servants[s] = append(servants[s], servant)
			if serves[servant] == nil {
				serves[servant] = map[StepID]bool{}
			}
			serves[servant][s.followed()] = true
		}
	}
	for _, s := range g.all {
		for _, n := range s.ends() {
			g.serve(n, servants[s], serves)
		}
	}
}

// servants are the tasks that only what `finally` names needs.
func (g *graph) servants(last *Step) []*Step {
	needs := map[StepID]bool{}
	g.gather(needs, last.ID)
	var tasks []*Step
	for _, s := range g.all {
		if needs[s.ID] && IsTask(s) && !s.follows() && !g.main[s.ID] {
			tasks = append(tasks, s)
		}
	}
	return tasks
}

// serve lets tasks wait for an end. One that serves the ends of several tasks waits for each, whether it was begun or not.
func (g *graph) serve(end Need, servants []*Step, serves map[*Step]map[StepID]bool) {
	if len(servants) == 0 {
		return
	}
	before := g.below(end.Step)
	for _, servant := range servants {
		if before[servant.ID] {
			continue // the one that has to end follows something itself, and needs this for it
		}
		n := end
		n.Optional = n.Optional || len(serves[servant]) > 1
		for _, s := range g.withContainer(servant) {
			s.ended(n)
		}
	}
}

// followed is the task whose end a step waits for; of a group's it is the group.
func (s *Step) followed() StepID {
	for _, n := range s.ends() {
		if !n.Optional {
			return n.Step
		}
	}
	return ""
}

// gather finds a step and all that it cannot do without. What it only follows is none of that.
func (g *graph) gather(into map[StepID]bool, id StepID) {
	if into[id] {
		return
	}
	into[id] = true
	for _, n := range g.steps[id].Needs {
		if !n.Ended && !n.Optional {
			g.gather(into, n.Step)
		}
	}
}

// ends are the needs of an end.
func (s *Step) ends() []Need {
	var all []Need
	for _, n := range s.Needs {
		if n.Ended {
			all = append(all, n)
		}
	}
	return all
}
