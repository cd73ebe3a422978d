package docker

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/config/configfile"
	"github.com/docker/cli/cli/connhelper"
	"github.com/docker/go-connections/tlsconfig"
	"github.com/moby/moby/client"
)

// environment looks up environment variables. A nil environment has no variables.
type environment func(string) string

func (env environment) get(name string) string {
	if env == nil {
		return ""
	}
	return env(name)
}

// configDir is the folder of the docker command's configuration.
func (env environment) configDir() string {
	if dir := env.get("DOCKER_CONFIG"); dir != "" {
		return dir
	}
	home := env.get("HOME")
	if home == "" {
		home, _ = os.UserHomeDir()
	}
	return filepath.Join(home, ".docker")
}

func (env environment) loadConfig() (*configfile.ConfigFile, error) {
	file, err := config.Load(env.configDir())
	if err != nil {
		return nil, fmt.Errorf("read the docker configuration: %w", err)
	}
	return file, nil
}

// endpoint is the address of an engine, with the TLS configuration.
type endpoint struct {
	host string
	tls  *tls.Config
}

// chosenEndpoint returns the engine of the options, else the engine of the environment.
func (env environment) chosenEndpoint(opts Options, load func() (*configfile.ConfigFile, error)) (endpoint, error) {
	switch {
	case opts.Host != "":
		return env.endpointOf(opts.Host)
	case opts.Context != "" && opts.Context != "default":
		return readContext(filepath.Join(env.configDir(), "contexts"), opts.Context)
	case opts.Context != "":
		return env.endpointOf(client.DefaultDockerHost)
	}
	return env.endpoint(load)
}

// endpoint chooses the engine. As for the docker command, an address in the environment wins over any context.
func (env environment) endpoint(load func() (*configfile.ConfigFile, error)) (endpoint, error) {
	if host := env.get(client.EnvOverrideHost); host != "" {
		return env.endpointOf(host)
	}
	name := env.get("DOCKER_CONTEXT")
	if name == "" {
		file, err := load()
		if err != nil {
			return endpoint{}, err
		}
		name = file.CurrentContext
	}
	if name == "" || name == "default" {
		return env.endpointOf(client.DefaultDockerHost)
	}
	return readContext(filepath.Join(env.configDir(), "contexts"), name)
}

// endpointOf returns the endpoint for an address. The certificates come from the environment.
func (env environment) endpointOf(host string) (endpoint, error) {
	e := endpoint{host: withScheme(host)}
	if isSocket(e.host) || !env.wantsTLS() {
		return e, nil
	}
	dir := env.get(client.EnvOverrideCertPath)
	if dir == "" {
		dir = env.configDir()
	}
	var err error
	e.tls, err = tlsconfig.Client(tlsconfig.Options{
		CAFile:             existingFile(dir, "ca.pem"),
		CertFile:           existingFile(dir, "cert.pem"),
		KeyFile:            existingFile(dir, "key.pem"),
		InsecureSkipVerify: env.get(client.EnvTLSVerify) == "",
	})
	if err != nil {
		const format = "read the certificates for the Docker engine at %s from %s: %w; check DOCKER_CERT_PATH"
		return endpoint{}, passwordError{fmt.Errorf(format, host, dir, err)}
	}
	return e, nil
}

func (env environment) wantsTLS() bool {
	return env.get(client.EnvTLSVerify) != "" || env.get("DOCKER_TLS") != "" || env.get(client.EnvOverrideCertPath) != ""
}

// existingFile returns the path of a file in dir. The path of a missing file is empty, because a server may not ask for
// a client certificate.
func existingFile(dir, file string) string {
	path := filepath.Join(dir, file)
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

// withScheme completes an address without a scheme, as the docker command does.
func withScheme(host string) string {
	if strings.Contains(host, "://") {
		return host
	}
	if strings.HasPrefix(host, "/") {
		return "unix://" + host
	}
	return "tcp://" + host
}

func isSocket(host string) bool {
	return strings.HasPrefix(host, "unix://") || strings.HasPrefix(host, "npipe://") || strings.HasPrefix(host, "ssh://")
}

// clientOptions configure the client for the endpoint.
func (e endpoint) clientOptions() ([]client.Opt, error) {
	// The Engine API is HTTP/1. If a transport may choose HTTP/2, Go gives the transport a TLS configuration. The
	// client would take this configuration for a wish of the user. Then attach and exec would use TLS with an engine
	// without TLS.
	protocols := &http.Protocols{}
	protocols.SetHTTP1(true)
	transport := &http.Transport{
		TLSClientConfig: e.tls,
		Protocols:       protocols,
		// A snapshot sends many requests at once. The default of two idle connections would close and redial most
		// connections.
		MaxIdleConns:        idleConnections,
		MaxIdleConnsPerHost: idleConnections,
		IdleConnTimeout:     30 * time.Second,
	}
	opts := []client.Opt{client.WithHTTPClient(&http.Client{Transport: transport, CheckRedirect: client.CheckRedirect})}
	helper, err := connhelper.GetConnectionHelper(e.host)
	if err != nil {
		return nil, passwordError{fmt.Errorf("connect to the Docker engine at %s: %w", e.host, err)}
	}
	if helper != nil {
		return append(opts, client.WithHost(helper.Host), client.WithDialContext(withReadError(helper.Dialer))), nil
	}
	if e.tls != nil {
		dialer := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
		return append(opts, client.WithHost(e.host), client.WithDialContext(dialer.DialContext)), nil
	}
	return append(opts, client.WithHost(e.host)), nil
}

const idleConnections = 16
