package docker

import (
	"bytes"
	"errors"
	"fmt"
	"maps"

	"github.com/docker/cli/cli/config/configfile"

	"tasks/internal/composeproject"
	"tasks/planner"
)

// withCredentials adds the credentials of `docker login` to the config of a service with use_api_socket. The service's
// docker command can then pull and push like the user's.
func (c clientConfig) withCredentials(spec planner.ContainerSpec, osType string) (planner.ContainerSpec, error) {
	if !spec.Service.UseAPISocket {
		return spec, nil
	}
	if osType == windows {
		err := errors.New("is not available on an engine of Windows")
		return spec, newReporter(spec, "").errorAbout(attributeSubject("use_api_socket"), err)
	}
	file, err := c.load()
	if err != nil {
		return spec, err
	}
	credentials, err := file.GetAllCredentials()
	if err != nil {
		const format = "use_api_socket: read the credentials: %w; check credsStore and credHelpers in %s"
		return spec, fmt.Errorf(format, err, file.GetFilename())
	}
	var content bytes.Buffer
	if err := (&configfile.ConfigFile{AuthConfigs: credentials}).SaveToWriter(&content); err != nil {
		return spec, fmt.Errorf("use_api_socket: write the credentials: %w", err)
	}
	config := spec.Configs[composeproject.APISocketConfig]
	config.Content = content.String()
	spec.Configs = maps.Clone(spec.Configs)
	spec.Configs[composeproject.APISocketConfig] = config
	return spec, nil
}
