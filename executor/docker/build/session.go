package build

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	bkclient "github.com/moby/buildkit/client"
	"github.com/moby/buildkit/session/auth/authprovider"
	"github.com/moby/buildkit/session/secrets/secretsprovider"
	"github.com/moby/buildkit/session/sshforward/sshprovider"
)

// credentials gives BuildKit access to the credentials of registries.
func (p *buildPlan) credentials() {
	if p.request.Docker != nil {
		config := authprovider.DockerAuthProviderConfig{AuthConfigProvider: authprovider.LoadAuthConfig(p.request.Docker)}
		p.options.Session = append(p.options.Session, authprovider.NewDockerAuthProvider(config))
	}
}

func (p *buildPlan) secrets() error {
	values := map[string][]byte{}
	for _, ref := range p.request.Config.Secrets {
		value, err := p.request.secret(ref)
		if err != nil {
			return p.request.errorAt(err, "secrets", ref.Source)
		}
		values[cmp.Or(ref.Target, ref.Source)] = value
	}
	p.options.Session = append(p.options.Session, secretsprovider.FromMap(values))
	return nil
}

// secret reads a secret's value.
func (r *Request) secret(ref types.ServiceSecretConfig) ([]byte, error) {
	definition, known := r.Secrets[ref.Source]
	switch {
	case !known:
		return nil, errors.New("the compose file defines no such secret")
	case ref.UID != "" || ref.GID != "" || ref.Mode != nil:
		return nil, errors.New("uid, gid and mode of a build's secret are up to the Dockerfile: " +
			"RUN --mount=type=secret,uid=…")
	case definition.Content != "":
		return []byte(definition.Content), nil
	case definition.File != "":
		return os.ReadFile(definition.File)
	case definition.Environment != "":
		return r.variable(definition.Environment)
	}
	return nil, errors.New("only secrets with file or environment can be used in a build")
}

func (r *Request) variable(name string) ([]byte, error) {
	if value := r.getenv(name); value != "" {
		return []byte(value), nil
	}
	return nil, fmt.Errorf("the environment variable %s is not set", name)
}

func (p *buildPlan) ssh() error {
	var agents []sshprovider.AgentConfig
	for _, key := range p.request.Config.SSH {
		agent := sshprovider.AgentConfig{ID: key.ID}
		if key.Path != "" {
			agent.Paths = strings.Split(key.Path, ",")
		}
		agents = append(agents, agent)
	}
	provider, err := sshprovider.NewSSHAgentProvider(agents)
	if err != nil {
		return p.request.errorAt(fmt.Errorf("%w; start an agent (ssh-agent), or name a key", err), "ssh")
	}
	p.options.Session = append(p.options.Session, provider)
	return nil
}

// An engine's worker has these labels: the address of the engine's host, and containerd's image store.
const (
	gatewayLabel     = "org.mobyproject.buildkit.worker.moby.host-gateway-ip"
	snapshotterLabel = "org.mobyproject.buildkit.worker.snapshotter"
)

// queryWorker asks the engine for facts that the build needs.
func (p *buildPlan) queryWorker(ctx context.Context, builder *bkclient.Client) error {
	if len(p.gatewayHosts) == 0 && len(p.imageStoreErrors) == 0 {
		return nil
	}
	workers, err := builder.ListWorkers(ctx)
	if err != nil {
		return fmt.Errorf("ask the engine's BuildKit for its features: %w", err)
	}
	labels := map[string]string{}
	for _, w := range workers {
		for key, value := range w.Labels {
			labels[key] = value
		}
	}
	return p.applyWorkerLabels(labels)
}

func (p *buildPlan) applyWorkerLabels(labels map[string]string) error {
	if _, store := labels[snapshotterLabel]; !store && len(p.imageStoreErrors) > 0 {
		return errors.Join(p.imageStoreErrors...)
	}
	if len(p.gatewayHosts) == 0 {
		return nil
	}
	address := labels[gatewayLabel]
	if address == "" {
		err := fmt.Errorf("%s needs Docker Engine 23.0 or later; write the address of the engine's host", hostGateway)
		return p.request.errorAt(err, "extra_hosts", p.gatewayHosts[0])
	}
	hosts := p.options.FrontendAttrs["add-hosts"]
	for _, host := range p.gatewayHosts {
		hosts += "," + host + "=" + address
	}
	p.options.setAttr("add-hosts", strings.TrimPrefix(hosts, ","))
	return nil
}
