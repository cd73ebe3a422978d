package composeproject

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/compose-spec/compose-go/v2/consts"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// Project is an immutable compose project, whole or reduced to some services.
type Project struct {
	model *types.Project
	// volumes are all declared volumes. Select drops unused volumes from the model.
	volumes types.Volumes
	// declaredSecrets are all declared secrets. Select drops unused secrets from the model.
	declaredSecrets types.Secrets
	separator       separator
	// baseImages are the images in Dockerfiles, by service. imageBuilders are services with a build, by image.
	baseImages    map[string][]BaseImage
	imageBuilders map[string]string
	// envFiles are the explicitly named env files, without the .env beside the compose file.
	envFiles []string
	// envFileNames names the files for values of variables in messages.
	envFileNames string
	sources      *sources
	// preStart are the hooks of the selected services, by service.
	preStart map[string][]types.PreStartHook
	// originalName is the name of a private project's original, otherwise empty. Every resource of a private project
	// has the private labels.
	originalName  string
	privateLabels map[string]string
}

// Empty returns a project without a compose file and with only the default network. Uses: tasks with an image, and the
// search for resources of an earlier run. The name defaults to COMPOSE_PROJECT_NAME, then to the name of the folder.
func Empty(name, dir string, environ []string) (*Project, error) {
	environment := types.NewMapping(environ)
	if name == "" {
		name = environment[consts.ComposeProjectName]
		if err := checkNameVariable("", name); err != nil {
			return nil, err
		}
	}
	if name == "" {
		name = loader.NormalizeProjectName(filepath.Base(dir))
	}
	if name == "" {
		return nil, fmt.Errorf("the folder %s gives no project name: "+
			"set one with COMPOSE_PROJECT_NAME or --project-name", dir)
	}
	if name != loader.NormalizeProjectName(name) {
		return nil, loader.InvalidProjectNameErr(name)
	}
	p := &Project{
		model:     &types.Project{Name: name, WorkingDir: dir, Environment: environment, Services: types.Services{}},
		separator: nameSeparator(environment),
		sources:   newSources(dir, nil),
	}
	p.model.Networks = types.Networks{defaultNetwork: networkConfig(p.model, defaultNetwork)}
	return p, nil
}

// Name returns the project's name.
func (p *Project) Name() string { return p.model.Name }

// Variables returns the values of variables in the compose files: from the environment, then from .env or the env files
// of the options. Callers must not change the map.
func (p *Project) Variables() map[string]string { return p.model.Environment }

// Model returns the model of compose-go. Callers must not change the model.
func (p *Project) Model() *types.Project { return p.model }

// ServiceNames returns the names of all services, sorted, with services of inactive profiles.
func (p *Project) ServiceNames() []string {
	names := append(p.model.ServiceNames(), p.model.DisabledServiceNames()...)
	names = slices.DeleteFunc(names, p.IsJob) // Select makes services of jobs
	slices.Sort(names)
	return names
}

// Service returns a service or a job in the form of a service, also of an inactive profile.
func (p *Project) Service(name string) (types.ServiceConfig, bool) {
	if s, ok := p.model.Services[name]; ok {
		return s, true
	}
	if s, ok := p.model.DisabledServices[name]; ok {
		return s, true
	}
	job, isJob := p.model.AllJobs()[name]
	return jobAsService(name, job), isJob
}

// Platform returns the platform for a service's image: the service's own, or DOCKER_DEFAULT_PLATFORM. Empty: the
// engine's platform.
func (p *Project) Platform(s types.ServiceConfig) string {
	if s.Platform != "" {
		return s.Platform
	}
	return p.model.Environment[defaultPlatform]
}
