package composeproject

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/compose-spec/compose-go/v2/consts"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// Project is a compose project, loaded or cut down to some services. It is immutable.
type Project struct {
	model *types.Project
	// volumes are all that the compose files declare: Select drops from the model those that no service uses.
	volumes types.Volumes
	// separator stands between the parts of a container's name.
	separator string
	// envFiles are those named explicitly; the .env beside the compose file is not among them.
	envFiles []string
	sources  *sources
	// originalName is the project that this one is a private copy of, empty: it is none; labels are on all that is made for it.
	originalName  string
	privateLabels map[string]string
}

// Empty returns a project without a compose file, which has nothing but the default network: for tasks that run an image,
// and to find what an earlier run has left. Its name is the one given, else COMPOSE_PROJECT_NAME, else that of the folder.
func Empty(name, dir string, environ []string) (*Project, error) {
	environment := types.NewMapping(environ)
	if name == "" {
		name = environment[consts.ComposeProjectName]
	}
	if name == "" {
		name = loader.NormalizeProjectName(filepath.Base(dir))
	}
	if name == "" {
		return nil, fmt.Errorf("the folder %s gives no project name: set one with COMPOSE_PROJECT_NAME or --project-name", dir)
	}
	if name != loader.NormalizeProjectName(name) {
		return nil, loader.InvalidProjectNameErr(name)
	}
	p := &Project{
		model:     &types.Project{Name: name, WorkingDir: dir, Environment: environment, Services: types.Services{}},
		separator: separator(environment),
		sources:   newSources(dir, nil),
	}
	p.model.Networks = types.Networks{defaultNetwork: p.network(defaultNetwork)}
	return p, nil
}

// Name is the project's name.
func (p *Project) Name() string { return p.model.Name }

// Model is what compose-go has loaded. It must not be changed.
func (p *Project) Model() *types.Project { return p.model }

// ServiceNames are the names of all services, sorted, those of inactive profiles included.
func (p *Project) ServiceNames() []string {
	names := append(p.model.ServiceNames(), p.model.DisabledServiceNames()...)
	slices.Sort(names)
	return names
}

// Service returns a service, also one of an inactive profile.
func (p *Project) Service(name string) (types.ServiceConfig, bool) {
	if s, ok := p.model.Services[name]; ok {
		return s, true
	}
	s, ok := p.model.DisabledServices[name]
	return s, ok
}

// ServiceLocation is where a compose file declares a service; line and column are counted from 1, and all are zero where
// no file has it.
func (p *Project) ServiceLocation(service string) (file string, line, column int) {
	return p.AttributeLocation(service)
}

// AttributeLocation is where something of a service is said: "pre_start", "0", "per_replica". It counts as ServiceLocation.
func (p *Project) AttributeLocation(service string, path ...string) (file string, line, column int) {
	at := p.sources.locatePath(append([]string{"services", service}, path...))
	if !at.isComplete {
		return "", 0, 0
	}
	return at.file, at.line, at.column
}

// AttributeLocationText is the place of something of a service as messages show it, "compose.yaml:7:5". What a service has from another one
// by extends is looked for there; of what no file says, the place is that of the service. exact says that it is the place
// of the whole path. Empty: no file declares the service.
func (p *Project) AttributeLocationText(service string, path ...string) (place string, isExact bool) {
	best, all := location{}, len(path)+declarationDepth
	for range maxExtends {
		at := p.sources.locateEffective(append([]string{"services", service}, path...))
		if at.depth > best.depth {
			best = at
		}
		if service = p.sources.extendedService(service); at.depth == all || service == "" {
			break
		}
	}
	if best.depth < declarationDepth {
		return "", false
	}
	return best.text(p.sources.dir), best.depth == all
}

const (
	// declarationDepth is how many names lead to a service or a network.
	declarationDepth = 2
	// maxExtends ends the search where services extend each other in a circle, which the loader refuses.
	maxExtends = 16
)

// NetworkLocationText is the place of something of a network, as by [Project.Where]. Of what no file says, the place is that of the
// network; empty: no file declares it.
func (p *Project) NetworkLocationText(key string, path ...string) string {
	at := p.sources.locateEffective(append([]string{"networks", key}, path...))
	if at.depth < declarationDepth {
		return ""
	}
	return at.text(p.sources.dir)
}

// Platform is the platform that a service's image is to have: its own, or DOCKER_DEFAULT_PLATFORM; empty: the engine's.
func (p *Project) Platform(s types.ServiceConfig) string {
	if s.Platform != "" {
		return s.Platform
	}
	return p.model.Environment[defaultPlatform]
}
