package planner

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
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

// imageUse is the use of an image in the build of another image.
type imageUse struct {
	// image and base are references. service is the service with the base.
	image, base string
	service     types.ServiceConfig
	// reason is the reason of the need.
	reason string
	at     hcl.Range
}

// contextUses returns the images of services in the additional contexts of a build.
func (p *imagePlanner) contextUses(ref string, s types.ServiceConfig) []imageUse {
	var uses []imageUse
	contexts := p.project.BuildContexts(s)
	for _, name := range sortedKeys(contexts) {
		use := imageUse{
			image: ref, base: p.project.ImageName(contexts[name]), service: contexts[name], reason: "its context " + name,
		}
		diag := p.locateInService(s, &hcl.Diagnostic{}, "build", "additional_contexts", name)
		if diag.Subject != nil {
			use.at = *diag.Subject
		}
		uses = append(uses, use)
	}
	return uses
}

// dockerfileUses returns the images of services in the Dockerfile of a build.
func (p *imagePlanner) dockerfileUses(ref string, s types.ServiceConfig) []imageUse {
	var uses []imageUse
	for _, base := range composeproject.BaseImages(p.project, s) {
		service, exists := p.project.Service(base.Service)
		if !exists {
			continue
		}
		use := imageUse{
			image: ref, base: p.project.ImageName(service), service: service, reason: "its Dockerfile names " + base.Ref,
		}
		if base.File != "" {
			pos := hcl.Pos{Line: base.Line, Column: 1}
			use.at = hcl.Range{Filename: p.relativePath(base.File), Start: pos, End: pos}
		} else if diag := p.locateInService(s, &hcl.Diagnostic{}, "build", "dockerfile_inline"); diag.Subject != nil {
			use.at = *diag.Subject
		}
		uses = append(uses, use)
	}
	return uses
}

// needBuildImages adds needs of the images that a build uses.
func (p *imagePlanner) needBuildImages(step *Step, s types.ServiceConfig) {
	action := step.Action.(*Image)
	if builder, exists := composeproject.ImageBuilder(p.project, action.Ref); exists {
		p.needImage(step, imageUse{
			image: action.Ref, base: p.project.ImageName(builder), service: builder, reason: "another name of the image",
		})
	}
	if s.Build == nil {
		return
	}
	for _, use := range slices.Concat(p.contextUses(action.Ref, s), p.dockerfileUses(action.Ref, s)) {
		p.needImage(step, use)
	}
}

// needImage plans a used image, and adds the need. A use that closes a circle is an error.
func (p *imagePlanner) needImage(step *Step, use imageUse) {
	if use.base == use.image {
		return
	}
	begin := slices.IndexFunc(p.uses, func(u imageUse) bool { return u.image == use.base })
	if begin >= 0 {
		p.reportImageCircle(append(slices.Clone(p.uses[begin:]), use))
		return
	}
	p.uses = append(p.uses, use)
	id := p.planImage(use.service)
	p.uses = p.uses[:len(p.uses)-1]
	step.addNeed(id, use.reason, false)
}

// reportImageCircle reports images that are built from each other, with each place.
func (p *imagePlanner) reportImageCircle(circle []imageUse) {
	diag := &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "images are built from each other"}
	var parts []string
	for _, use := range circle {
		text := fmt.Sprintf("image %s needs image %s", use.image, use.base)
		if use.at.Filename != "" {
			text += fmt.Sprintf(" (%s:%d)", use.at.Filename, use.at.Start.Line)
			hclspec.AddRelated(diag, use.at)
		}
		parts = append(parts, text)
	}
	if at := circle[0].at; at.Filename != "" {
		diag.Subject = &at
	}
	diag.Detail = "Neither can be built first: " + strings.Join(parts, ", ") + ". Take one of the uses out."
	p.diags = append(p.diags, diag)
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

// isBuilt reports whether the image of a service is built, without regard to the images that the build uses.
func (p *imagePlanner) isBuilt(s types.ServiceConfig) bool {
	verb, _ := p.ownVerb(s)
	return verb == BuildImage
}

// ownVerb returns the action for the image of a service, without regard to other images.
func (p *imagePlanner) ownVerb(s types.ServiceConfig) (Verb, Reasons) {
	ref := p.project.ImageName(s)
	image, exists := p.snapshot.Images[ref]
	return p.imageRequest(ref, s).chooseVerb(exists, image.LastTagged)
}

