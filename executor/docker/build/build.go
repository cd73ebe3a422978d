// Package build builds images with the BuildKit that is part of the Docker Engine, from 20.10 on, over the engine's own
// connection. An attribute of a build that cannot be had is an error that names it.
package build

import (
	"context"
	"fmt"
	"net"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/cli/cli/config/configfile"
	bkclient "github.com/moby/buildkit/client"
	"github.com/moby/moby/client"
)

// Dialer opens connections that the engine hands over: *client.Client of the Docker Engine API.
type Dialer interface {
	DialHijack(ctx context.Context, url, proto string, meta map[string][]string) (net.Conn, error)
}

var _ Dialer = (*client.Client)(nil)

// Request is an image to be built.
type Request struct {
	// Ref names the result; Config.Tags are further names.
	Ref string
	// Platform is the one to build for, such as "linux/arm64"; empty: the engine's own.
	Platform string
	// Config is the build section of the compose file, with absolute paths.
	Config types.BuildConfig
	// Labels are put on the image, over those of Config.
	Labels map[string]string
	// ProjectDir is the absolute folder of the project, which relative paths in cache_from, cache_to and oci-layout:// start at.
	ProjectDir string
	// Locate tells the place of an attribute of Config in the compose file, "compose.yaml:7", empty where it is not known. It
	// is asked for by errors only. Nil: no place is known.
	Locate func(path ...string) string
	// Secrets are the definitions that Config.Secrets refer to.
	Secrets types.Secrets
	// APIVersion is the agreed version of the Engine API, "1.41"; it tells what the engine's BuildKit can do.
	APIVersion string
	// Docker is the configuration of the docker command: credentials of registries.
	Docker *configfile.ConfigFile
	// Proxies are build arguments that need no declaration (HTTP_PROXY and so on); the configuration's own win.
	Proxies map[string]*string
	// Getenv looks up the variable of a secret; nil: none is set.
	Getenv func(string) string
	// Progress gets lines fit to be shown, from one goroutine. Nil: nobody is told.
	Progress func(string)
}

// Build builds and names the image. A failing step is an [Error].
func Build(ctx context.Context, engine Dialer, r Request) error {
	plan, err := prepare(r)
	if err != nil {
		return err
	}
	defer plan.cleanup()
	builder, err := connect(ctx, engine)
	if err != nil {
		return fmt.Errorf("connect to the engine's BuildKit: %w", err)
	}
	defer builder.Close()
	if err := plan.queryWorker(ctx, builder); err != nil {
		return explainMissingBuildKit(err)
	}
	return explainMissingBuildKit(solve(ctx, builder, plan))
}

// connect reaches BuildKit as the docker command does: its API at /grpc, and the session, through which it asks for files
// and credentials, at /session.
func connect(ctx context.Context, engine Dialer) (*bkclient.Client, error) {
	return bkclient.New(ctx, "",
		bkclient.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			return engine.DialHijack(ctx, "/grpc", "h2c", nil)
		}),
		bkclient.WithSessionDialer(func(ctx context.Context, proto string, meta map[string][]string) (net.Conn, error) {
			return engine.DialHijack(ctx, "/session", proto, meta)
		}),
	)
}

// solve runs the build and its display. The display lives as long as the build sends states, whatever happens to ctx.
func solve(ctx context.Context, builder *bkclient.Client, p *buildPlan) error {
	states := make(chan *bkclient.SolveStatus)
	displayed := make(chan *buildState, 1)
	go func() { displayed <- display(context.WithoutCancel(ctx), states, p.request.Progress) }()
	_, err := builder.Solve(ctx, nil, p.options, states)
	final := <-displayed
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return final.withStep(err, p)
}

// buildPlan is a request in BuildKit's terms.
type buildPlan struct {
	request Request
	options bkclient.SolveOpt
	// dockerfile is what errors call it.
	dockerfile string
	// cleanups are folders to remove afterwards.
	cleanups []func()
	// names are those that the image gets.
	names []string
	// gatewayHosts are the hosts whose address only the engine knows, needed by extra_hosts with host-gateway.
	gatewayHosts []string
	// imageStoreErrors are the refusals of what only an engine with containerd's image store can fulfil.
	imageStoreErrors []error
}

func (p *buildPlan) cleanup() {
	for _, remove := range p.cleanups {
		remove()
	}
}

// prepare translates the request, and finds all that is wrong with it.
func prepare(r Request) (*buildPlan, error) {
	p := &buildPlan{request: r, names: []string{r.Ref}}
	p.options.Frontend = "dockerfile.v0"
	p.options.FrontendAttrs = map[string]string{}
	if err := p.translate(); err != nil {
		p.cleanup()
		return nil, err
	}
	p.options.Exports = []bkclient.ExportEntry{{Type: "moby", Attrs: map[string]string{"name": strings.Join(p.names, ",")}}}
	return p, nil
}

func (p *buildPlan) setAttr(key, value string) { p.options.FrontendAttrs[key] = value }
