package workspace

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/executor/watch"
	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/internal/dockerfile"
	"tasks/planner"
)

// imageBuild is the build of an image, with the files that go into the image.
type imageBuild struct {
	image  string
	config types.BuildConfig
	// dirs are the local contexts, files the Dockerfile and the ignore files.
	dirs  []watch.Dir
	files []string
	// bases are the images of other services that are contexts, or that the Dockerfile names.
	bases []string
}

// newImageBuild returns the build of a service; false for a service without one.
func newImageBuild(project *composeproject.Project, s types.ServiceConfig) (imageBuild, bool) {
	if s.Build == nil {
		return imageBuild{}, false
	}
	b := imageBuild{image: project.ImageName(s), config: *s.Build}
	ignore := filepath.Join(b.config.Context, ".dockerignore")
	if file := b.dockerfile(); file != "" {
		own := file + ".dockerignore"
		if _, err := os.Stat(own); err == nil {
			ignore = own
		}
		b.files = append(b.files, file, own)
	}
	if filepath.IsAbs(b.config.Context) {
		b.dirs = append(b.dirs, watch.Dir{Path: b.config.Context, IgnoreFile: ignore})
		b.files = append(b.files, ignore)
	}
	for _, name := range slices.Sorted(maps.Keys(b.config.AdditionalContexts)) {
		if dir := b.config.AdditionalContexts[name]; filepath.IsAbs(dir) {
			ignore := filepath.Join(dir, ".dockerignore")
			b.dirs, b.files = append(b.dirs, watch.Dir{Path: dir, IgnoreFile: ignore}), append(b.files, ignore)
		}
	}
	for _, base := range project.BuildContexts(s) {
		b.bases = append(b.bases, project.ImageName(base))
	}
	for _, base := range composeproject.BaseImages(project, s) {
		if service, exists := project.Service(base.Service); exists {
			b.bases = append(b.bases, project.ImageName(service))
		}
	}
	return b, true
}

// dockerfile returns the absolute path of the Dockerfile; empty for a text in the compose file or a remote context.
func (b imageBuild) dockerfile() string {
	name := b.config.Dockerfile
	if b.config.DockerfileInline != "" || !filepath.IsAbs(b.config.Context) && !filepath.IsAbs(name) {
		return ""
	}
	return dockerfile.Path(b.config.Context, name)
}

// holds reports whether a file goes into the image.
func (b imageBuild) holds(file string) bool {
	isInDir := func(dir watch.Dir) bool { return dir.Holds(file) }
	return slices.Contains(b.files, file) || slices.ContainsFunc(b.dirs, isInDir)
}

// buildsOf returns the builds of the services that a task needs, directly or not.
func (r *Run) buildsOf(task *hclspec.Task) []imageBuild {
	project := r.Projects[planner.ScopeOf(task)]
	if project == nil {
		return nil
	}
	var builds []imageBuild
	for _, s := range planner.NeededServices(project, task) {
		if b, isBuilt := newImageBuild(project, s); isBuilt {
			builds = append(builds, b)
		}
	}
	return builds
}

// imageBuilds returns the builds for all tasks of the run, by image.
func (r *Run) imageBuilds() map[string]imageBuild {
	builds := map[string]imageBuild{}
	for _, task := range r.Spec.Tasks {
		for _, b := range r.buildsOf(task) {
			builds[b.image] = b
		}
	}
	return builds
}

// StaleImages are the images with a changed build since their last build in a session of `tasks watch`. The zero value
// is ready to use.
type StaleImages struct {
	builds map[string]imageBuild
	stale  map[string]bool
}

// Update marks the images with a changed build section since the last call.
func (s *StaleImages) Update(r *Run) {
	now := r.imageBuilds()
	for image, b := range now {
		if before, known := s.builds[image]; known && !reflect.DeepEqual(before.config, b.config) {
			s.mark(image)
		}
	}
	if s.builds == nil {
		s.builds = map[string]imageBuild{}
	}
	for image, b := range now {
		s.builds[image] = b // a run of some units has only some of the projects
	}
}

// Changed marks the images that a changed file goes into. The path is absolute.
func (s *StaleImages) Changed(file string) {
	for image, b := range s.builds {
		if b.holds(file) {
			s.mark(image)
		}
	}
}

// ChangedAll marks all images: the system has lost changes.
func (s *StaleImages) ChangedAll() {
	for image := range s.builds {
		s.mark(image)
	}
}

// Planned marks the images that a plan builds: a cancelled build is to be repeated.
func (s *StaleImages) Planned(plan *planner.Plan) {
	for _, step := range plan.Steps {
		if image, isImage := step.Action.(*planner.Image); isImage && step.Verb == planner.BuildImage {
			s.mark(image.Ref)
		}
	}
}

// Built removes the mark of an image after its build.
func (s *StaleImages) Built(image string) { delete(s.stale, image) }

// Images returns the marked images.
func (s *StaleImages) Images() []string { return slices.Sorted(maps.Keys(s.stale)) }

// mark marks an image, and the images built from the image.
func (s *StaleImages) mark(image string) {
	if s.stale == nil {
		s.stale = map[string]bool{}
	}
	if s.stale[image] {
		return
	}
	s.stale[image] = true
	for other, b := range s.builds {
		if slices.Contains(b.bases, image) {
			s.mark(other)
		}
	}
}