// rebuildWithBases builds a local image again if this run builds an image that the build uses. If the run only pulls
// such an image, the run decides: the pull may bring nothing new.
func (p *imagePlanner) rebuildWithBases(step *Step, s types.ServiceConfig) {
	action := step.Action.(*Image)
	for _, use := range p.usesInPlay(action.Ref, s) {
		switch base := p.rebuiltImage(use.service, map[string]bool{action.Ref: true}); {
		case base != "":
			step.decide(BuildImage, ReasonImageBaseBuilt, use.base)
			return
		case p.mayChange(use):
			p.needImage(step, use)
			if action.ChangingBases == nil {
				action.ChangingBases = map[string]string{}
			}
			action.ChangingBases[use.base] = p.snapshot.Images[use.base].ID
			step.addReason(ReasonImageBaseMayChange, use.base)
		}
	}
}

// usesInPlay returns the uses of images that the run obtains for selected services.
func (p *imagePlanner) usesInPlay(ref string, s types.ServiceConfig) []imageUse {
	if s.Build == nil {
		return nil
	}
	inPlay := map[string]bool{}
	for _, selected := range p.model.Services {
		inPlay[p.project.ImageName(selected)] = true
	}
	uses := slices.Concat(p.contextUses(ref, s), p.dockerfileUses(ref, s))
	return slices.DeleteFunc(uses, func(u imageUse) bool { return u.base == ref || !inPlay[u.base] })
}

// rebuiltImage returns the image of a service or an image that its build uses, if the run builds the image. Else "".
func (p *imagePlanner) rebuiltImage(s types.ServiceConfig, seen map[string]bool) string {
	ref := p.project.ImageName(s)
	if seen[ref] {
		return ""
	}
	seen[ref] = true
	verb, _ := p.ownVerb(s)
	if verb == BuildImage || s.Build != nil && p.imageBuiltFrom(ref) != "" {
		return ref
	}
	if verb == PullImage {
		return ""
	}
	for _, use := range p.usesInPlay(ref, s) {
		if base := p.rebuiltImage(use.service, seen); base != "" {
			return base
		}
	}
	return ""
}

// mayChange reports whether the run may replace a local image that a build uses.
func (p *imagePlanner) mayChange(use imageUse) bool {
	if _, exists := p.snapshot.Images[use.base]; !exists {
		return false
	}
	verb, _ := p.ownVerb(use.service)
	if verb == PullImage {
		return true
	}
	return slices.ContainsFunc(p.usesInPlay(use.base, use.service), func(u imageUse) bool {
		return u.base != use.image && p.mayChange(u)
	})
}

// reachableContexts returns all services in the direct and indirect build contexts of a service, ordered by distance
// and context name.
func reachableContexts(p *composeproject.Project, s types.ServiceConfig) []types.ServiceConfig {
	return reachableServices(s, func(s types.ServiceConfig) []types.ServiceConfig {
		var all []types.ServiceConfig
		contexts := p.BuildContexts(s)
		for _, name := range sortedKeys(contexts) {
			all = append(all, contexts[name])
		}
		return all
	})
}

// buildImages returns all services with images that the image of a service may need, ordered by distance.
func buildImages(p *composeproject.Project, s types.ServiceConfig) []types.ServiceConfig {
	return reachableServices(s, func(s types.ServiceConfig) []types.ServiceConfig {
		var all []types.ServiceConfig
		contexts := p.BuildContexts(s)
		for _, name := range sortedKeys(contexts) {
			all = append(all, contexts[name])
		}
		for _, base := range composeproject.BaseImages(p, s) {
			if service, exists := p.Service(base.Service); exists {
				all = append(all, service)
			}
		}
		if builder, exists := composeproject.ImageBuilder(p, p.ImageName(s)); exists {
			all = append(all, builder)
		}
		return all
	})
}

func reachableServices(
	s types.ServiceConfig, next func(types.ServiceConfig) []types.ServiceConfig,
) []types.ServiceConfig {
	var all []types.ServiceConfig
	seen := map[string]bool{}
	queue := []types.ServiceConfig{s}
	for len(queue) > 0 {
		following := next(queue[0])
		queue = queue[1:]
		for _, c := range following {
			if !seen[c.Name] {
				seen[c.Name] = true
				all, queue = append(all, c), append(queue, c)
			}
		}
	}
	return all
}
