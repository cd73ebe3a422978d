package composeproject

import (
	"maps"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
)

// APISocketConfig is the name of the config that a service with use_api_socket gets: its content, the credentials of the
// docker command, is put in when a container is made, as nobody but the client knows it, and as it is no part of the hash.
const APISocketConfig = "#apisocket"

const (
	apiSocket          = "/var/run/docker.sock"
	dockerConfigDir    = "/run/secrets/docker"
	dockerConfigFile   = dockerConfigDir + "/config.json"
	dockerConfigEnvVar = "DOCKER_CONFIG"
)

// applyAPISocket does what Compose does for use_api_socket, which no engine knows: the service gets the engine's socket, the
// credentials, and a variable that leads to them, unless it has one. All that is part of what Compose hashes.
func applyAPISocket(model *types.Project) {
	for name, s := range model.Services {
		if !s.UseAPISocket {
			continue
		}
		s.Volumes = append(slices.Clone(s.Volumes), types.ServiceVolumeConfig{Type: types.VolumeTypeBind, Source: apiSocket, Target: apiSocket})
		s.Configs = append(slices.Clone(s.Configs), types.ServiceConfigObjConfig{Source: APISocketConfig, Target: dockerConfigFile})
		if _, set := s.Environment[dockerConfigEnvVar]; !set {
			s.Environment = maps.Clone(s.Environment)
			if s.Environment == nil {
				s.Environment = types.MappingWithEquals{}
			}
			s.Environment[dockerConfigEnvVar] = new(dockerConfigDir)
		}
		model.Services[name] = s
		model.Configs = maps.Clone(model.Configs)
		if model.Configs == nil {
			model.Configs = types.Configs{}
		}
		model.Configs[APISocketConfig] = types.ConfigObjConfig{Name: APISocketConfig}
	}
}
