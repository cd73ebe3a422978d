package composeproject

import (
	"maps"

	"github.com/compose-spec/compose-go/v2/types"
)

// DeclaresVolume reports whether the compose files declare a volume, used or not.
func (p *Project) DeclaresVolume(key string) bool {
	_, declared := p.volumes[key]
	return declared
}

// WithVolumes returns a project with additional volumes. A declared volume keeps its configuration; another name
// becomes a plain volume `<project>_<key>`.
func (p *Project) WithVolumes(keys []string) *Project {
	next, model := *p, *p.model
	model.Volumes = maps.Clone(p.model.Volumes)
	if model.Volumes == nil {
		model.Volumes = types.Volumes{}
	}
	for _, key := range keys {
		if config, declared := p.volumes[key]; declared {
			model.Volumes[key] = config
		} else {
			model.Volumes[key] = types.VolumeConfig{Name: p.Name() + "_" + key}
		}
	}
	next.model = &model
	return &next
}
