package planner

import (
	"maps"
	"slices"
	"strings"

	"tasks/hclspec"
	"tasks/internal/composeproject"
)

// Transient says by its labels that a thing goes with the last run that uses it.
func Transient(labels map[string]string) bool {
	return labels[LabelPolicy] == string(hclspec.PolicyTransient)
}

// Shared says that who made a transient thing keeps leases where this process does: these alone tell whether it is used.
func (o Owners) Shared(labels map[string]string) bool {
	return slices.ContainsFunc(strings.Fields(labels[LabelLeases]), func(place string) bool { return slices.Contains(o.Leases, place) })
}

// goesReason is added to the reasons of steps that make such things.
const goesReason = "; removed after the last run that uses it"

// transients marks what tasks under the transient policy alone need, and nobody has yet: it goes after the last run that uses
// it. What a task under another policy needs too, and is not there, is made to stay.
func (g *graph) transients() {
	goes, stays := map[StepID]bool{}, map[StepID]bool{}
	for _, s := range g.all {
		switch task := TaskOf(s); {
		case !IsTask(s), task.Policy == hclspec.PolicyExternal:
		case task.Policy == hclspec.PolicyTransient:
			g.needed(goes, s)
		default:
			g.needed(stays, s)
		}
	}
	for _, s := range g.all {
		if goes[s.ID] && !stays[s.ID] {
			g.builders[s.Scope].goAfter(s)
		}
	}
}

// needed finds what a task's step needs that is no other task.
func (g *graph) needed(into map[StepID]bool, s *Step) {
	for _, n := range s.Needs {
		if step := g.steps[n.Step]; !into[n.Step] && !IsTask(step) {
			into[n.Step] = true
			g.needed(into, step)
		}
	}
}

// goAfter has a step make what goes after the last run that uses it, where it makes something. Volumes with a name stay.
func (b *builder) goAfter(s *Step) {
	b.transient = true
	switch a := s.Action.(type) {
	case *Network:
		if !a.External && (a.ExistingID == "" || a.Changed && a.Transient) {
			a.Labels = b.transientLabels(a.Labels)
			s.Reason += goesReason
		}
	case *Container:
		if decide := a.Decide; a.Have == nil || Transient(a.Have.Labels) {
			a.Decide = func(have *ObservedContainer, facts Facts) Decision {
				d := decide(have, facts)
				if d.Verb != Reuse && (have == nil || Transient(have.Labels)) {
					d.Spec.Labels = b.transientLabels(d.Spec.Labels)
				}
				return d
			}
		}
		if a.Have == nil {
			s.Reason += goesReason
		}
	case *StartService:
		have := b.steps[b.containerID(a.Service)].Action.(*Container).Have
		if a.StopAfter = have != nil && !Transient(have.Labels) && !isUp(have); a.StopAfter && s.Verb == Start {
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
	if b.in.Owners.Self != "" {
		labels[LabelOwner] = b.in.Owners.Self
	}
	if len(b.in.Owners.Leases) > 0 {
		labels[LabelLeases] = strings.Join(b.in.Owners.Leases, " ")
	}
	return labels
}

// Removable are those of some containers of a project that may go now. What a container uses that runs, and does not go itself,
// stays: one whose service depends on it, and any one-off that belongs to no process of ours.
func Removable(all []*ObservedContainer, wanted func(*ObservedContainer) bool) []*ObservedContainer {
	stay := slices.DeleteFunc(slices.Clone(all), wanted)
	going := slices.DeleteFunc(slices.Clone(all), func(c *ObservedContainer) bool { return !wanted(c) })
	for {
		kept := slices.DeleteFunc(slices.Clone(going), func(c *ObservedContainer) bool {
			return !slices.ContainsFunc(stay, func(other *ObservedContainer) bool { return other.uses(c) })
		})
		if len(kept) == 0 {
			return going
		}
		stay = append(stay, kept...)
		going = slices.DeleteFunc(going, func(c *ObservedContainer) bool { return slices.Contains(kept, c) })
	}
}

// uses says whether a container may need another one of its project just now. What a run of ours uses beside that it has a
// lease on.
func (c *ObservedContainer) uses(other *ObservedContainer) bool {
	service := other.Labels[composeproject.LabelService]
	ended := c.State == "exited" || c.State == "dead" || c.State == "removing"
	switch {
	case c.Labels[LabelProbe] != "" || ended || !oneOffLabel(c) && !isUp(c):
		return false
	case oneOffLabel(other) || service == "" || c.Labels[composeproject.LabelProject] != other.Labels[composeproject.LabelProject]:
		return false
	case oneOffLabel(c) && c.Labels[LabelOwner] == "":
		return true
	}
	return c.DependsOn(service)
}

// seesTransient says that the project has something that goes with the last run that uses it.
func (o *Observed) seesTransient() bool {
	return o != nil && len(o.TransientLeases()) > 0
}

// TransientLeases are those on what of the project goes with the last run that uses it.
func (o *Observed) TransientLeases() (names []string) {
	for _, c := range o.Containers {
		if Transient(c.Labels) {
			names = append(names, leaseOf(c))
		}
	}
	for _, n := range o.Networks {
		if Transient(n.Labels) {
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
func Leases(project *composeproject.Project) []string {
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
func (p *Plan) Leases() []string { return leasesOf(p.Steps, p.Scopes) }

// LeasesIn are those of them on what belongs to one compose project.
func (p *Plan) LeasesIn(project string) []string {
	steps := slices.DeleteFunc(slices.Clone(p.Steps), func(s *Step) bool { return p.ProjectOf(s) != project })
	return leasesOf(steps, p.Scopes)
}

func leasesOf(steps []*Step, scopes map[string]Scope) []string {
	var names []string
	for _, s := range steps {
		if scopes[s.Scope].Private != "" {
			continue
		}
		switch a := s.Action.(type) {
		case *LookService:
			names = append(names, scopes[s.Scope].Lease(ServiceOf(a.Service)))
		case *Network:
			names = append(names, NetworkLease(a.Name))
		case *Container:
			names = append(names, scopes[s.Scope].Lease(ServiceOf(a.Service)))
		}
	}
	return unique(names)
}
