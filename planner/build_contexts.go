package planner

import (
	"maps"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/internal/composeproject"
)

// buildSection returns the build of a service, with image names for contexts that are services: a builder knows no
// services.
func buildSection(p *composeproject.Project, s types.ServiceConfig) *types.BuildConfig {
	contexts := p.BuildContexts(s)
	if len(contexts) == 0 {
		return s.Build
	}
	build := *s.Build
	build.AdditionalContexts = maps.Clone(build.AdditionalContexts)
	for name, c := range contexts {
		build.AdditionalContexts[name] = "docker-image://" + p.ImageName(c)
	}
	return &build
}

// needBuildContexts adds needs of the images of services in the build contexts.
func (p *imagePlanner) needBuildContexts(step *Step, s types.ServiceConfig) {
	if !step.mayBuild() {
		return
	}
	contexts := p.project.BuildContexts(s)
	for _, name := range sortedKeys(contexts) {
		step.addNeed(p.planImage(contexts[name]), "its context "+name, false)
	}
}

// imageBuiltFrom returns an image with a build that uses another image as a direct or indirect context, or "". Such a
// context is also built: otherwise the context could be older than its files.
func (p *imagePlanner) imageBuiltFrom(ref string) string {
	for _, name := range sortedKeys(p.model.Services) {
		s := p.model.Services[name]
		isContext := func(c types.ServiceConfig) bool { return p.project.ImageName(c) == ref }
		if slices.ContainsFunc(reachableContexts(p.project, s), isContext) && p.isBuilt(s) {
			return p.project.ImageName(s)
		}
	}
	return ""
}

// isBuilt reports whether the image of a service is built, contexts aside.
func (p *imagePlanner) isBuilt(s types.ServiceConfig) bool {
	ref := p.project.ImageName(s)
	image, exists := p.snapshot.Images[ref]
	verb, _ := p.imageRequest(ref, s).chooseVerb(exists, image.LastTagged)
	return verb == BuildImage
}

// reachableContexts returns all services in the direct and indirect build contexts of a service, ordered by distance
// and context name.
func reachableContexts(p *composeproject.Project, s types.ServiceConfig) []types.ServiceConfig {
	var all []types.ServiceConfig
	seen := map[string]bool{}
	queue := []types.ServiceConfig{s}
	for len(queue) > 0 {
		contexts := p.BuildContexts(queue[0])
		queue = queue[1:]
		for _, name := range sortedKeys(contexts) {
			if c := contexts[name]; !seen[c.Name] {
				seen[c.Name] = true
				all, queue = append(all, c), append(queue, c)
			}
		}
	}
	return all
}
