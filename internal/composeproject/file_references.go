package composeproject

import (
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
)

// WithoutEmptyFiles returns a service without the secrets and configs of variables that are set and empty. As in
// Compose, the container has no such files. A variable that is not set is an error at the creation of the container.
func (p *Project) WithoutEmptyFiles(s types.ServiceConfig) types.ServiceConfig {
	s.Secrets = slices.DeleteFunc(slices.Clone(s.Secrets), func(use types.ServiceSecretConfig) bool {
		return isEmptyVariable(p, types.FileObjectConfig(p.model.Secrets[use.Source]))
	})
	s.Configs = slices.DeleteFunc(slices.Clone(s.Configs), func(use types.ServiceConfigObjConfig) bool {
		return isEmptyVariable(p, types.FileObjectConfig(p.model.Configs[use.Source]))
	})
	return s
}

func isEmptyVariable(p *Project, definition types.FileObjectConfig) bool {
	value, isSet := p.model.Environment[definition.Environment]
	return definition.Environment != "" && definition.Content == "" && definition.File == "" && isSet && value == ""
}
