package planner

import (
	"slices"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// NeedsEngine reports whether a task of a spec needs a container engine.
func NeedsEngine(spec *hclspec.Spec) bool {
	for _, t := range spec.Tasks {
		if needsEngine(t) {
			return true
		}
	}
	return false
}

func needsEngine(t *hclspec.Task) bool {
	if t.Kind == hclspec.ServiceTask || t.Kind == hclspec.ImageTask || len(t.HostPorts) > 0 {
		return true
	}
	return !t.NoDeps && slices.ContainsFunc(t.DependsOn, func(d hclspec.Dependency) bool { return d.Service != "" })
}

// RootServices returns the compose services named by the tasks of a spec, sorted. Compose knows their dependencies.
func RootServices(spec *hclspec.Spec) []string {
	var roots []string
	for _, t := range spec.Tasks {
		if t.Kind == hclspec.ServiceTask {
			roots = append(roots, t.Service)
		}
		for _, d := range t.DependsOn {
			if d.Service != "" && !t.NoDeps {
				roots = append(roots, d.Service)
			}
		}
	}
	slices.Sort(roots)
	return slices.Compact(roots)
}

// TaskImages returns the images of the image tasks of a spec, sorted.
func TaskImages(spec *hclspec.Spec) []string {
	var images []string
	for _, t := range spec.Tasks {
		if t.Kind == hclspec.ImageTask && t.Image != "" {
			images = append(images, t.Image)
		}
	}
	slices.Sort(images)
	return slices.Compact(images)
}

// QueryFor returns the query for the snapshot: everything that the project, reduced to [RootServices], can touch.
func QueryFor(spec *hclspec.Spec, project *composeproject.Project) observed.Query {
	q := observed.Query{Project: project.Name(), Original: project.OriginalName(), WithRunResources: project.IsPrivate()}
	q.Names = containerNames(spec, project)
	model := project.Model()
	for _, name := range sortedKeys(model.Services) {
		s := model.Services[name]
		q.Services = append(q.Services, name)
		for _, user := range slices.Concat([]types.ServiceConfig{s}, hookImages(project, s), buildImages(project, s)) {
			image := observed.ImageQuery{Ref: project.ImageName(user), Platform: project.Platform(user)}
			q.Images = addImageQuery(q.Images, image)
		}
	}
	for _, name := range sortedKeys(model.Services) {
		for _, ref := range mountedImageCandidates(project, model.Services[name]) {
			q.Images = addImageReference(q.Images, ref)
		}
	}
	for _, name := range sortedKeys(spec.Tasks) {
		if t := spec.Tasks[name]; t.Kind == hclspec.ImageTask {
			s := types.ServiceConfig{ContainerSpec: types.ContainerSpec{Image: t.Image}}
			for _, user := range append([]types.ServiceConfig{s}, buildImages(project, s)...) {
				image := observed.ImageQuery{Ref: project.ImageName(user), Platform: project.Platform(user)}
				q.Images = addImageQuery(q.Images, image)
			}
		}
	}
	for _, key := range sortedKeys(model.Networks) {
		q.Networks = append(q.Networks, model.Networks[key].Name)
	}
	for _, key := range sortedKeys(model.Volumes) {
		q.Volumes = append(q.Volumes, model.Volumes[key].Name)
	}
	return q
}

// addImageQuery adds a query to a list once. The engine has no image with an invalid reference, and rejects the query.
func addImageQuery(list []observed.ImageQuery, image observed.ImageQuery) []observed.ImageQuery {
	if slices.Contains(list, image) || !composeproject.IsImageReference(image.Ref) {
		return list
	}
	return append(list, image)
}

// NeededServices returns the services with images for a task run: the service of the task, its direct and indirect
// dependencies, and the services with images for their builds.
func NeededServices(project *composeproject.Project, t *hclspec.Task) []types.ServiceConfig {
	services := []types.ServiceConfig{baseService(project.Model(), t)}
	if !t.NoDeps {
		for _, name := range requiredServices(project.Model(), t) {
			services = append(services, project.Model().Services[name])
		}
	}
	var all []types.ServiceConfig
	seen := map[string]bool{}
	for _, s := range services {
		for _, service := range append([]types.ServiceConfig{s}, buildImages(project, s)...) {
			if !seen[service.Name] {
				seen[service.Name] = true
				all = append(all, service)
			}
		}
	}
	return all
}
