package planner

import (
	"maps"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/internal/composeproject"
)

// buildSection names the images of services that the build takes as contexts: a builder knows no services.
func (p *imagePlanner) buildSection(s types.ServiceConfig) *types.BuildConfig {
	contexts := p.project.BuildContexts(s)
	if len(contexts) == 0 {
		return s.Build
	}
	build := *s.Build
	build.AdditionalContexts = maps.Clone(build.AdditionalContexts)
	for name, c := range contexts {
		build.AdditionalContexts[name] = "docker-image://" + p.project.ImageName(c)
	}
	return &build
}

// needBuildContexts has the images of those services there before the build.
func (p *imagePlanner) needBuildContexts(step *Step, s types.ServiceConfig) {
	if !step.mayBuild() {
		return
	}
	contexts := p.project.BuildContexts(s)
	for _, name := range sortedKeys(contexts) {
		step.addNeed(p.planImage(contexts[name]), "its context "+name, false)
	}
}

// imageBuiltFrom tells an image that is built, and takes the image ref as a context, directly or through others; empty: there is
// none. Such a context is built anew, too: else what is built with it could be older than its files.
func (p *imagePlanner) imageBuiltFrom(ref string) string {
	for _, name := range sortedKeys(p.model.Services) {
		s := p.model.Services[name]
		takes := func(c types.ServiceConfig) bool { return p.project.ImageName(c) == ref }
		if slices.ContainsFunc(reachableContexts(p.project, s), takes) && p.isBuilt(s) {
			return p.project.ImageName(s)
		}
	}
	return ""
}

// isBuilt says whether the image of a service is built for its own sake.
func (p *imagePlanner) isBuilt(s types.ServiceConfig) bool {
	ref := p.project.ImageName(s)
	image, exists := p.snapshot.Images[ref]
	verb, _ := p.imageRequest(ref, s).chooseVerb(exists, image.LastTagged)
	return verb == BuildImage
}

// reachableContexts are all services that the build of a service takes as contexts, directly or through others, sorted by
// distance and the name of the context.
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
