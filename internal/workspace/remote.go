package workspace

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/hashicorp/hcl/v2"

	"tasks/executor/engine"
	"tasks/executor/forward"
	"tasks/executor/sources"
	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/internal/coord"
	"tasks/planner"
	"tasks/planner/observed"
)

// remoteEngine is a chosen engine. Its file system is not the file system of this machine: no container gets a bind
// mount of a path of this machine.
type remoteEngine struct {
	Engine
	sources *sources.Remote
	ports   *forward.Forwarder
}

// newRemoteEngine completes the connection to a chosen engine for the project in root.
func newRemoteEngine(connected Engine, choice EngineChoice, root string) (*remoteEngine, error) {
	store, ok := connected.(sources.Store)
	if !ok {
		return nil, fmt.Errorf("the engine at %s takes no sources", connected.Address())
	}
	remote := sources.NewRemote(store, connected.Address(), choice.Binds, root, coord.OpenProjectDir(root))
	ports := &forward.Forwarder{Engine: connected, Owner: CurrentOwnership().Self, NewSlug: newSlug, Warn: choice.warn}
	return &remoteEngine{connected, remote, ports}, nil
}

// ForwardPorts implements [engine.PortForwarder].
func (e *remoteEngine) ForwardPorts(ctx context.Context, container string) error {
	return e.ports.Forward(ctx, container)
}

// InspectContainer implements [engine.Engine]. The host ports are the ports of this machine.
func (e *remoteEngine) InspectContainer(ctx context.Context, idOrName string) (engine.ContainerState, error) {
	state, err := e.Engine.InspectContainer(ctx, idOrName)
	state.HostPorts = e.ports.Ports(state.ID, state.HostPorts)
	return state, err
}

// closePorts ends the forwarding of ports.
func (c *EngineConnector) closePorts() {
	c.mu.Lock()
	connected := c.engine
	c.mu.Unlock()
	switch e := connected.(type) {
	case *remoteEngine:
		e.ports.Close()
	case *fleetEngine:
		e.closePorts()
	}
}

// PrepareContainer implements [engine.Preparer].
func (e *remoteEngine) PrepareContainer(
	ctx context.Context, spec planner.ContainerSpec, progress func(string),
) (planner.ContainerSpec, error) {
	return e.sources.Prepare(ctx, spec, progress)
}

// CreateContainer implements [engine.Engine]. A prepared container passes unchanged.
func (e *remoteEngine) CreateContainer(ctx context.Context, spec planner.ContainerSpec) (string, error) {
	spec, err := e.sources.Prepare(ctx, spec, nil)
	if err != nil {
		return "", err
	}
	return e.Engine.CreateContainer(ctx, spec)
}

// Ping asks the engine for an answer.
func (e *remoteEngine) Ping(ctx context.Context) error {
	pinger, ok := e.Engine.(interface {
		Ping(ctx context.Context) error
	})
	if !ok {
		_, err := e.APIVersion(ctx)
		return err
	}
	return pinger.Ping(ctx)
}

// FetchOutputs implements [engine.OutputFetcher].
func (e *remoteEngine) FetchOutputs(ctx context.Context, container, dir string, globs []string) (int, error) {
	state, err := e.InspectContainer(ctx, container)
	if err != nil {
		return 0, err
	}
	return e.sources.FetchOutputs(ctx, sources.Outputs{
		Container: container, Label: state.Labels[sources.LabelPaths], Dir: dir, Globs: globs,
	})
}

// remote returns the sender of sources; nil, if the engine is the engine of the docker command.
func (c *EngineConnector) remote() (*sources.Remote, error) {
	if !c.isChosen() {
		return nil, nil
	}
	engine, err := c.Connect()
	if err != nil {
		return nil, err
	}
	switch e := engine.(type) {
	case *remoteEngine:
		return e.sources, nil
	case *fleetEngine:
		return e.members[0].sources, nil // all nodes accept the same bind mounts
	}
	return nil, errors.New("workspace: a chosen engine without a sender of sources")
}

