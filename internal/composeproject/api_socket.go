package composeproject

import (
	"maps"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
)

// APISocketConfig is the name of the config for a service with use_api_socket. The content is the credentials of the
// docker command. The creation of a container fills the content in: only the client knows the credentials, and the hash
// does not cover content.
const APISocketConfig = "#apisocket"

const (
	apiSocket          = "/var/run/docker.sock"
	dockerConfigDir    = "/run/secrets/docker"
	dockerConfigFile   = dockerConfigDir + "/config.json"
	dockerConfigEnvVar = "DOCKER_CONFIG"
)

// applyAPISocket resolves use_api_socket as Compose does, because no engine knows the attribute. The service gets the
// engine's socket, the credentials, and DOCKER_CONFIG unless the service sets the variable. Compose hashes all three.
func applyAPISocket(model *types.Project) {
	for name, s := range model.Services {
		if !s.UseAPISocket {
			continue
		}
		socket := types.ServiceVolumeConfig{Type: types.VolumeTypeBind, Source: apiSocket, Target: apiSocket}
		s.Volumes = append(slices.Clone(s.Volumes), socket)
		credentials := types.ServiceConfigObjConfig{Source: APISocketConfig, Target: dockerConfigFile}
		s.Configs = append(slices.Clone(s.Configs), credentials)
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
