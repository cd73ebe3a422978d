package composeproject

import (
	"fmt"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
)

const defaultPlatform = "DOCKER_DEFAULT_PLATFORM"

// Select cuts the project down to some services and what they depend on, as Compose does for the target of a command: all
// profiles of a named service become active, networks, volumes, secrets and configs that nobody uses are dropped, and
// env_file is read into the environment, which only now must exist. No names: all active services.
func (p *Project) Select(services []string) (*Project, error) {
	if err := p.checkServiceNames(services); err != nil {
		return nil, err
	}
	selected, err := p.selectServices(services)
	if err != nil {
		return nil, p.sources.locateError(err)
	}
	if err := p.applyDefaultPlatform(selected.Services); err != nil {
		return nil, err
	}
	if err := p.prepareBuildContexts(selected); err != nil {
		return nil, err
	}
	applyAPISocket(selected)
	next := *p
	next.model = selected
	return &next, nil
}

func (p *Project) checkServiceNames(services []string) error {
	for _, name := range services {
		if _, ok := p.Service(name); !ok {
			return fmt.Errorf("no such service: %s%s", name, didYouMean(name, p.ServiceNames()))
		}
	}
	return nil
}

// selectServices never changes its receiver: each With… of compose-go works on a deep copy.
func (p *Project) selectServices(services []string) (*types.Project, error) {
	model, err := p.model.WithServicesEnabled(services...)
	if err != nil {
		return nil, err
	}
	model, err = model.WithSelectedServices(services)
	if err != nil {
		return nil, err
	}
	return model.WithoutUnnecessaryResources().WithServicesEnvironmentResolved(true)
}

// applyDefaultPlatform does what up, create and run of Compose do before they hash: only services that are built take the
// default platform into their configuration, and a build for several platforms is left to the builder's choice.
func (p *Project) applyDefaultPlatform(services types.Services) error {
	for name, s := range services {
		if s.Build == nil {
			continue
		}
		if s.Platform == "" {
			s.Platform = p.model.Environment[defaultPlatform]
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
