package planner

import "github.com/hashicorp/hcl/v2"

// stepSet holds the steps of a plan under construction.
type stepSet struct {
	byID map[StepID]*Step
	// all are the steps of all scopes, in the order of creation.
	all   []*Step
	diags hcl.Diagnostics
}

// hasStep reports whether a step exists.
func (g *stepSet) hasStep(id StepID) bool {
	_, ok := g.byID[id]
	return ok
}

// withDependencies returns a step with all direct and indirect needs.
func (g *stepSet) withDependencies(id StepID) map[StepID]bool {
	return reachable(id, func(id StepID, visit func(StepID)) {
		for _, n := range g.byID[id].Needs {
			visit(n.Step)
		}
	})
}

// withDependents returns a step with all direct and indirect dependents.
func (g *stepSet) withDependents(id StepID) map[StepID]bool {
	dependents := map[StepID][]StepID{}
	for _, s := range g.all {
		for _, n := range s.Needs {
			dependents[n.Step] = append(dependents[n.Step], s.ID)
		}
	}
	return reachable(id, func(id StepID, visit func(StepID)) {
		for _, d := range dependents[id] {
			visit(d)
		}
	})
}

func reachable(from StepID, next func(id StepID, visit func(StepID))) map[StepID]bool {
	seen := map[StepID]bool{}
	var visit func(StepID)
	visit = func(id StepID) {
		if !seen[id] {
			seen[id] = true
			next(id, visit)
		}
	}
	visit(from)
	return seen
}

// withContainer returns the step of a task, with the step of the task's container.
func (g *stepSet) withContainer(task *Step) []*Step {
	if run, ok := task.Action.(*RunOneOff); ok {
		return []*Step{task, g.byID[run.Create]}
	}
	return []*Step{task}
}

// collectRequired finds a step with all needs that must succeed.
func (g *stepSet) collectRequired(into map[StepID]bool, id StepID) {
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
