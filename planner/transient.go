package planner

import (
	"maps"
	"slices"
	"strings"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// transientReason is added to the reasons of steps that make such things.
const transientReason = "; removed after the last run that uses it"

// markTransient marks what tasks under the transient policy alone need, and nobody has yet: it goes after the last run that uses
// it. What a task under another policy needs too, and is not there, is made to stay.
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
			g.planners[s.Scope].makeTransient(s, owners)
		}
	}
}

// needed finds what a task's step needs that is no other task.
func (g *graph) collectNeeded(into map[StepID]bool, s *Step) {
	for _, n := range s.Needs {
		if step := g.byID[n.Step]; !into[n.Step] && !IsTask(step) {
			into[n.Step] = true
			g.collectNeeded(into, step)
		}
	}
}

// makeTransient has a step make what goes after the last run that uses it, where it makes something. Volumes with a name stay.
func (p *scopeSteps) makeTransient(s *Step, owners observed.Ownership) {
	p.hasTransient = true
	switch a := s.Action.(type) {
	case *Network:
		if !a.External && (a.ExistingID == "" || a.IsChanged && a.IsTransient) {
			a.Labels = transientLabels(owners, a.Labels)
			s.Reason += transientReason
		}
	case *Container:
		if decide := a.Decide; a.Existing == nil || observed.IsTransient(a.Existing.Labels) {
			a.Decide = func(existing *observed.Container, facts Facts) Decision {
				d := decide(existing, facts)
				if d.Verb != Reuse && (existing == nil || observed.IsTransient(existing.Labels)) {
					d.Spec.Labels = transientLabels(owners, d.Spec.Labels)
				}
				return d
			}
		}
		if a.Existing == nil {
			s.Reason += transientReason
		}
	case *StartService:
		existing := p.byID[p.containerID(a.Replica)].Action.(*Container).Existing
		if a.StopAfterUse = existing != nil && !observed.IsTransient(existing.Labels) && !existing.State.IsUp(); a.StopAfterUse && s.Verb == Start {
			s.Reason += "; stopped after the last run that uses it"
		}
	}
}

func transientLabels(owners observed.Ownership, labels map[string]string) map[string]string {
	labels = maps.Clone(labels)
	labels[observed.LabelPolicy] = string(hclspec.PolicyTransient)
	if owners.Self != "" {
		labels[observed.LabelOwner] = owners.Self
	}
	if len(owners.LeaseLocations) > 0 {
		labels[observed.LabelLeases] = strings.Join(owners.LeaseLocations, " ")
	}
	return labels
}

// Leases are those on all that a selected project can touch. They are taken before the look at the engine, so that what is
// seen is not taken away by the last of other runs. Nobody else uses a private one.
func ProjectLeases(project *composeproject.Project) []string {
	if project.IsPrivate() {
		return nil
	}
	scope, model := Scope{Project: project.Name()}, project.Model()
	var names []string
	for _, service := range sortedKeys(model.Services) {
		names = append(names, scope.Lease(service))
	}
	for _, key := range sortedKeys(model.Networks) {
		names = append(names, observed.NetworkLease(model.Networks[key].Name))
	}
	return names
}

// Leases are those on what a plan's steps use.
func (p *Plan) Leases() []string { return stepLeases(p.Steps, p.Scopes) }

// LeasesIn are those of them on what belongs to one compose project.
func (p *Plan) LeasesIn(project string) []string {
	steps := slices.DeleteFunc(slices.Clone(p.Steps), func(s *Step) bool { return p.ProjectOf(s) != project })
	return stepLeases(steps, p.Scopes)
}

func stepLeases(steps []*Step, scopes map[string]Scope) []string {
	var names []string
	for _, s := range steps {
		if scopes[s.Scope].PrivateTask != "" {
			continue
		}
		switch a := s.Action.(type) {
		case *InspectService:
			names = append(names, scopes[s.Scope].Lease(ServiceOf(a.Replica)))
		case *Network:
			names = append(names, observed.NetworkLease(a.Name))
		case *Container:
			names = append(names, scopes[s.Scope].Lease(ServiceOf(a.Replica)))
		}
	}
	return unique(names)
}
