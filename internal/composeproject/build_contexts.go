package composeproject

import (
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// BuildContexts are the services whose images the build of a service takes as additional contexts (`base: service:base`), by
// the names of the contexts. What those are built with in turn is not among them. They need not be selected.
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

// contextServices are the names of those services.
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

// prepareBuildContexts makes ready for their builds the services that selected ones are built with, but that are not selected
// themselves: their platforms, as those of the others, and their secrets, which selecting has dropped.
func (p *Project) prepareBuildContexts(model *types.Project) error {
	unselected := types.Services{}
	queue := slices.Collect(maps.Values(model.Services))
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		for _, name := range contextServices(s) {
			c, disabled := model.DisabledServices[name]
			if _, seen := unselected[name]; disabled && !seen {
				unselected[name] = c
				queue = append(queue, c)
			}
		}
	}
	if err := p.applyDefaultPlatform(unselected); err != nil {
		return err
	}
	for name, c := range unselected {
		model.DisabledServices[name] = c
		p.restoreBuildSecrets(model, c.Build)
	}
	return nil
}

func (p *Project) restoreBuildSecrets(model *types.Project, build *types.BuildConfig) {
	if build == nil {
		return
	}
	for _, ref := range build.Secrets {
		if defined, ok := p.model.Secrets[ref.Source]; ok {
			model.Secrets[ref.Source] = defined
		}
	}
}
