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

// withDependencies is a step and all that it needs, directly or not.
func (g *stepSet) withDependencies(id StepID) map[StepID]bool {
	return reachable(id, func(id StepID, visit func(StepID)) {
		for _, n := range g.byID[id].Needs {
			visit(n.Step)
		}
	})
}

// withDependents is a step and all that need it, directly or not.
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
