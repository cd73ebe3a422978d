package docker

import (
	"github.com/docker/cli/cli/config/configfile"

	"tasks/planner"
)

// clientConfig is the configuration of the docker command, for one engine.
type clientConfig struct {
	// load reads the configuration once: credentials, and proxies of builds.
	load func() (*configfile.ConfigFile, error)
	// address is the address of the engine. Proxies depend on the address.
	address string
}

// withProxies adds the proxies of the docker configuration to the environment, as `docker run` does.
func (c clientConfig) withProxies(spec planner.ContainerSpec) (planner.ContainerSpec, error) {
	file, err := c.load()
	if err != nil {
		return spec, err
	}
	return withProxies(spec, file.ParseProxyConfig(c.address, nil)), nil
}
