package composeproject

import (
	"maps"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
)

// PreStartHooks returns the pre_start hooks of a service, each a whole container: the loader has added the attributes
// of the service, and [Project.Select] the values of env_file and label_file. The service itself keeps the hooks
// without these values, because Compose v5.6 hashes the hooks so.
func (p *Project) PreStartHooks(service string) []types.PreStartHook { return p.preStart[service] }

// resolveLabels reads label_file into the labels of the services, and leaves the hooks alone.
func resolveLabels(model *types.Project) (*types.Project, error) {
	resolved, err := model.WithServicesLabelsResolved(false)
	if err != nil {
		return nil, err
	}
	setPreStart(resolved.Services, preStartOf(model.Services))
	setPreStart(resolved.DisabledServices, preStartOf(model.DisabledServices))
	return resolved, nil
}

// resolveEnvironment reads env_file into the environment of the services. The hooks of the result are as before; hooks
// has the hooks with the values of env_file and label_file.
func resolveEnvironment(
	model *types.Project,
) (resolved *types.Project, hooks map[string][]types.PreStartHook, err error) {
	declared := preStartOf(model.Services)
	resolved, err = model.WithServicesEnvironmentResolved(true)
	if err != nil || len(declared) == 0 {
		return resolved, nil, err
	}
	labelled, err := resolved.WithServicesLabelsResolved(false)
	if err != nil {
		return nil, nil, err
	}
	setPreStart(resolved.Services, declared)
	return resolved, preStartOf(labelled.Services), nil
}

// preStartOf returns the hooks of all services with hooks.
func preStartOf(services types.Services) map[string][]types.PreStartHook {
	hooks := map[string][]types.PreStartHook{}
	for name, s := range services {
		if len(s.PreStart) > 0 {
			hooks[name] = s.PreStart
		}
	}
	return hooks
}

func setPreStart(services types.Services, hooks map[string][]types.PreStartHook) {
	for name, own := range hooks {
		s := services[name]
		s.PreStart = own
		services[name] = s
	}
}

// keepHookResources adds the networks, volumes, secrets and configs that only hooks use.
func keepHookResources(model, all *types.Project) {
	for _, s := range model.Services {
		for _, hook := range s.PreStart {
			keepResources(model, all, hook.ContainerSpec)
		}
	}
}

func keepResources(model, all *types.Project, spec types.ContainerSpec) {
	for key := range spec.Networks {
		keep(model.Networks, all.Networks, key)
	}
	for _, v := range spec.Volumes {
		keep(model.Volumes, all.Volumes, v.Source)
	}
	for _, s := range spec.Secrets {
		keep(model.Secrets, all.Secrets, s.Source)
	}
	for _, c := range spec.Configs {
		keep(model.Configs, all.Configs, c.Source)
	}
}

func keep[T any](kept, all map[string]T, key string) {
	if value, declared := all[key]; declared {
		kept[key] = value
	}
}

// privateHooks gives the hooks of a service the endpoints of a private project.
func privateHooks(hooks []types.PreStartHook, alias string) []types.PreStartHook {
	hooks = slices.Clone(hooks)
	for i := range hooks {
		hooks[i].Networks = privateEndpoints(hooks[i].Networks, alias)
	}
	return hooks
}

// privatePreStart gives all hooks the endpoints of a private project.
func privatePreStart(hooks map[string][]types.PreStartHook, services types.Services) map[string][]types.PreStartHook {
	hooks = maps.Clone(hooks)
	for name, own := range hooks {
		hooks[name] = privateHooks(own, services[name].ContainerName)
	}
	return hooks
}
