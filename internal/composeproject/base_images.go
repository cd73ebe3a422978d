package composeproject

import (
	"cmp"
	"maps"
	"os"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/distribution/reference"

	"tasks/internal/dockerfile"
)

// BaseImage is an image of another service that a Dockerfile names.
type BaseImage struct {
	// Service is the service with the image. A selected service has the image or builds the image; any other service
	// builds the image.
	Service string
	// Ref is the reference in the Dockerfile, with the values of arguments.
	Ref string
	// File is the path of the Dockerfile, Line the line of the instruction. An empty path is a Dockerfile in the
	// compose file.
	File string
	Line int
}

// BaseImages returns the images of other services that the build of a service names in its Dockerfile, in the order
// of the file. [Project.Select] reads the Dockerfiles of selected services and of their base images. A Dockerfile that
// cannot be read has none: only a build reports the error, because a task may write the file first.
func BaseImages(p *Project, s types.ServiceConfig) []BaseImage { return p.baseImages[s.Name] }

// ImageBuilder returns the service that builds an image of the name. [Project.Select] and [WithImages] find the
// builds. Selected services come first.
func ImageBuilder(p *Project, ref string) (types.ServiceConfig, bool) {
	name, exists := p.imageBuilders[normalizedReference(ref)]
	if !exists {
		return types.ServiceConfig{}, false
	}
	return p.Service(name)
}

// WithImages returns the project with the builds for images of tasks.
func WithImages(p *Project, refs []string) (*Project, error) {
	next, model := *p, *p.model
	next.model = &model
	model.DisabledServices, model.Secrets = maps.Clone(model.DisabledServices), maps.Clone(model.Secrets)
	return &next, readBuilds(&next, refs)
}

// buildReader finds the services with images for the builds of a project.
type buildReader struct {
	project *Project
	// services maps the names of images to services.
	services map[string]string
}

// readBuilds finds the services with images for the selected services and for some other images, and prepares the
// builds of unselected services. Such a service stays unselected.
func readBuilds(p *Project, images []string) error {
	r := &buildReader{project: p, services: imageServices(p)}
	p.baseImages, p.imageBuilders = map[string][]BaseImage{}, map[string]string{}
	queue := sortedServices(p.model.Services)
	for _, ref := range images {
		queue = append(queue, types.ServiceConfig{ContainerSpec: types.ContainerSpec{Image: ref}})
	}
	isKnown := map[string]bool{}
	for _, s := range queue {
		isKnown[s.Name] = true
	}
	unselected := types.Services{}
	for len(queue) > 0 {
		needed := r.neededServices(queue[0])
		queue = queue[1:]
		for _, name := range needed {
			if s, exists := p.Service(name); exists && !isKnown[name] {
				isKnown[name], unselected[name] = true, s
				queue = append(queue, s)
			}
		}
	}
	return prepareUnselected(p.model, p.declaredSecrets, unselected)
}

// neededServices returns the services with images that come before the image of a service.
func (r *buildReader) neededServices(s types.ServiceConfig) []string {
	names := slices.Sorted(maps.Values(contextServices(s)))
	if s.Build != nil {
		r.project.baseImages[s.Name] = r.baseImages(s)
		for _, base := range r.project.baseImages[s.Name] {
			names = append(names, base.Service)
		}
	}
	for _, image := range r.images(s) {
		ref := normalizedReference(image)
		if name := r.services[ref]; name != "" && r.builds(name) {
			r.project.imageBuilders[ref] = name
			names = append(names, name)
		}
	}
	return names
}

// images returns the images of a service, of its hooks, and of its volumes.
func (r *buildReader) images(s types.ServiceConfig) []string {
	images := []string{r.project.ImageName(s)}
	for _, hook := range s.PreStart {
		if hook.Image != "" {
			images = append(images, hook.Image)
		}
	}
	for _, v := range s.Volumes {
		if v.Type == types.VolumeTypeImage {
			images = append(images, v.Source)
		}
	}
	return images
}

func (r *buildReader) builds(service string) bool {
	s, _ := r.project.Service(service)
	return s.Build != nil
}

// baseImages reads the Dockerfile of a service. The service's own image is none: the name then means an earlier image.
func (r *buildReader) baseImages(s types.ServiceConfig) []BaseImage {
	if len(r.services) < 2 {
		return nil
	}
	path, text := "", []byte(s.Build.DockerfileInline)
	if s.Build.DockerfileInline == "" {
		path = dockerfile.Path(s.Build.Context, s.Build.Dockerfile)
		var err error
		if text, err = os.ReadFile(path); err != nil {
			return nil
		}
	}
	images, err := dockerfile.Images(text, r.options(s))
	if err != nil {
		return nil
	}
	own := imageNames(r.project, s)
	var bases []BaseImage
	for _, image := range images {
		ref := normalizedReference(image.Ref)
		service := r.services[ref]
		if service == "" || service == s.Name || slices.Contains(own, ref) {
			continue
		}
		if r.builds(service) {
			r.project.imageBuilders[ref] = service
		}
		bases = append(bases, BaseImage{Service: service, Ref: image.Ref, File: path, Line: image.Line})
	}
	return bases
}

// options returns the options of a service's build. A context that is a service is a context of the planner's.
func (r *buildReader) options(s types.ServiceConfig) dockerfile.Options {
	return dockerfile.Options{
		Args: s.Build.Args, Target: s.Build.Target, Contexts: s.Build.AdditionalContexts,
		Platform: r.project.Platform(s),
	}
}

// imageServices maps the names of images to services and jobs. Selected services with a build win, then other services
// with a build, then jobs with a build, then selected services.
func imageServices(p *Project) map[string]string {
	services := map[string]string{}
	add := func(all types.Services, builds bool) {
		for _, s := range sortedServices(all) {
			if (s.Build != nil) != builds {
				continue
			}
			for _, ref := range imageNames(p, s) {
				services[ref] = cmp.Or(services[ref], s.Name)
			}
		}
	}
	add(p.model.Services, true)
	add(p.model.DisabledServices, true)
	jobs := types.Services{}
	for name, job := range p.model.AllJobs() {
		jobs[name] = jobAsService(name, job)
	}
	add(jobs, true)
	if len(services) > 0 { // without a build, no image is made of another image
		add(p.model.Services, false)
	}
	return services
}

// imageNames returns the normalized names of a service's image, with the tags of the build.
func imageNames(p *Project, s types.ServiceConfig) []string {
	names := []string{normalizedReference(p.ImageName(s))}
	if s.Build != nil {
		for _, tag := range s.Build.Tags {
			names = append(names, normalizedReference(tag))
		}
	}
	return names
}

// normalizedReference returns the full reference of an image. Two names of one image have the same full reference.
func normalizedReference(ref string) string {
	named, err := reference.ParseNormalizedNamed(ref)
	if err != nil {
		return ref
	}
	return reference.TagNameOnly(named).String()
}

func sortedServices(services types.Services) []types.ServiceConfig {
	var all []types.ServiceConfig
	for _, name := range slices.Sorted(maps.Keys(services)) {
		all = append(all, services[name])
	}
	return all
}
