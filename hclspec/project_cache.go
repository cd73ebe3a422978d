package hclspec

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/diag"
)

// ProjectError is the Extra of the diagnostic about a compose project that cannot be loaded.
type ProjectError struct {
	// Err is the whole error of [Inputs].Project.
	Err error
}

// projectCache loads compose projects at the first need, and keeps their services as values.
type projectCache struct {
	in     Inputs
	report func(*hcl.Diagnostic)
	// loaded are the projects by scope. A project with an error is nil.
	loaded map[string]Project
	// services are the services as values, by scope and name.
	services map[string]cty.Value
	// isEmptyReported marks the scopes without any service with a reported error.
	isEmptyReported map[string]bool
}

func newProjectCache(in Inputs, report func(*hcl.Diagnostic)) *projectCache {
	return &projectCache{
		in: in, report: report, loaded: map[string]Project{}, services: map[string]cty.Value{},
		isEmptyReported: map[string]bool{},
	}
}

// load returns the compose project of a scope. The result is not ok if the project cannot be loaded. The error is
// reported once.
func (c *projectCache) load(scope string, at hcl.Range) (Project, bool) {
	if project, known := c.loaded[scope]; known {
		return project, project != nil
	}
	load := c.in.Project
	if scope != "" {
		load = func() (Project, error) { return c.in.IncludedProject(scope) }
	}
	project, err := load()
	if err == nil {
		c.loaded[scope] = project
		return project, true
	}
	c.loaded[scope] = nil
	d := diag.ErrorAt(at, "the compose project cannot be loaded", "%s", err)
	diag.SetKind(d, ProjectError{Err: err})
	c.report(d)
	return nil, false
}

// checkService reports a service that is missing in the project of a scope.
func (c *projectCache) checkService(scope, name string, at hcl.Range) {
	project, ok := c.load(scope, at)
	if !ok || slices.Contains(project.ServiceNames(), name) {
		return
	}
	if len(project.ServiceNames()) == 0 && !slices.Contains(project.JobNames(), name) {
		if c.isEmptyReported[scope] {
			return // a missing compose file is one mistake
		}
		c.isEmptyReported[scope] = true
	}
	d := UnknownServiceError(project, name)
	d.Subject = &at
	c.report(d)
}

// checkServiceIn reports a service that is missing in the projects of all scopes.
func (c *projectCache) checkServiceIn(scopes []string, name string, at hcl.Range) {
	for _, scope := range scopes {
		project, ok := c.load(scope, at)
		if !ok || slices.Contains(project.ServiceNames(), name) {
			return
		}
	}
	c.checkService(scopes[0], name, at)
}

// checkJob reports a job that is missing in the project of a scope, or must not run by hand.
func (c *projectCache) checkJob(scope, name string, at hcl.Range) {
	project, ok := c.load(scope, at)
	if !ok {
		return
	}
	d := jobError(project, name)
	if d != nil {
		d.Subject = &at
		c.report(d)
	}
}

// jobError explains why a job cannot run. Nil: the job can run.
func jobError(project Project, name string) *hcl.Diagnostic {
	if slices.Contains(project.JobNames(), name) {
		if err := project.CheckJob(name); err != nil {
			return diag.Error(fmt.Sprintf("job %q cannot be run", name), "%s.", err)
		}
		return nil
	}
	if slices.Contains(project.ServiceNames(), name) {
		return diag.Error(fmt.Sprintf("%q is a service", name), "Write service = %q, or %s in depends_on.", name,
			config.MemberAccess("service", name))
	}
	hint := diag.DidYouMean(name, project.JobNames())
	if hint.IsEmpty() && len(project.JobNames()) > 0 {
		hint = diag.Textf(" It has %s.", diag.EnumerateNames(project.JobNames()))
	}
	return diag.Error(fmt.Sprintf("unknown job %q", name), "Project %q has no job of this name.%s", project.Name(), hint)
}

// service returns the configuration of a service with the attribute or port of a reference. The result is not ok
// without these.
func (c *projectCache) service(ref config.Reference, composeScope string) (cty.Value, bool) {
	project, ok := c.load(composeScope, ref.Range)
	if !ok {
		return cty.NilVal, false
	}
	v, known := c.services[composeScope+ref.Name]
	if !known {
		if !slices.Contains(project.ServiceNames(), ref.Name) {
			c.checkService(composeScope, ref.Name, ref.Range)
			return cty.NilVal, false
		}
		v = serviceValue(project, ref.Name)
		c.services[composeScope+ref.Name] = v
	}
	if ref.Attr == config.PortAttr {
		return v, c.checkPublishedPort(ref, v)
	}
	attributes := v.Type().AttributeTypes()
	if _, exists := attributes[ref.Attr]; !exists {
		c.report(diag.ErrorAt(ref.Range, fmt.Sprintf("unknown attribute %q of a service", ref.Attr),
			"Compose files have no such attribute of a service.%s",
			diag.DidYouMean(ref.Attr, append(slices.Collect(maps.Keys(attributes)), config.PortAttr))))
		return cty.NilVal, false
	}
	return v, true
}

// variables returns an object with the variables of the compose files: compose.env.
func (c *projectCache) variables(composeScope string, at hcl.Range) (cty.Value, bool) {
	project, ok := c.load(composeScope, at)
	if !ok {
		return cty.NilVal, false
	}
	values := map[string]cty.Value{}
	for name, value := range project.Variables() {
		values[name] = cty.StringVal(value)
	}
	return cty.ObjectVal(values), true
}

// checkPublishedPort reports a port without an entry under ports in the compose file.
func (c *projectCache) checkPublishedPort(ref config.Reference, service cty.Value) bool {
	ports := publishedPorts(service)
	if slices.Contains(ports, ref.Port) {
		return true
	}
	hint := "It publishes no port."
	if len(ports) > 0 {
		hint = "It publishes " + diag.EnumerateNames(ports) + "."
	}
	c.report(diag.ErrorAt(ref.Range, fmt.Sprintf("service %q does not publish port %s", ref.Name, ref.Port),
		"%s What a service publishes stands under ports in the compose file; a task's own ports are not meant.", hint))
	return false
}

// UnknownServiceError explains the name of an unknown service.
func UnknownServiceError(project Project, name string) *hcl.Diagnostic {
	if slices.Contains(project.JobNames(), name) {
		return diag.Error(fmt.Sprintf("%q is a job", name), "Write job = %q, or %s in depends_on.", name,
			config.MemberAccess("job", name))
	}
	hint := diag.DidYouMean(name, project.ServiceNames())
	if hint.IsEmpty() {
		hint = diag.Textf(" It has %s.", diag.EnumerateNames(project.ServiceNames()))
	}
	if len(project.ServiceNames()) == 0 {
		hint = diag.Textf(" It has no service at all: is there a compose file beside Tasks.hcl? The compose block, or " +
			"--compose-file, can name another place.")
	}
	return diag.Error(fmt.Sprintf("unknown service %q", name), "Project %q has no service of this name.%s", project.Name(),
		hint)
}

// serviceValue converts JSON of our own to a value.
func serviceValue(project Project, name string) cty.Value {
	text, err := project.ServiceJSON(name)
	if err != nil {
		panic(fmt.Sprintf("hclspec: service %s: %s", name, err))
	}
	ty, err := ctyjson.ImpliedType(text)
	if err != nil {
		panic(fmt.Sprintf("hclspec: service %s: %s", name, err))
	}
	v, err := ctyjson.Unmarshal(text, ty)
	if err != nil {
		panic(fmt.Sprintf("hclspec: service %s: %s", name, err))
	}
	return v
}
