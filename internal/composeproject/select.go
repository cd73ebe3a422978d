package composeproject

import (
	"fmt"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
)

const defaultPlatform = "DOCKER_DEFAULT_PLATFORM"

// Select reduces the project to some services and their dependencies, as Compose does for the target of a command. All
// profiles of a named service become active. Unused networks, volumes, secrets and configs are dropped. Select reads
// env_file into the environment, so the files must exist. Without names, Select takes all active services.
func (p *Project) Select(services []string) (*Project, error) {
	if err := checkServiceNames(p, services); err != nil {
		return nil, err
	}
	selected, err := selectServices(p.model, services)
	if err != nil {
		return nil, p.explainSelection(services, err)
	}
	if err := applyDefaultPlatform(selected.Services, p.model.Environment); err != nil {
		return nil, err
	}
	if err := prepareBuildContexts(selected, p.model.Secrets); err != nil {
		return nil, err
	}
	applyAPISocket(selected)
	next := *p
	next.model = selected
	return &next, nil
}

func checkServiceNames(p *Project, services []string) error {
	for _, name := range services {
		if _, ok := p.Service(name); !ok {
			return fmt.Errorf("no such service: %s%s", name, didYouMean(name, p.ServiceNames()))
		}
	}
	return nil
}

// selectServices never changes the model: each With… method of compose-go makes a deep copy.
func selectServices(model *types.Project, services []string) (*types.Project, error) {
	model, err := model.WithServicesEnabled(services...)
	if err != nil {
		return nil, err
	}
	model, err = model.WithSelectedServices(services)
	if err != nil {
		return nil, err
	}
	return model.WithoutUnnecessaryResources().WithServicesEnvironmentResolved(true)
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
