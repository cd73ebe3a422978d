package composeproject

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// checkService checks the references of a service to services, networks, volumes, secrets, configs and models.
func (m *modelChecker) checkService(project *types.Project, s types.ServiceConfig) {
	for _, name := range slices.Sorted(maps.Keys(s.DependsOn)) {
		if s.DependsOn[name].Required {
			m.checkDependency(project, s.Name, name)
		}
	}
	for _, reference := range serviceReferences(s) {
		m.checkDependency(project, s.Name, reference)
	}
	if s.Build != nil {
		for _, context := range slices.Sorted(maps.Keys(s.Build.AdditionalContexts)) {
			m.checkContext(project, s.Name, context, s.Build.AdditionalContexts[context])
		}
		for _, secret := range s.Build.Secrets {
			checkResource(m, s.Name, "build secret", secret.Source, project.Secrets)
		}
	}
	for _, network := range slices.Sorted(maps.Keys(s.Networks)) {
		if s.NetworkMode != "" {
			break // the loader declares no default network, and checkAlone reports the contradiction
		}
		checkResource(m, s.Name, "network", network, project.Networks)
	}
	for _, volume := range s.Volumes {
		if volume.Type == types.VolumeTypeVolume && volume.Source != "" {
			checkResource(m, s.Name, "volume", volume.Source, project.Volumes)
		}
	}
	for _, secret := range s.Secrets {
		checkResource(m, s.Name, "secret", secret.Source, project.Secrets)
	}
	for _, config := range s.Configs {
		checkResource(m, s.Name, "config", config.Source, project.Configs)
	}
	for _, model := range slices.Sorted(maps.Keys(s.Models)) {
		checkResource(m, s.Name, "model", model, project.Models)
	}
}

// referencedService returns the service of a namespace like `service:db`.
func referencedService(namespace any) (name string, ok bool) {
	text, _ := namespace.(string)
	return strings.CutPrefix(text, types.ServicePrefix)
}

// serviceReferences returns the services in the namespaces of a service.
func serviceReferences(s types.ServiceConfig) []string {
	var names []string
	for _, namespace := range []string{s.NetworkMode, s.Ipc, s.Pid} {
		if name, ok := referencedService(namespace); ok {
			names = append(names, name)
		}
	}
	return names
}

// checkResource reports a name that a section of the files does not declare.
func checkResource[T any](m *modelChecker, service, kind, name string, declared map[string]T) {
	if _, isDeclared := declared[name]; !isDeclared {
		m.addParsed(m.sources.parseUndefinedResource([]string{"", service, kind, name}))
	}
}

// checkDependency reports a service that does not exist, or has an inactive profile.
func (m *modelChecker) checkDependency(project *types.Project, service, name string) {
	if _, isActive := project.Services[name]; isActive {
		return
	}
	parsed := m.sources.parseUndefinedDependency([]string{"", service, name})
	if _, isJob := project.AllJobs()[name]; isJob {
		parsed = parseDependencyOnJob([]string{"", service, name})
	}
	if disabled, exists := project.DisabledServices[name]; exists {
		parsed = inactiveDependency(service, disabled, parsed.paths)
	}
	m.addParsed(parsed)
}

// checkJob checks the dependencies and the name of a job.
func (m *modelChecker) checkJob(project *types.Project, job types.JobConfig, name string) {
	if _, isService := project.AllServices()[name]; isService {
		m.addParsed(parseAmbiguousName([]string{"", name}))
	}
	for _, dependency := range slices.Sorted(maps.Keys(job.DependsOn)) {
		_, isActive := project.Services[dependency]
		_, isJob := project.Jobs[dependency]
		if isActive || isJob || !job.DependsOn[dependency].Required {
			continue
		}
		parsed := m.sources.parseUndefinedJobDependency([]string{"", name, dependency})
		if disabled, exists := project.DisabledServices[dependency]; exists {
			parsed = inactiveDependency(name, disabled, parsed.paths)
			parsed.message = strings.Replace(parsed.message, "service", "job", 1)
		}
		m.addParsed(parsed)
	}
}

// inactiveDependency explains a dependency on a service with an inactive profile. Paths are candidates for the place.
func inactiveDependency(service string, dependency types.ServiceConfig, paths [][]string) parsedMessage {
	return parsedMessage{
		message: fmt.Sprintf("service %q depends on %q, which has %s", service, dependency.Name,
			inactiveProfiles(dependency.Profiles)),
		detail: activateProfiles(dependency.Profiles),
		paths:  paths,
	}
}

// inactiveProfiles describes the profiles of an inactive service.
func inactiveProfiles(profiles []string) string {
	if len(profiles) == 1 {
		return fmt.Sprintf("the profile %s, which is not active", profiles[0])
	}
	return fmt.Sprintf("the profiles %s, and none is active", strings.Join(profiles, ", "))
}

// activateProfiles returns the remedy for an inactive profile.
func activateProfiles(profiles []string) string {
	return fmt.Sprintf("Add --profile %s, or take the service out of the profile. With `required: false` under "+
		"depends_on, the dependency counts only in an active profile.", profiles[0])
}

// checkContext reports a build context of a service that does not exist or has no build.
func (m *modelChecker) checkContext(project *types.Project, service, context, value string) {
	name, ok := referencedService(value)
	if !ok {
		return
	}
	paths := [][]string{{"services", service, "build", "additional_contexts", context}}
	other, exists := project.AllServices()[name]
	switch {
	case !exists:
		m.addParsed(parsedMessage{
			message: fmt.Sprintf("the build of service %q needs the service %q, which is not there", service, name),
			paths:   paths, name: name, candidates: m.sources.sectionKeys("services"),
		})
	case other.Build == nil:
		m.addParsed(parsedMessage{
			message: fmt.Sprintf("the build of service %q needs the service %q, which has no build", service, name),
			paths:   paths,
		})
	}
}

// addParsed adds a mistake at the best of its places.
func (m *modelChecker) addParsed(parsed parsedMessage) { m.add(m.sources.errorAt(parsed)) }

// checkCycles reports each cycle of dependencies once, at its first service.
func (m *modelChecker) checkCycles(project *types.Project) {
	const inProgress, done = 1, 2
	states := map[string]int{}
	var path []string
	var visit func(name string)
	visit = func(name string) {
		states[name] = inProgress
		path = append(path, name)
		for _, next := range slices.Sorted(maps.Keys(project.Services[name].DependsOn)) {
			switch states[next] {
			case inProgress:
				m.addCycle(append(slices.Clone(path[slices.Index(path, next):]), next))
			case done:
			default:
				visit(next)
			}
		}
		path = path[:len(path)-1]
		states[name] = done
	}
	for _, name := range slices.Sorted(maps.Keys(project.Services)) {
		if states[name] == 0 {
			visit(name)
		}
	}
}

func (m *modelChecker) addCycle(services []string) {
	parsed := parseCycle([]string{"", services[0], services[1]})
	parsed.message = "dependency cycle: " + strings.Join(services, " -> ")
	parsed.detail = "Remove one of the dependencies."
	m.addParsed(parsed)
}
