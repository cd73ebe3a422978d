// Package docker implements the container engine of a run with the Docker Engine API (1.40 and later).
//
// The package acts and does not decide: every method is one request to the engine. Differences between API versions
// stay in this package.
package docker

import (
	"sync"

	"github.com/moby/moby/client"

	"tasks/executor/engine"
)

// Engine talks to one Docker Engine. An Engine is safe for concurrent use. The first call sends the first bytes and
// also agrees on the API version.
type Engine struct {
	*apiConnection
	networks
	images
	config clientConfig
	warn   func(string)
}

var _ engine.Engine = (*Engine)(nil)

// Options choose and configure the connection to an engine.
type Options struct {
	// Getenv looks up environment variables: DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG, DOCKER_CERT_PATH, DOCKER_TLS,
	// DOCKER_TLS_VERIFY, DOCKER_API_VERSION, HOME. With nil, all variables are unset.
	Getenv func(string) string
	// Warn receives the warnings of the engine and of this package about a created container. Several goroutines may
	// call Warn. With nil, warnings are dropped.
	Warn func(string)
	// Host is the address of the engine, Context a context of the docker configuration. With one of the two, the
	// environment chooses no engine.
	Host, Context string
	// UserAgent appears in the engine's log. Empty means the client library's default.
	UserAgent string
}

// Connect finds the engine as the docker command does: DOCKER_HOST, else DOCKER_CONTEXT, else the current context of
// the docker configuration, else the socket of this machine. Connect opens no connection. An engine without an answer
// is an [UnreachableError] of the first call.
func Connect(opts Options) (*Engine, error) {
	env := environment(opts.Getenv)
	load := sync.OnceValues(env.loadConfig)
	endpoint, err := env.chosenEndpoint(opts, load)
	if err != nil {
		return nil, err
	}
	clientOpts, err := endpoint.clientOptions()
	if err != nil {
		return nil, err
	}
	version := env.get(client.EnvOverrideAPIVersion)
	clientOpts = append(clientOpts, client.WithAPIVersion(version))
	if opts.UserAgent != "" {
		clientOpts = append(clientOpts, client.WithUserAgent(opts.UserAgent))
	}
	conn := &apiConnection{
		address:         endpoint.host,
		negotiating:     make(chan struct{}, 1),
		negotiated:      make(chan struct{}),
		hasFixedVersion: version != "",
	}
	clientOpts = append(clientOpts, client.WithHTTPResponseHook(conn.recordClockSkew))
	if conn.api, err = client.New(clientOpts...); err != nil {
		return nil, &callError{op: "connect to the Docker engine at " + endpoint.host, err: err}
	}
	docker := clientConfig{load: load, address: endpoint.host}
	e := &Engine{
		apiConnection: conn,
		networks:      networks{conn},
		images:        images{apiConnection: conn, config: docker, getenv: env.get},
		config:        docker,
		warn:          opts.Warn,
	}
	if e.warn == nil {
		e.warn = func(string) {}
	}
	return e, nil
}
