package planner

import (
	"fmt"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// containerNames returns the container names that the steps of a plan may use.
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
	return observed.Unique(names)
}

// neededServices returns the services that tasks or other services need, sorted. A service only for the configuration
// of a one-off is left out, because the service gets no container.
func neededServices(spec *hclspec.Spec, project *composeproject.Project) []string {
	services, needed := project.Model().Services, map[string]bool{}
	need := func(name string) {
		if _, exists := services[name]; exists {
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

// addNameConflicts adds conflicts with containers of others to the steps that need the name. The run checks the name
// again, and fails. A container removed by the plan is no conflict.
func addNameConflicts(p *scopeSteps) {
	for _, s := range p.order {
		holder := foreignHolder(p, s)
		if holder == nil {
			continue
		}
		if removal := removalOf(p, holder); removal != "" {
			s.addNeed(removal, "it has the name", false)
			continue
		}
		s.addReason(ReasonNameTaken, holder.Name, ownerText(holder))
	}
}

// foreignHolder returns the container of others with the name for a step, or nil.
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

// wantedName returns the container name for a step, and the claim on containers that may already have the name.
// Empty: the step needs no name.
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

// removalOf returns the step with the removal of a container, or "".
func removalOf(p *scopeSteps, c *observed.Container) StepID {
	for _, s := range p.order {
		if a, ok := s.Action.(*RemoveContainer); ok && a.Container.ID == c.ID {
			return s.ID
		}
	}
	return ""
}

// containerNaming compares the names of all containers of a plan.
type containerNaming struct{ *graph }

// refuseSharedNames reports two services of a plan with the same container name, and two configurations of a service.
// `tasks validate` plans all tasks together; no run has all of these.
func (g containerNaming) refuseSharedNames(isValidation bool) {
	first := map[string]*Step{}
	if !isValidation {
		g.refuseOtherNetworks()
	}
	for _, s := range g.all {
		a, ok := s.Action.(*Container)
		if !ok {
			continue
		}
		project := func(s *Step) string { return g.planners[s.Scope].project.Name() }
		if other := first[a.Name]; other != nil && (other.Scope == s.Scope || project(other) != project(s)) {
			g.diags = append(g.diags, g.sharedName(a.Name, other, s))
			continue
		} else if other != nil && !isValidation && g.hasOtherConfig(other, s) {
			g.diags = append(g.diags, g.overlayConflict(other, s, fmt.Sprintf("service %q", ServiceOf(a.Replica))))
			continue
		}
		first[a.Name] = s
	}
}

// refuseOtherNetworks reports two configurations of a network in one run.
func (g containerNaming) refuseOtherNetworks() {
	first := map[string]*Step{}
	for _, s := range g.all {
		n, ok := s.Action.(*Network)
		if !ok || n.External || g.planners[s.Scope].isExternal() {
			continue
		}
		other := first[n.Name]
		if other == nil {
			first[n.Name] = s
			continue
		}
		if g.areOfOneFile(other, s) && networkHash(other.Action.(*Network).Config) != networkHash(n.Config) {
			g.diags = append(g.diags, g.overlayConflict(other, s, fmt.Sprintf("network %q", n.Key)))
		}
	}
}

// networkHash never fails: every loaded configuration has a JSON form.
func networkHash(config types.NetworkConfig) string {
	hash, err := composeproject.NetworkHash(config)
	if err != nil {
		panic(err)
	}
	return hash
}

// areOfOneFile reports whether the scopes of two steps differ only by overlays.
func (g containerNaming) areOfOneFile(first, second *Step) bool {
	file := func(s *Step) string { return hclspec.FileScope(g.planners[s.Scope].origin.FileScope) }
	return file(first) == file(second) && !g.planners[first.Scope].isPrivate() && !g.planners[second.Scope].isPrivate()
}

// separateTaskNames orders one-offs with the same container name: the container of a later task waits for the end of
// the earlier task. Without an order, or beside a service with the name, the name is an error.
func (g containerNaming) separateTaskNames() {
	named := map[string][]*Step{}
	for _, s := range g.all {
		create, ok := s.Action.(*CreateOneOff)
		if !ok || create.Task.ContainerName == "" || g.planners[s.Scope].isPrivate() {
			continue
		}
		name := create.Task.ContainerName
		for _, service := range g.all {
			if a, ok := service.Action.(*Container); ok && a.Name == name {
				g.refuseTaskName(create.Task, "service "+ScopedName(service.Scope, ServiceOf(a.Replica)))
			}
		}
		for _, other := range named[name] {
			if !g.orderByName(other, s) && !g.orderByName(s, other) {
				g.refuseTaskName(create.Task, "task "+other.Action.(*CreateOneOff).Task.Name)
			}
		}
		named[name] = append(named[name], s)
	}
}

// orderByName lets a one-off wait for the end of an earlier task that removes its container, and reports whether the
// tasks have this order.
func (g containerNaming) orderByName(earlier, later *Step) bool {
	first, second := earlier.Action.(*CreateOneOff).Task, later.Action.(*CreateOneOff).Task
	needed := map[StepID]bool{}
	g.collectRequired(needed, taskID(second.Name))
	if !needed[taskID(first.Name)] || !first.RM || first.Detach {
		return false
	}
	later.addNeed(taskID(first.Name), "it has the name", false)
	return true
}

// refuseTaskName reports a container name of a task that is also the name of another container of the plan.
func (g containerNaming) refuseTaskName(t *hclspec.Task, other string) {
	detail := fmt.Sprintf("The containers of task %s and %s would both have the name %s. Choose another name, or "+
		"let the one run after the other.", t.Name, other, t.ContainerName)
	g.diags = append(g.diags, taskError(t, "container_name", "two containers with one name", detail))
}

// sharedName returns the error for two services with the same container name, at the later place in the file.
func (g containerNaming) sharedName(name string, first, second *Step) *hcl.Diagnostic {
	service := func(s *Step) string { return ServiceOf(s.Action.(*Container).Replica) }
	at := func(s *Step) *hcl.Diagnostic {
		p := g.planners[s.Scope]
		return p.locateInService(p.model.Services[service(s)], &hcl.Diagnostic{Severity: hcl.DiagError}, "container_name")
	}
	diag := at(second)
	if earlier := at(first); isAfter(earlier.Subject, diag.Subject) {
		diag, first, second = earlier, second, first
	}
	diag.Summary = "two services with one container name"
	diag.Detail = fmt.Sprintf("The containers of services %s and %s would both have the name %s. "+
		"Give one of the services another container_name.",
		ScopedName(first.Scope, service(first)), ScopedName(second.Scope, service(second)), name)
	return diag
}

// hasOtherConfig reports whether two scopes of one file have different configurations of a service.
func (g containerNaming) hasOtherConfig(first, second *Step) bool {
	config := func(s *Step) composeproject.Hash {
		return configHash(g.planners[s.Scope].model.Services[ServiceOf(s.Action.(*Container).Replica)])
	}
	return g.areOfOneFile(first, second) && config(first) != config(second)
}

// overlayConflict returns the error for two configurations of a service or network in one run.
func (g containerNaming) overlayConflict(first, second *Step, resource string) *hcl.Diagnostic {
	if !strings.Contains(second.Scope, "+") {
		first, second = second, first
	}
	one, other := g.taskOfScope(first.Scope), g.taskOfScope(second.Scope)
	diag := &hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: fmt.Sprintf("two configurations of %s in one run", resource),
		Detail: fmt.Sprintf("The compose files and profiles of task %q and of task %q give it different configurations, "+
			"and the project has only one. Run the tasks one by one, or give one of them "+
			"dependency_policy = \"ephemeral\".", one.Name, other.Name),
	}
	for _, name := range []string{"compose_files", "profiles"} {
		if at := other.Range(name); diag.Subject == nil && at.Filename != "" {
			diag.Subject = &at
		}
	}
	return diag
}

// taskOfScope returns the first task of a scope.
func (g containerNaming) taskOfScope(scope string) *hclspec.Task {
	spec := g.planners[scope].spec
	for _, name := range sortedKeys(spec.Tasks) {
		if t := spec.Tasks[name]; ScopeOf(t) == scope {
			return t
		}
	}
	return &hclspec.Task{}
}

// isAfter reports whether a place follows another place in the same file, or is the only known place.
func isAfter(place, other *hcl.Range) bool {
	switch {
	case place == nil:
		return false
	case other == nil:
		return true
	}
	return place.Filename == other.Filename && place.Start.Line > other.Start.Line
}

// replicaName names a replica in steps and facts: the service name, with a number from the second replica on.
func replicaName(service string, index int) string {
	if index == 0 {
		return service
	}
	return fmt.Sprintf("%s#%d", service, index+1)
}

// ServiceOf returns the service of a replica: "db" for "db#2".
func ServiceOf(replica string) string {
	service, _, _ := strings.Cut(replica, "#")
	return service
}
