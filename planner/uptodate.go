package planner

import (
	"slices"

	"tasks/hclspec"
)

// skipUpToDate skips the tasks that are already up to date, and drops steps needed only by them. Other tasks with
// inputs get an additional reason.
func (g *graph) skipUpToDate(plan *Plan) {
	dropped := map[StepID]bool{}
	for _, step := range plan.Steps {
		p := g.planners[step.Scope]
		if step.Check == nil || step.Check.AlwaysRun || p.upToDate.ReasonToRun == nil {
			continue
		}
		if !g.hasStableInputs(step) {
			step.addReason(ReasonSkippedIfUpToDate)
			continue
		}
		reason, err := p.reasonToRun(step.Check)
		switch {
		case err != nil:
			step.addReason(ReasonUpToDateUnknown, err.Error())
		case reason != "":
			step.addReason(ReasonNotUpToDate, reason)
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

// hasStableInputs reports whether no step before a task can change the inputs of the task.
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

// preservesInputs reports whether a step changes neither files nor images. A new container is a known change: the query
// contains its id.
func (s *Step) preservesInputs() bool {
	if RunsCommand(s) {
		return false
	}
	switch a := s.Action.(type) {
	case *Image:
		return s.Verb == Reuse
	case *InspectService:
		return false // another program may start the service
	case *WaitService:
		return a.Condition != hclspec.Completed || a.IsMet
	}
	return true
}

// skipStep makes a step do nothing, and drops all needs except tasks.
func (g *graph) skipStep(step *Step, dropped map[StepID]bool) {
	step.decide(Skip, ReasonUpToDate)
	step.Action, step.Check = &NoOp{Task: TaskOf(step)}, nil
	step.Needs = slices.DeleteFunc(step.Needs, func(n Need) bool {
		isDropped := !IsTask(g.byID[n.Step])
		if isDropped {
			dropped[n.Step] = true
		}
		return isDropped
	})
}

// prune removes steps needed only by dropped steps.
func (p *Plan) prune(dropped map[StepID]bool) {
	if len(dropped) == 0 {
		return
	}
	droppedSteps := p.withNeeds(func(s *Step) bool { return dropped[s.ID] })
	remaining := p.withNeeds(func(s *Step) bool { return !droppedSteps[s.ID] || slices.Contains(p.Targets, s.ID) })
	p.Steps = slices.DeleteFunc(p.Steps, func(s *Step) bool { return !remaining[s.ID] })
}

// withNeeds returns some steps with all direct and indirect needs. Steps are in topological order, so one pass from
// the end is enough.
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
