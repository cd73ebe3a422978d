package composeproject

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
)

const defaultPlatform = "DOCKER_DEFAULT_PLATFORM"

// Select reduces the project to some services and jobs with their dependencies, as Compose does for the target of a
// command. Jobs become services. All profiles of a named service or job become active. Unused networks, volumes,
// secrets and configs are dropped. Select reads env_file into the environment, so the files must exist. Without
// names, Select takes all active services.
func (p *Project) Select(names []string) (*Project, error) {
	if err := checkNames(p, names); err != nil {
		return nil, err
	}
	selected, hooks, err := selectServices(p.model, names)
	if err != nil {
		return nil, p.explainSelection(names, err)
	}
	if err := applyDefaultPlatform(selected.Services, p.model.Environment); err != nil {
		return nil, err
	}
	applyAPISocket(selected)
	next := *p
	next.model, next.preStart = selected, hooks
	return &next, readBuilds(&next, nil)
}

func checkNames(p *Project, names []string) error {
	for _, name := range names {
		if _, ok := p.Service(name); !ok {
			return fmt.Errorf("no such service: %s%s", name, didYouMean(name, p.ServiceNames()))
		}
		if err := cmp.Or(p.CheckJob(name), checkJobResources(p, name)); err != nil {
			return err
		}
	}
	return nil
}

// withProfilesOf activates the profiles of services and jobs. Jobs become services.
func withProfilesOf(model *types.Project, names []string) (*types.Project, error) {
	jobs := model.AllJobs()
	services := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return jobClosure(jobs, name) != nil })
	enabled, err := model.WithServicesEnabled(services...)
	if err != nil {
		return nil, err
	}
	return withJobs(enabled, names)
}

// selectServices never changes the model: each With… method of compose-go makes a deep copy.
func selectServices(
	model *types.Project, names []string,
) (*types.Project, map[string][]types.PreStartHook, error) {
	enabled, err := withProfilesOf(model, names)
	if err != nil {
		return nil, nil, err
	}
	if enabled, err = resolveLabels(enabled); err != nil { // Load has resolved the labels of active services only
		return nil, nil, err
	}
	selected, err := enabled.WithSelectedServices(names)
	if err != nil {
		return nil, nil, err
	}
	selected = selected.WithoutUnnecessaryResources()
	keepHookResources(selected, model)
	return resolveEnvironment(selected)
}

// applyDefaultPlatform sets the default platform as up, create and run of Compose do before the hash. Only services
// with a build get the default platform. In a build for several platforms, the builder chooses.
func applyDefaultPlatform(services types.Services, environment types.Mapping) error {
	for name, s := range services {
		if s.Build == nil {
			continue
		}
		if s.Platform == "" {
			s.Platform = environment[defaultPlatform]
		}
		platforms := s.Build.Platforms
		if s.Platform != "" && len(platforms) > 0 && !slices.Contains(platforms, s.Platform) {
			return fmt.Errorf("service %s: build.platforms does not contain %s: add it, or change platform or %s",
				name, s.Platform, defaultPlatform)
		}
		s.Build.Platforms = nil
		if s.Platform != "" {
			s.Build.Platforms = []string{s.Platform}
		} else if len(platforms) == 1 {
			s.Build.Platforms = platforms
		}
		services[name] = s
	}
	return nil
}
