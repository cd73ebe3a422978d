package composeproject

import (
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// BuildContexts returns the services used as additional contexts by the build of a service (`base: service:base`), by
// context name. The result holds only direct contexts, also unselected services.
func (p *Project) BuildContexts(s types.ServiceConfig) map[string]types.ServiceConfig {
	names := contextServices(s)
	if len(names) == 0 {
		return nil
	}
	contexts := make(map[string]types.ServiceConfig, len(names))
	for name, service := range names {
		if c, ok := p.Service(service); ok {
			contexts[name] = c
		}
	}
	return contexts
}

// contextServices maps the names of the additional contexts to the names of their services.
func contextServices(s types.ServiceConfig) map[string]string {
	if s.Build == nil || len(s.Build.AdditionalContexts) == 0 {
		return nil
	}
	names := map[string]string{}
	for name, source := range s.Build.AdditionalContexts {
		if service, ok := strings.CutPrefix(source, types.ServicePrefix); ok {
			names[name] = service
		}
	}
	return names
}

// prepareUnselected prepares the builds of unselected services for the images of selected services. The services get
// the default platform as selected services do, and the secrets dropped by the selection.
func prepareUnselected(model *types.Project, secrets types.Secrets, unselected types.Services) error {
	for name, s := range unselected {
		if s.Build != nil {
			build := *s.Build // the original belongs to another project
			s.Build = &build
			unselected[name] = s
		}
	}
	if err := applyDefaultPlatform(unselected, model.Environment); err != nil {
		return err
	}
	if model.DisabledServices == nil {
		model.DisabledServices = types.Services{}
	}
	for name, s := range unselected {
		model.DisabledServices[name] = s
		restoreBuildSecrets(model, secrets, s.Build)
	}
	return nil
}

func restoreBuildSecrets(model *types.Project, secrets types.Secrets, build *types.BuildConfig) {
	if build == nil {
		return
	}
	for _, ref := range build.Secrets {
		if defined, ok := secrets[ref.Source]; ok {
			model.Secrets[ref.Source] = defined
		}
	}
}
