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

// credentials are asked for by BuildKit where a registry wants some.
func (p *buildPlan) credentials() {
	if p.request.Docker != nil {
		p.options.Session = append(p.options.Session, authprovider.NewDockerAuthProvider(authprovider.DockerAuthProviderConfig{
			AuthConfigProvider: authprovider.LoadAuthConfig(p.request.Docker),
		}))
	}
}

func (p *buildPlan) secrets() error {
	values := map[string][]byte{}
	for _, ref := range p.request.Config.Secrets {
		value, err := p.secret(ref)
		if err != nil {
			return p.errorAt(err, "secrets", ref.Source)
		}
		values[cmp.Or(ref.Target, ref.Source)] = value
	}
	p.options.Session = append(p.options.Session, secretsprovider.FromMap(values))
	return nil
}

// secret reads a secret's value.
func (p *buildPlan) secret(ref types.ServiceSecretConfig) ([]byte, error) {
	definition, known := p.request.Secrets[ref.Source]
	switch {
	case !known:
		return nil, errors.New("the compose file defines no such secret")
	case ref.UID != "" || ref.GID != "" || ref.Mode != nil:
		return nil, errors.New("uid, gid and mode of a build's secret are up to the Dockerfile: RUN --mount=type=secret,uid=…")
	case definition.Content != "":
		return []byte(definition.Content), nil
	case definition.File != "":
		return os.ReadFile(definition.File)
	case definition.Environment != "":
		return p.variable(definition.Environment)
	}
	return nil, errors.New("only secrets with file or environment can be used in a build")
}

func (p *buildPlan) variable(name string) ([]byte, error) {
	if value := p.getenv(name); value != "" {
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
		return p.errorAt(fmt.Errorf("%w; start an agent (ssh-agent), or name a key", err), "ssh")
	}
	p.options.Session = append(p.options.Session, provider)
	return nil
}

// The labels of a worker by which an engine tells the address of its host, and that it has containerd's image store.
const (
	gatewayLabel     = "org.mobyproject.buildkit.worker.moby.host-gateway-ip"
	snapshotterLabel = "org.mobyproject.buildkit.worker.snapshotter"
)

// queryWorker fills in what only the engine knows, where the build needs it.
func (p *buildPlan) queryWorker(ctx context.Context, builder *bkclient.Client) error {
	if len(p.gatewayHosts) == 0 && len(p.imageStoreErrors) == 0 {
		return nil
	}
	workers, err := builder.ListWorkers(ctx)
	if err != nil {
		return fmt.Errorf("ask the engine's BuildKit what it can do: %w", err)
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
		return p.errorAt(err, "extra_hosts", p.gatewayHosts[0])
	}
	hosts := p.options.FrontendAttrs["add-hosts"]
	for _, host := range p.gatewayHosts {
		hosts += "," + host + "=" + address
	}
	p.setAttr("add-hosts", strings.TrimPrefix(hosts, ","))
	return nil
}
