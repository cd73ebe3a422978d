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

// withCredentials puts the credentials that `docker login` keeps into the config of a service with use_api_socket, so that
// its docker command pulls and pushes as ours does.
func (e *Engine) withCredentials(spec planner.ContainerSpec) (planner.ContainerSpec, error) {
	if !spec.Service.UseAPISocket {
		return spec, nil
	}
	if e.osType == windows {
		m := newMapper(spec, "")
		return spec, m.errorAbout(attributeSubject("use_api_socket"), errors.New("cannot be had of an engine of Windows"))
	}
	file, err := e.config()
	if err != nil {
		return spec, err
	}
	credentials, err := file.GetAllCredentials()
	if err != nil {
		return spec, fmt.Errorf("use_api_socket: read the credentials: %w; check credsStore and credHelpers in %s", err, file.GetFilename())
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
