package workspace

import (
	"strings"

	"tasks/hclspec"
	"tasks/internal/composeproject"
)

// ServiceDependencies returns a function from a service, with the scope as prefix, to the dependencies of the
// service. The function is nil where a compose block needs a variable without a value: then the project is not
// known.
func (ws *Workspace) ServiceDependencies() (func(service string) []hclspec.Dependency, error) {
	projects := map[string]*composeproject.Project{}
	for _, scope := range ws.File.Scopes() {
		if _, diags := ws.File.ComposeForScope(ws.Inputs, scope); diags.HasErrors() {
			return nil, nil
		}
		project, err := ws.Project(scope)
		if err != nil {
			return nil, err
		}
		projects[scope] = project
	}
	return func(service string) []hclspec.Dependency {
		scope := service[:strings.LastIndexByte(service, ':')+1] // names of services have no colon
		return composeDependencies(projects[scope], scope, service[len(scope):])
	}, nil
}

// composeDependencies returns the sorted dependencies of a service, with links and shared namespaces.
func composeDependencies(project *composeproject.Project, scope, service string) []hclspec.Dependency {
	config, found := project.Service(service)
	if !found {
		return nil
	}
	var dependencies []hclspec.Dependency
	for _, name := range config.GetDependencies() {
		condition := hclspec.Condition(config.DependsOn[name].Condition)
		dependencies = append(dependencies, hclspec.Dependency{
			Service: scope + name, Condition: condition, IsJob: project.IsJob(name),
		})
	}
	return dependencies
}
