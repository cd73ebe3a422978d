package planner

import (
	"fmt"
	"slices"

	"tasks/hclspec"
)

// skipUpToDate takes out the tasks of which it is known now that nothing of them has changed, with what only they need. Of
// the others that have inputs it tells what is known. Steps are in a topological order.
func (g *graph) skipUpToDate(plan *Plan) {
	dropped := map[StepID]bool{}
	for _, step := range plan.Steps {
		p := g.planners[step.Scope]
		if step.Check == nil || step.Check.AlwaysRun || p.upToDate.ReasonToRun == nil {
			continue
		}
		if !g.hasStableInputs(step) {
			step.Reason += "; skipped if it is up to date by then"
			continue
		}
		reason, err := p.reasonToRun(step.Check)
		switch {
		case err != nil:
			step.Reason += fmt.Sprintf("; whether it is up to date cannot be told: %v", err)
		case reason != "":
			step.Reason += ", because " + reason
		default:
			g.skipStep(step, dropped)
		}
	}
	plan.prune(dropped)
}

func (p *taskPlanner) reasonToRun(c *UpToDateCheck) (reason string, err error) {
	var facts Facts
	if p.project != nil {
		facts = p.knownFacts()
		facts.Volumes = map[string]string{}
		for _, v := range p.snapshot.Volumes {
			facts.Volumes[v.Name] = v.CreatedAt
		}
	}
	q, diags := c.Query(facts)
	if diags.HasErrors() {
		return "", diags
	}
	return p.upToDate.ReasonToRun(q)
}

// hasStableInputs says that nothing that happens before a task can change what it is made from.
func (g *graph) hasStableInputs(step *Step) bool {
	t := TaskOf(step)
	if len(t.Deferred) > 0 || len(t.Finally) > 0 {
		return false
	}
	seen := map[StepID]bool{}
	var isStable func(id StepID) bool
	isStable = func(id StepID) bool {
		if seen[id] {
			return true
		}
		seen[id] = true
		other := g.byID[id]
		if !other.preservesInputs() {
			return false
		}
		return !slices.ContainsFunc(other.Needs, func(n Need) bool { return !isStable(n.Step) })
	}
	return !slices.ContainsFunc(step.Needs, func(n Need) bool { return !isStable(n.Step) })
}

// preservesInputs says that a step changes neither files nor images. What is made anew, such as a container, is another one than before,
// and known to be.
func (s *Step) preservesInputs() bool {
	if RunsCommand(s) {
		return false
	}
	switch a := s.Action.(type) {
	case *Image:
		return s.Verb == Reuse
	case *InspectService:
		return false // who else starts it may do so by then
	case *WaitService:
		return a.Condition != hclspec.Completed || a.IsMet
	}
	return true
}

// skipStep makes a step one that does nothing. What it needed, but for other tasks, is needed no more by it.
func (g *graph) skipStep(step *Step, dropped map[StepID]bool) {
	step.Verb, step.Reason, step.Action, step.Check = Skip, "up to date", &JoinGroup{Task: TaskOf(step)}, nil
	step.Needs = slices.DeleteFunc(step.Needs, func(n Need) bool {
		isDropped := !IsTask(g.byID[n.Step])
		if isDropped {
			dropped[n.Step] = true
		}
		return isDropped
	})
}

// prune takes out the steps that only dropped ones lead to.
func (p *Plan) prune(dropped map[StepID]bool) {
	if len(dropped) == 0 {
		return
	}
	droppedSteps := p.withNeeds(func(s *Step) bool { return dropped[s.ID] })
	remaining := p.withNeeds(func(s *Step) bool { return !droppedSteps[s.ID] || slices.Contains(p.Targets, s.ID) })
	p.Steps = slices.DeleteFunc(p.Steps, func(s *Step) bool { return !remaining[s.ID] })
}

// withNeeds is some steps and all that they need. Steps are in a topological order, so one pass from the end is enough.
func (p *Plan) withNeeds(from func(*Step) bool) map[StepID]bool {
	all := map[StepID]bool{}
	for _, s := range slices.Backward(p.Steps) {
		if !all[s.ID] && !from(s) {
			continue
		}
		all[s.ID] = true
		for _, n := range s.Needs {
			all[n.Step] = true
		}
	}
	return all
}
