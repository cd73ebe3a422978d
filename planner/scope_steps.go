package planner

import (
	"github.com/compose-spec/compose-go/v2/types"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// scopeSteps holds the steps of one scope, with the project and the snapshot of the scope. Only tasks need steps of other
// scopes, and these are also tasks.
type scopeSteps struct {
	*stepSet
	key      string
	origin   Origin
	spec     *hclspec.Spec
	project  *composeproject.Project
	model    *types.Project
	snapshot *observed.Snapshot
	// order are the steps of the scope, in the order of creation.
	order []*Step
	// hasTransient reports whether steps of the scope make transient resources.
	hasTransient bool
}

// addStep registers a step. Call it before the planning of the step's needs, so that recursion ends.
func (p *scopeSteps) addStep(s *Step) *Step {
	s.Scope = p.key
	p.byID[s.ID] = s
	p.order = append(p.order, s)
	p.all = append(p.all, s)
	return s
}

// stepID names a step within the plan. Outside the root scope the id begins with the scope's key.
func (p *scopeSteps) stepID(kind, name string) StepID {
	if p.key == "" {
		return StepID(kind + "/" + name)
	}
	return StepID(p.key + "/" + kind + "/" + name)
}
