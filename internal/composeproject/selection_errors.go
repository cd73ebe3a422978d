package composeproject

import (
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
)

// explainSelection returns all mistakes behind the error of a selection: dependencies on services with inactive
// profiles, and missing env files.
func (p *Project) explainSelection(services []string, err error) error {
	c := selectionChecker{project: p, visited: map[string]bool{}}
	var enableErr error
	if c.model, enableErr = withProfilesOf(p.model, services); enableErr != nil {
		c.model = p.model
	}
	if len(services) == 0 {
		services = c.model.ServiceNames()
	}
	for _, name := range slices.Sorted(slices.Values(services)) {
		c.visit(name)
	}
	if len(c.errors) == 0 {
		c.errors = append(c.errors, p.sources.locateError(err))
	}
	return p.sources.loadError(c.errors)
}

// selectionChecker checks the services of a selection.
type selectionChecker struct {
	project *Project
	model   *types.Project
	visited map[string]bool
	errors  []*Error
}

// visit checks a service and its dependencies, once.
func (c *selectionChecker) visit(name string) {
	service, ok := c.model.Services[name]
	if !ok || c.visited[name] {
		return
	}
	c.visited[name] = true
	for _, file := range service.EnvFiles {
		c.checkEnvFile(name, file)
	}
	for _, dependency := range slices.Sorted(maps.Keys(service.DependsOn)) {
		if _, isActive := c.model.Services[dependency]; isActive {
			c.visit(dependency)
		} else if service.DependsOn[dependency].Required {
			c.reportDependency(name, dependency)
		}
	}
}

// reportDependency reports a dependency that is not active or does not exist.
func (c *selectionChecker) reportDependency(name, dependency string) {
	parsed := c.project.sources.parseUndefinedDependency([]string{"", name, dependency})
	if disabled, exists := c.model.DisabledServices[dependency]; exists {
		parsed = inactiveDependency(name, disabled, parsed.paths)
	}
	c.errors = append(c.errors, c.project.sources.errorAt(parsed))
}

// checkEnvFile reports a missing env file.
func (c *selectionChecker) checkEnvFile(service string, file types.EnvFile) {
	if _, err := os.Stat(file.Path); err == nil || !file.Required {
		return
	}
	parsed := parsedMessage{
		message: fmt.Sprintf("the file %s does not exist", file.Path), missingFile: file.Path,
		detail: fmt.Sprintf("Service %s takes its environment from the file. With `required: false`, the file may be "+
			"missing.", service),
		paths: [][]string{{"services", service, "env_file"}}, // a name with a variable
	}
	if file.Path == "" {
		parsed.message = "the name of the file is empty"
	}
	located := c.project.sources.errorAt(parsed)
	environment, envFiles := c.project.model.Environment, c.project.envFileNames
	if note := c.project.sources.unsetVariables(located.File, located.Line, environment, envFiles); note != "" {
		located.Detail = note + " " + located.Detail
	}
	c.errors = append(c.errors, located)
}