// eachRemote performs a call for the chosen engine, or for each of its nodes with an answer. node is the name of the
// node; empty: the engine has no nodes.
func (c *EngineConnector) eachRemote(do func(node string, remote *sources.Remote) error) error {
	engine, err := c.Connect()
	if err != nil {
		return err
	}
	switch e := engine.(type) {
	case *remoteEngine:
		return do("", e.sources)
	case *fleetEngine:
		return e.eachRemote(do)
	}
	return nil
}

// labelSources gives each service with sources a label with their hash. So a change of the sources recreates the
// container, as any change of the configuration does.
func labelSources(ctx context.Context, engine *EngineConnector, projects map[string]*composeproject.Project) error {
	remote, err := engine.remote()
	if remote == nil || err != nil {
		return err
	}
	for scope, project := range projects {
		hashes := map[string]string{}
		for name, service := range project.Model().Services {
			mounts, _, err := remote.MountsOf(service.Volumes)
			if err != nil {
				continue // the plan reports a refused bind mount with its place
			}
			hash, err := remote.Hash(ctx, mounts, mountedFiles(project, service))
			if err != nil {
				return &RunError{fmt.Errorf("service %s: %w", name, err)}
			}
			if hash != "" {
				hashes[name] = hash
			}
		}
		projects[scope] = composeproject.WithServiceLabels(project, observed.LabelSources, hashes)
	}
	return nil
}

// RemoveSources removes the images with sources of a project from a chosen engine, after a teardown of the whole
// project.
func (ws *Workspace) RemoveSources(ctx context.Context, teardown Teardown, options TeardownOptions) error {
	remote, err := ws.config.Engine.remote()
	if remote == nil || err != nil || len(options.Services) > 0 {
		return err
	}
	return ws.config.Engine.eachRemote(func(_ string, remote *sources.Remote) error {
		return remote.RemoveImages(ctx, teardown.Project.OriginalName())
	})
}

// mountedFiles returns the files of the secrets and configs of a service.
func mountedFiles(project *composeproject.Project, service types.ServiceConfig) []string {
	var files []string
	for _, use := range service.Secrets {
		if file := project.Model().Secrets[use.Source].File; file != "" {
			files = append(files, file)
		}
	}
	for _, use := range service.Configs {
		if file := project.Model().Configs[use.Source].File; file != "" {
			files = append(files, file)
		}
	}
	return files
}

// noteSources adds to the steps of a plan what is sent to a chosen engine. senders returns the sender for a scope.
func (r *Run) noteSources(ctx context.Context, senders func(scope string) *sources.Remote) error {
	for _, step := range r.Plan.Steps {
		project := r.Projects[step.Scope]
		if project == nil || step.Verb == planner.Reuse {
			continue
		}
		var service types.ServiceConfig
		var volumes []types.ServiceVolumeConfig
		switch a := step.Action.(type) {
		case *planner.Container:
			service, _ = project.Service(planner.ServiceOf(a.Replica))
			volumes = service.Volumes
		case *planner.CreateOneOff:
			service = planner.BaseService(project, a.Task)
			volumes = append(append(volumes, service.Volumes...), ownVolumes(project, a.Task)...)
		default:
			continue
		}
		remote := senders(step.Scope)
		mounts, _, err := remote.MountsOf(volumes)
		if err != nil || len(mounts) == 0 {
			continue // the check of the engine reports a refused bind mount
		}
		text, err := remote.Forecast(ctx, sources.Destination{
			Service: service.Name, Project: project.OriginalName(), Image: project.ImageName(service),
			Platform: project.Platform(service),
		}, mounts)
		if err != nil {
			return &RunError{err}
		}
		step.NoteSources(text)
	}
	return nil
}

// refusedBind is the error for a bind mount of a path of this machine.
func refusedBind(user, source, engine string) *hcl.Diagnostic {
	remedy := fmt.Sprintf("write binds = [%q] in engine %q if its machine has the path", source, engine)
	if hclspec.IsEngineAddress(strings.TrimPrefix(engine, hclspec.SwarmPrefix)) {
		remedy = fmt.Sprintf("add an engine block with binds = [%q] if the machine of the engine has the path", source)
	}
	return &hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: fmt.Sprintf("%s mounts %s of this machine", user, source),
		Detail: fmt.Sprintf("The engine %s has a disk of its own, and only files of the project are sent. "+
			"Use a volume, or %s.", engine, remedy),
	}
}
