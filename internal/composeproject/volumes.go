package composeproject

import (
	"maps"

	"github.com/compose-spec/compose-go/v2/types"
)

// DeclaresVolume says whether the compose files declare a volume of this key, used or not.
func (p *Project) DeclaresVolume(key string) bool {
	_, declared := p.volumes[key]
	return declared
}

// WithVolumes returns a project that has some more volumes than its services use: those of the compose files as they are
// declared there, any other as a plain volume of the project, `<project>_<key>`.
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
