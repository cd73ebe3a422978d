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
		b := g.builders[step.Scope]
		if step.Check == nil || step.Check.Always || b.in.UpToDate.Changed == nil {
			continue
		}
		if !g.settled(step) {
			step.Reason += "; skipped if it is up to date by then"
			continue
		}
		reason, err := b.changed(step.Check)
		switch {
		case err != nil:
			step.Reason += fmt.Sprintf("; whether it is up to date cannot be told: %v", err)
		case reason != "":
			step.Reason += ", because " + reason
		default:
			g.skip(step, dropped)
		}
	}
	plan.prune(dropped)
}

func (b *builder) changed(c *Check) (reason string, err error) {
	var facts Facts
	if b.in.Project != nil {
		facts = b.knownFacts()
		facts.Volumes = map[string]string{}
		for _, v := range b.in.Observed.Volumes {
			facts.Volumes[v.Name] = v.Created
		}
	}
	q, diags := c.Question(facts)
	if diags.HasErrors() {
		return "", diags
	}
	return b.in.UpToDate.Changed(q)
}

// settled says that nothing that happens before a task can change what it is made from.
func (g *graph) settled(step *Step) bool {
	t := TaskOf(step)
	if len(t.Deferred) > 0 || len(t.Finally) > 0 {
		return false
	}
	seen := map[StepID]bool{}
	var still func(id StepID) bool
	still = func(id StepID) bool {
		if seen[id] {
			return true
		}
		seen[id] = true
		other := g.steps[id]
		if !other.keeps() {
			return false
		}
		return !slices.ContainsFunc(other.Needs, func(n Need) bool { return !still(n.Step) })
	}
	return !slices.ContainsFunc(step.Needs, func(n Need) bool { return !still(n.Step) })
}

// keeps says that a step changes neither files nor images. What is made anew, such as a container, is another one than before,
// and known to be.
func (s *Step) keeps() bool {
	if RunsCommand(s) {
		return false
	}
	switch a := s.Action.(type) {
	case *Image:
		return s.Verb == Reuse
	case *LookService:
		return false // who else starts it may do so by then
	case *WaitService:
		return a.Condition != hclspec.Completed || a.Met
	}
	return true
}

// skip makes a step one that does nothing. What it needed, but for other tasks, is needed no more by it.
func (g *graph) skip(step *Step, dropped map[StepID]bool) {
	step.Verb, step.Reason, step.Action, step.Check = Skip, "up to date", &JoinGroup{Task: TaskOf(step)}, nil
	step.Needs = slices.DeleteFunc(step.Needs, func(n Need) bool {
		gone := !IsTask(g.steps[n.Step])
		if gone {
			dropped[n.Step] = true
		}
		return gone
	})
}

// prune takes out the steps that only dropped ones lead to.
func (p *Plan) prune(dropped map[StepID]bool) {
	if len(dropped) == 0 {
		return
	}
	below := p.closure(func(s *Step) bool { return dropped[s.ID] })
	kept := p.closure(func(s *Step) bool { return !below[s.ID] || slices.Contains(p.Wanted, s.ID) })
	p.Steps = slices.DeleteFunc(p.Steps, func(s *Step) bool { return !kept[s.ID] })
}

// closure is some steps and all that they need. Steps are in a topological order, so one pass from the end is enough.
func (p *Plan) closure(from func(*Step) bool) map[StepID]bool {
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
