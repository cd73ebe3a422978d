// Package docker is the container engine of a run, on the Docker Engine API (1.40 and later).
//
// It acts and does not decide: every method is one thing asked of the engine, and what differs between versions of the
// API stays in here.
package docker

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/docker/cli/cli/config/configfile"
	"github.com/moby/moby/client"
	"github.com/moby/moby/client/pkg/versions"

	"tasks/executor/engine"
)

// Engine talks to one Docker Engine. It is safe for concurrent use. Nothing is sent before the first call, which also
// agrees on the version of the API.
type Engine struct {
	api     *client.Client
	address string
	// config reads the configuration of the docker command: credentials, and proxies of builds.
	config func() (*configfile.ConfigFile, error)
	warn   func(string)
	getenv func(string) string

	// negotiating has room for one, who agrees on the version while the others wait: the client's own negotiation
	// would let each of the first calls send its own ping, one after the other.
	negotiating     chan struct{}
	negotiated      chan struct{}
	hasFixedVersion bool
	// osType is what the engine runs on, as it says; known once negotiated, empty where the version is fixed.
	osType string
	// skew is the engine's clock less ours, known once negotiated; see clockSkew.
	skew time.Duration
}

var _ engine.Engine = (*Engine)(nil)

// Options say which engine to connect to.
type Options struct {
	// Getenv looks up environment variables: DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG, DOCKER_CERT_PATH,
	// DOCKER_TLS, DOCKER_TLS_VERIFY, DOCKER_API_VERSION, HOME. Nil: all are unset.
	Getenv func(string) string
	// Warn gets what the engine, or this package, has to say about a container that is made nevertheless. It may be
	// called from several goroutines. Nil: nobody is told.
	Warn func(string)
	// UserAgent is what the engine's log shows of us; empty: the client library's own.
	UserAgent string
}

// Connect finds the engine as the docker command does: DOCKER_HOST, else DOCKER_CONTEXT, else the current context of the
// docker configuration, else the socket of this machine. It opens no connection: an engine that does not answer is an
// [UnreachableError] of the first call.
func Connect(opts Options) (*Engine, error) {
	env := environment(opts.Getenv)
	config := sync.OnceValues(env.loadConfig)
	endpoint, err := env.endpoint(config)
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
	e := &Engine{
		address:         endpoint.host,
		config:          config,
		warn:            opts.Warn,
		getenv:          env.get,
		negotiating:     make(chan struct{}, 1),
		negotiated:      make(chan struct{}),
		hasFixedVersion: version != "",
	}
	if e.warn == nil {
		e.warn = func(string) {}
	}
	clientOpts = append(clientOpts, client.WithResponseHook(e.recordClockSkew))
	if e.api, err = client.New(clientOpts...); err != nil {
		return nil, &callError{op: "connect to the Docker engine at " + endpoint.host, err: err}
	}
	return e, nil
}

// Close closes idle connections. Calls under way go on.
func (e *Engine) Close() error { return e.api.Close() }

// Address is the address of the engine, as the docker command would show it.
func (e *Engine) Address() string { return e.address }

// APIVersion agrees on the version of the API and returns it, such as "1.41".
func (e *Engine) APIVersion(ctx context.Context) (string, error) {
	if err := e.negotiate(ctx); err != nil {
		return "", e.wrapError(ctx, "ask for the API version", err)
	}
	return e.api.ClientVersion(), nil
}

// supports says whether the agreed version is at least v. The version has been agreed on before.
func (e *Engine) supports(v string) bool {
	return versions.GreaterThanOrEqualTo(e.api.ClientVersion(), v)
}

// negotiate agrees on the version of the API, once; a failure is tried again by the next call.
func (e *Engine) negotiate(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err() // select would take either way
	}
	select {
	case <-e.negotiated:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case e.negotiating <- struct{}{}:
	}
	defer func() { <-e.negotiating }()
	if e.isNegotiated() {
		return nil
	}
	if !e.hasFixedVersion {
		pong, err := e.api.Ping(ctx, client.PingOptions{NegotiateAPIVersion: true})
		if err != nil {
			return err
		}
		e.osType = pong.OSType
	}
	close(e.negotiated)
	return nil
}

func (e *Engine) isNegotiated() bool {
	select {
	case <-e.negotiated:
		return true
	default:
		return false
	}
}

// recordClockSkew compares the engine's clock with ours, at the response to the ping that agrees on the version: nothing else
// is under way then, so that the field needs no lock.
func (e *Engine) recordClockSkew(resp *http.Response) {
	if e.isNegotiated() || e.hasFixedVersion {
		return
	}
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		e.skew = clockSkew(date, time.Now())
	}
}

// clockSkew tells how far an engine's clock is ahead of ours, from the date of a response, which has whole seconds. Less
// than two seconds are taken as no difference: an engine on this machine has our clock.
func clockSkew(date, now time.Time) time.Duration {
	if skew := date.Sub(now); skew > 2*time.Second || skew < -2*time.Second {
		return skew
	}
	return 0
}

// now is what the engine's clock shows, or less: that of another machine is known to two seconds only.
func (e *Engine) now() time.Time {
	now := time.Now().Add(e.skew)
	if !strings.HasPrefix(e.address, "unix://") {
		now = now.Add(-2 * time.Second)
	}
	return now
}

// call runs one request once the version is agreed on, and gives its error words and a class.
func (e *Engine) call(ctx context.Context, op string, request func(*client.Client) error) error {
	err := e.negotiate(ctx)
	if err == nil {
		err = retryWhileAmbiguous(ctx, func() error { return request(e.api) })
	}
	return e.wrapError(ctx, op, err)
}

// fail says what could not be done. Once ctx has ended every error counts as its end, because transports wrap that in
// ways that cannot be told apart.
func (e *Engine) wrapError(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return &callError{op: op, err: context.Cause(ctx)}
	}
	if isUnreachable(err) {
		return &UnreachableError{Address: e.address, Err: err}
	}
	if known, ok := errors.AsType[*callError](err); ok && known.op == op {
		return err
	}
	return &callError{op: op, err: classifyByMessage(err)}
}

// lingerTimeout is how long a request that makes something may go on after its context has ended.
const lingerTimeout = 5 * time.Second

// lingeringContext is for requests that make something: an answer that is thrown away is a thing that nobody knows of. Those
// requests are short, so that they are let finish.
func lingeringContext(ctx context.Context) (context.Context, context.CancelFunc) {
	outlives, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(lingerTimeout, cancel)
		context.AfterFunc(outlives, func() { timer.Stop() })
	})
	return outlives, func() { stop(); cancel() }
}
