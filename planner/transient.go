package planner

import (
	"maps"
	"strings"

	"tasks/hclspec"
	"tasks/planner/observed"
)

// markTransient marks missing resources needed only by tasks under the transient policy: their last user removes
// them. A missing resource also needed by a task under another policy is created as permanent.
func (g *graph) markTransient(owners observed.Ownership) {
	transient, permanent := map[StepID]bool{}, map[StepID]bool{}
	for _, s := range g.all {
		switch task := TaskOf(s); {
		case !IsTask(s), task.Policy == hclspec.PolicyExternal:
		case task.Policy == hclspec.PolicyTransient:
			g.collectNeeded(transient, s)
		default:
			g.collectNeeded(permanent, s)
		}
	}
	for _, s := range g.all {
		if transient[s.ID] && !permanent[s.ID] {
			makeTransient(g.planners[s.Scope].scopeSteps, s, owners)
		}
	}
}

// collectNeeded finds the direct and indirect needs of a task, up to other tasks.
func (g *graph) collectNeeded(into map[StepID]bool, s *Step) {
	for _, n := range s.Needs {
		if step := g.byID[n.Step]; !into[n.Step] && !IsTask(step) {
			into[n.Step] = true
			g.collectNeeded(into, step)
		}
	}
}

// makeTransient makes the new resource of a step transient. Named volumes stay.
func makeTransient(p *scopeSteps, s *Step, owners observed.Ownership) {
	p.hasTransient = true
	switch a := s.Action.(type) {
	case *Network:
		if !a.External && (a.ExistingID == "" || a.IsChanged && a.IsTransient) {
			a.Labels = transientLabels(owners, a.Labels)
			s.addReason(ReasonTransient)
		}
	case *Container:
		if a.Existing == nil || a.Existing.IsTransient() {
			a.makeTransient(owners)
		}
		if a.Existing == nil {
			s.addReason(ReasonTransient)
		}
	case *StartService:
		existing := p.byID[p.containerID(a.Replica)].Action.(*Container).Existing
		a.StopAfterUse = existing != nil && !existing.IsTransient() && !existing.State.IsUp()
		if a.StopAfterUse && s.Verb == Start {
			s.addReason(ReasonStoppedAfterUse)
		}
	}
}

// makeTransient adds the labels of a transient resource to the decisions for a container.
func (a *Container) makeTransient(owners observed.Ownership) {
	decide := a.Decide
	a.Decide = func(existing *observed.Container, facts Facts) Decision {
		d := decide(existing, facts)
		if d.Verb != Reuse && (existing == nil || existing.IsTransient()) {
			d.Spec.Labels = transientLabels(owners, d.Spec.Labels)
		}
		return d
	}
}

func transientLabels(owners observed.Ownership, labels map[string]string) map[string]string {
	labels = maps.Clone(labels)
	labels[observed.LabelPolicy] = observed.PolicyTransient
	if owners.Self != "" {
		labels[observed.LabelOwner] = owners.Self
	}
	if len(owners.LeaseLocations) > 0 {
		labels[observed.LabelLeases] = strings.Join(owners.LeaseLocations, " ")
	}
	return labels
}
