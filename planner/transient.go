package planner

import (
	"maps"
	"slices"
	"strings"

	"tasks/hclspec"
	"tasks/internal/composeproject"
)

// Transient says by its labels that a thing goes with the last run that uses it.
func IsTransient(labels map[string]string) bool {
	return labels[LabelPolicy] == string(hclspec.PolicyTransient)
}

// SharesLeases says that who made a transient thing keeps leases where this process does: these alone tell whether it is used.
func (o Ownership) SharesLeases(labels map[string]string) bool {
	return slices.ContainsFunc(strings.Fields(labels[LabelLeases]), func(location string) bool { return slices.Contains(o.LeaseLocations, location) })
}

// transientReason is added to the reasons of steps that make such things.
const transientReason = "; removed after the last run that uses it"

// markTransient marks what tasks under the transient policy alone need, and nobody has yet: it goes after the last run that uses
// it. What a task under another policy needs too, and is not there, is made to stay.
func (g *graph) markTransient() {
	transient, permanent := map[StepID]bool{}, map[StepID]bool{}
	for _, s := range g.allSteps {
		switch task := TaskOf(s); {
		case !IsTask(s), task.Policy == hclspec.PolicyExternal:
		case task.Policy == hclspec.PolicyTransient:
			g.collectNeeded(transient, s)
		default:
			g.collectNeeded(permanent, s)
		}
	}
	for _, s := range g.allSteps {
		if transient[s.ID] && !permanent[s.ID] {
			g.builders[s.Scope].makeTransient(s)
		}
	}
}

// needed finds what a task's step needs that is no other task.
func (g *graph) collectNeeded(into map[StepID]bool, s *Step) {
	for _, n := range s.Needs {
		if step := g.steps[n.Step]; !into[n.Step] && !IsTask(step) {
			into[n.Step] = true
			g.collectNeeded(into, step)
		}
	}
}

// makeTransient has a step make what goes after the last run that uses it, where it makes something. Volumes with a name stay.
func (b *builder) makeTransient(s *Step) {
	b.hasTransient = true
	switch a := s.Action.(type) {
	case *Network:
		if !a.External && (a.ExistingID == "" || a.IsChanged && a.IsTransient) {
			a.Labels = b.transientLabels(a.Labels)
			s.Reason += transientReason
		}
	case *Container:
		if decide := a.Decide; a.Existing == nil || IsTransient(a.Existing.Labels) {
			a.Decide = func(existing *ObservedContainer, facts Facts) Decision {
				d := decide(existing, facts)
				if d.Verb != Reuse && (existing == nil || IsTransient(existing.Labels)) {
					d.Spec.Labels = b.transientLabels(d.Spec.Labels)
				}
				return d
			}
		}
		if a.Existing == nil {
			s.Reason += transientReason
		}
	case *StartService:
		existing := b.steps[b.containerID(a.Replica)].Action.(*Container).Existing
		if a.StopAfterUse = existing != nil && !IsTransient(existing.Labels) && !isUp(existing); a.StopAfterUse && s.Verb == Start {
			s.Reason += "; stopped after the last run that uses it"
		}
	}
}

// isUp says that a container has been started and has not ended.
func isUp(c *ObservedContainer) bool {
	return c.State == "running" || c.State == "paused" || c.State == "restarting"
}

func (b *builder) transientLabels(labels map[string]string) map[string]string {
	labels = maps.Clone(labels)
	labels[LabelPolicy] = string(hclspec.PolicyTransient)
	if b.input.Ownership.Self != "" {
		labels[LabelOwner] = b.input.Ownership.Self
	}
	if len(b.input.Ownership.LeaseLocations) > 0 {
		labels[LabelLeases] = strings.Join(b.input.Ownership.LeaseLocations, " ")
	}
	return labels
}

// Removable are those of some containers of a project that may go now. What a container uses that runs, and does not go itself,
// stays: one whose service depends on it, and any one-off that belongs to no process of ours.
func Removable(all []*ObservedContainer, isWanted func(*ObservedContainer) bool) []*ObservedContainer {
	remaining := slices.DeleteFunc(slices.Clone(all), isWanted)
	removable := slices.DeleteFunc(slices.Clone(all), func(c *ObservedContainer) bool { return !isWanted(c) })
	for {
		kept := slices.DeleteFunc(slices.Clone(removable), func(c *ObservedContainer) bool {
			return !slices.ContainsFunc(remaining, func(other *ObservedContainer) bool { return other.isUsing(c) })
		})
		if len(kept) == 0 {
			return removable
		}
		remaining = append(remaining, kept...)
		removable = slices.DeleteFunc(removable, func(c *ObservedContainer) bool { return slices.Contains(kept, c) })
	}
}

// isUsing says whether a container may need another one of its project just now. What a run of ours uses beside that it has a
// lease on.
func (c *ObservedContainer) isUsing(other *ObservedContainer) bool {
	service := other.Labels[composeproject.LabelService]
	hasEnded := c.State == "exited" || c.State == "dead" || c.State == "removing"
	switch {
	case c.Labels[LabelProbe] != "" || hasEnded || !isOneOff(c) && !isUp(c):
		return false
	case isOneOff(other) || service == "" || c.Labels[composeproject.LabelProject] != other.Labels[composeproject.LabelProject]:
		return false
	case isOneOff(c) && c.Labels[LabelOwner] == "":
		return true
	}
	return c.DependsOn(service)
}

// hasTransient says that the project has something that goes with the last run that uses it.
func (o *Snapshot) hasTransient() bool {
	return o != nil && len(o.TransientLeases()) > 0
}

// TransientLeases are those on what of the project goes with the last run that uses it.
func (o *Snapshot) TransientLeases() (names []string) {
	for _, c := range o.Containers {
		if IsTransient(c.Labels) {
			names = append(names, serviceLease(c))
		}
	}
	for _, n := range o.Networks {
		if IsTransient(n.Labels) {
			names = append(names, NetworkLease(n.Name))
		}
	}
	return unique(names)
}

// Lease names what a run has a lease on while it uses it: a service of a project.
func (p Scope) Lease(service string) string { return p.Project + "/service/" + service }

// NetworkLease is [Scope.Lease] for a network, by its name on the engine.
func NetworkLease(name string) string { return "network/" + name }

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
		names = append(names, NetworkLease(model.Networks[key].Name))
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
			names = append(names, NetworkLease(a.Name))
		case *Container:
			names = append(names, scopes[s.Scope].Lease(ServiceOf(a.Replica)))
		}
	}
	return unique(names)
}
