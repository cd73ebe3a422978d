// Package build builds images with the BuildKit of the Docker Engine, from 20.10 on, over the engine's own connection.
// An unsupported attribute of a build is an error with the attribute's name.
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

// Request describes an image to build.
type Request struct {
	// Ref is the name of the result. Config.Tags are further names.
	Ref string
	// Platform is the platform of the image, such as "linux/arm64". Empty means the engine's own.
	Platform string
	// Config is the build section of the compose file, with absolute paths.
	Config types.BuildConfig
	// Labels are added to the image, and win over the labels of Config.
	Labels map[string]string
	// ProjectDir is the absolute folder of the project. Relative paths in cache_from, cache_to and oci-layout:// start
	// here.
	ProjectDir string
	// Locate returns the place of an attribute of Config in the compose file, "compose.yaml:7", or an empty text for an
	// unknown place. Only errors call Locate. With nil, no place is known.
	Locate func(path ...string) string
	// Secrets are the definitions for the references in Config.Secrets.
	Secrets types.Secrets
	// APIVersion is the agreed version of the Engine API, "1.41". The version decides about the features of the
	// engine's BuildKit.
	APIVersion string
	// Docker is the configuration of the docker command: credentials of registries.
	Docker *configfile.ConfigFile
	// Proxies are build arguments without a declaration (HTTP_PROXY and so on). The arguments of Config win.
	Proxies map[string]*string
	// Getenv looks up the variable of a secret. With nil, no variable is set.
	Getenv func(string) string
	// Progress receives lines for the display, from one goroutine. With nil, the lines are dropped.
	Progress func(string)
}

// Build builds and names the image. A failing step is an [Error].
func Build(ctx context.Context, engine Dialer, r Request) error {
	plan, err := prepare(r)
	if err != nil {
		return err
	}
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

// connect opens a connection to BuildKit as the docker command does. The API is at /grpc. The session is at /session,
// and BuildKit requests files and credentials there.
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

// solve runs the build with the display. The display continues as long as the build sends states, even after the end of
// ctx.
func solve(ctx context.Context, builder *bkclient.Client, p *buildPlan) error {
	states := make(chan *bkclient.SolveStatus)
	displayed := make(chan *buildState, 1)
	go func() { displayed <- display(context.WithoutCancel(ctx), states, p.request.Progress) }()
	_, err := builder.Solve(ctx, nil, p.options.SolveOpt, states)
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
	options solveOptions
	// dockerfile is the name of the Dockerfile in errors, dockerfileText its content; nil: in a remote context.
	dockerfile     string
	dockerfileText []byte
	// names are the names of the image.
	names []string
	// gatewayHosts are the hosts with host-gateway in extra_hosts. Only the engine knows the address.
	gatewayHosts []string
	// imageStoreErrors are the errors for an engine without containerd's image store.
	imageStoreErrors []error
}

// prepare translates the request, and returns all errors at once.
func prepare(r Request) (*buildPlan, error) {
	p := &buildPlan{request: r, names: []string{r.Ref}}
	p.options.Frontend = "dockerfile.v0"
	p.options.FrontendAttrs = map[string]string{}
	if err := p.translate(); err != nil {
		return nil, err
	}
	names := map[string]string{"name": strings.Join(p.names, ",")}
	p.options.Exports = []bkclient.ExportEntry{{Type: "moby", Attrs: names}}
	return p, nil
}
