package planner

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// containerNames are the names that the steps of a plan may give to containers, as far as spec and project tell.
func containerNames(spec *hclspec.Spec, project *composeproject.Project) []string {
	var names []string
	model := project.Model()
	for _, name := range neededServices(spec, project) {
		s := model.Services[name]
		for i := range s.GetScale() {
			names = append(names, project.ContainerName(s, i+1))
		}
	}
	for _, name := range sortedKeys(spec.Tasks) {
		if t := spec.Tasks[name]; t.ContainerName != "" && !project.IsPrivate() {
			names = append(names, t.ContainerName)
		}
	}
	return unique(names)
}

// neededServices are the services that tasks or other services need, sorted. A service that only gives a one-off its
// configuration is left out: the service itself gets no container.
func neededServices(spec *hclspec.Spec, project *composeproject.Project) []string {
	services, needed := project.Model().Services, map[string]bool{}
	need := func(name string) {
		if _, there := services[name]; there {
			needed[name] = true
		}
	}
	for _, t := range spec.Tasks {
		if t.IsExec {
			need(t.Service)
		}
		for _, d := range t.DependsOn {
			need(d.Service)
		}
	}
	for _, s := range services {
		for _, name := range referencedServices(s) {
			need(name)
		}
		for name := range s.DependsOn {
			need(name)
		}
	}
	return sortedKeys(needed)
}

// noteNameConflicts tells at the steps that need a container name which of the names others have. The run looks again,
// and fails then. A container that the plan itself removes gives its name free.
func noteNameConflicts(p *scopeSteps) {
	for _, s := range p.order {
		holder := foreignHolder(p, s)
		if holder == nil {
			continue
		}
		if removal := removalOf(p, holder); removal != "" {
			s.addNeed(removal, "it has the name", false)
			continue
		}
		s.Reason += fmt.Sprintf("; but the name %s is taken by a container that belongs to %s: the run will fail",
			holder.Name, ownerText(holder))
	}
}

// foreignHolder is the container of others that has the name that a step needs; nil: there is none.
func foreignHolder(p *scopeSteps, s *Step) *observed.Container {
	if p.snapshot == nil || p.project == nil {
		return nil
	}
	name, claim := wantedName(p, s)
	if holder := p.snapshot.ContainerNamed(name); holder != nil && name != "" && !claim.Covers(holder.Labels) {
		return holder
	}
	return nil
}

// wantedName is the name that a step gives to a container or looks for, and the claim on containers that may have the
// name already; empty: the step needs no name.
func wantedName(p *scopeSteps, s *Step) (string, Claim) {
	project := p.project.Name()
	switch a := s.Action.(type) {
	case *Container:
		if s.Verb != Reuse && (a.Existing == nil || a.Existing.Name != a.Name) {
			return a.Name, ServiceClaim(project, ServiceOf(a.Replica))
		}
	case *InspectService:
		if a.Existing == nil {
			return a.Name, ServiceClaim(project, ServiceOf(a.Replica))
		}
	case *CreateOneOff:
		if !p.isPrivate() {
			return a.Task.ContainerName, Claim{}
		}
	}
	return "", Claim{}
}

// removalOf is the step that removes a container; empty: there is none.
func removalOf(p *scopeSteps, c *observed.Container) StepID {
	for _, s := range p.order {
		if a, ok := s.Action.(*RemoveContainer); ok && a.Container.ID == c.ID {
			return s.ID
		}
	}
	return ""
}

// refuseSharedNames refuses two services of a plan that would give their containers one name.
func (g *graph) refuseSharedNames() {
	first := map[string]*Step{}
	for _, s := range g.all {
		a, ok := s.Action.(*Container)
		if !ok {
			continue
		}
		project := func(s *Step) string { return g.planners[s.Scope].project.Name() }
		if other := first[a.Name]; other != nil && (other.Scope == s.Scope || project(other) != project(s)) {
			g.diags = append(g.diags, g.sharedName(a.Name, other, s))
			continue
		}
		first[a.Name] = s
	}
}

// sharedName is the mistake of two services with one container name, at the place of the later one in the file.
func (g *graph) sharedName(name string, one, other *Step) *hcl.Diagnostic {
	service := func(s *Step) string { return ServiceOf(s.Action.(*Container).Replica) }
	at := func(s *Step) *hcl.Diagnostic {
		p := g.planners[s.Scope]
		return p.locateInService(p.model.Services[service(s)], &hcl.Diagnostic{Severity: hcl.DiagError}, "container_name")
	}
	diag := at(other)
	if earlier := at(one); isAfter(earlier.Subject, diag.Subject) {
		diag, one, other = earlier, other, one
	}
	diag.Summary = "two services with one container name"
	diag.Detail = fmt.Sprintf("The containers of services %s and %s would both have the name %s. "+
		"Give one of the services another container_name.",
		ScopedName(one.Scope, service(one)), ScopedName(other.Scope, service(other)), name)
	return diag
}

// isAfter reports whether a place follows another one in the same file, or is the only place that is known.
func isAfter(one, other *hcl.Range) bool {
	switch {
	case one == nil:
		return false
	case other == nil:
		return true
	}
	return one.Filename == other.Filename && one.Start.Line > other.Start.Line
}
