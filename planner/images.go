package planner

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// ImagePolicy is the image policy of the command line. It overrides the pull_policy of every service of the plan,
// dependencies included, and applies to image tasks (docker compose run --pull, --build).
type ImagePolicy struct {
	// Pull replaces the pull_policy of each service: always, never, build, missing or if_not_present. Empty: the
	// services decide. [ParsePullPolicy] checks the user's text.
	Pull string
	// Build builds every image with a build section, even a local image. Build overrides Pull.
	Build bool
	// Changed are images with changed files of their build. They are built again, with any policy.
	Changed []string
}

// ParsePullPolicy checks the value of --pull. Empty means the policies of the services.
func ParsePullPolicy(text string) (string, error) {
	choices := []string{
		types.PullPolicyAlways, types.PullPolicyMissing, types.PullPolicyIfNotPresent, types.PullPolicyNever,
		types.PullPolicyBuild,
	}
	if text == "" || slices.Contains(choices, text) {
		return text, nil
	}
	return "", errors.New(hclspec.NotOneOf("--pull", text, choices))
}

// Image ensures that an image is local, and returns the image id.
type Image struct {
	// Ref is the reference for the creation of containers.
	Ref string
	// Service is the first compose service with the image, or the image task.
	Service  string
	Platform string
	// Build is set if a build is possible: for the verb BuildImage, and for a pull that may fail. The paths are
	// absolute.
	Build *types.BuildConfig
	// Labels are the labels of a built image.
	Labels map[string]string
	// Secrets are the project's definitions of secrets for Build.
	Secrets types.Secrets
	// ProjectDir is the absolute project directory.
	ProjectDir string
	// Locate returns the place of an attribute of Build, "compose.yaml:7:5", for messages. Nil: no known place.
	Locate func(path ...string) string
	// Existing is the local image of the snapshot. An empty ID means: no local image.
	Existing observed.Image
	// ForeignError is set if the local image belongs to a service of another project: the step fails.
	ForeignError *ForeignError
	// NoPullReason says why a missing image is not pulled: "pull_policy says never".
	NoPullReason string
	// MadeBy names the tasks before the step that may make or replace the image. The run then looks for the image again.
	MadeBy []string
	// ChangingBases are local images that the build uses, and that the run may replace: the image ids of the snapshot,
	// by reference. A replaced base image builds this image again.
	ChangingBases map[string]string
	// RequestedBy names the service or task with the image, and the place: "service web (compose.yaml:4)". Only
	// errors need the search for the place.
	RequestedBy func() string
}

// mayBuild reports whether a step may build an image: directly, after a failed pull, or after the change of a base.
func (s *Step) mayBuild() bool {
	image, ok := s.Action.(*Image)
	return ok && (s.Verb == BuildImage || s.Verb == PullImage && image.Build != nil || len(image.ChangingBases) > 0)
}

// lacksImage reports whether a step needs an image that is not local, and that no build makes.
func (s *Step) lacksImage() bool {
	image, ok := s.Action.(*Image)
	return ok && image.Existing.ID == "" && s.Verb != BuildImage && !s.Reason.Has(ReasonImagePolicy)
}

// imagePlanner plans images.
type imagePlanner struct {
	*scopeSteps
	policy ImagePolicy
	// uses are the uses from the first planned image to the current image.
	uses []imageUse
}

// planImage plans the image of a service's containers. Services with the same reference share the step.
func (p *imagePlanner) planImage(s types.ServiceConfig) StepID {
	ref := p.project.ImageName(s)
	id := p.stepID("image", ref)
	if p.hasStep(id) {
		return id
	}
	if t := p.spec.Tasks[s.Name]; !composeproject.IsImageReference(ref) && (t == nil || t.Kind != hclspec.ImageTask) {
		p.reportImageReference(s.Name, ref)
	}
	local, exists := p.snapshot.Images[ref]
	request := p.imageRequest(ref, s)
	s = request.representative()
	action := p.imageAction(ref, s)
	action.Existing = local
	step := p.addStep(&Step{ID: id, Action: action})
	step.Verb, step.Reason = request.chooseVerb(exists, local.LastTagged)
	if user := p.imageBuiltFrom(ref); user != "" && step.Verb != BuildImage && s.Build != nil {
		step.decide(BuildImage, ReasonImageIsContext, user)
	}
	if !exists && step.Verb == Reuse {
		action.NoPullReason = request.noPullReason()
	}
	if exists && step.Verb == Reuse {
		p.rebuildWithBases(step, s)
	}
	if err := p.checkImage(s, ref, local); err != nil {
		action.ForeignError = err
		step.addReason(ReasonImageForeign, err.Owner)
	}
	if step.mayBuild() {
		p.needBuildImages(step, s)
		p.warnAboutOtherBuilds(ref, s, request)
	}
	return id
}

// checkImage returns an error for a local image of the generated name of a service, if Compose has built the image for
// a service of another project: project a-b with service c, and project a with service b-c.
func (p *imagePlanner) checkImage(s types.ServiceConfig, ref string, local observed.Image) *ForeignError {
	project, service := local.Labels[composeproject.LabelProject], local.Labels[composeproject.LabelService]
	isOther := project != "" && project != p.project.OriginalName()
	isNamedSo := ref == project+"-"+service || ref == project+"_"+service
	if s.Image != "" || s.Build == nil || !isOther || !isNamedSo {
		return nil
	}
	return &ForeignError{
		Resource: "image " + ref, Owner: fmt.Sprintf("compose project %s, service %s", project, service),
	}
}

// reportImageReference reports an invalid reference of a service's image. The usual cause is a variable without a
// value.
func (p *imagePlanner) reportImageReference(name, ref string) {
	detail := "Write NAME[:TAG], in lower case, for example \"postgres:17\"."
	diag := &hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: fmt.Sprintf("%q is no valid reference of an image", ref), Detail: detail,
	}
	if file, line, column := p.project.Locations().Value(name, "image"); file != "" {
		pos := hcl.Pos{Line: line, Column: column}
		diag.Subject = &hcl.Range{Filename: p.relativePath(file), Start: pos, End: pos}
		diag.Detail = cmp.Or(p.project.Locations().UnsetVariables(name, "image"), detail)
	}
	p.diags = append(p.diags, diag)
}

// imageAction returns the action for an image, with the build of a service.
func (p *imagePlanner) imageAction(ref string, s types.ServiceConfig) *Image {
	action := &Image{
		Ref: ref, Service: s.Name, Platform: p.project.Platform(s), Build: buildSection(p.project, s),
		RequestedBy: func() string { return p.requesterOf(s.Name, ref) },
	}
	if s.Build != nil {
		action.Labels, action.Secrets, action.ProjectDir = p.project.Labels().Image(s), p.model.Secrets, p.model.WorkingDir
		action.Locate = func(path ...string) string {
			place, _ := p.project.Locations().AttributeText(s.Name, append([]string{"build"}, path...)...)
			return place
		}
	}
	return action
}

// warnAboutOtherBuilds warns about services with another build of the image. Compose runs all builds in sequence, and
// the last build wins.
func (p *imagePlanner) warnAboutOtherBuilds(ref string, built types.ServiceConfig, request *imageRequest) {
	for _, u := range request.users {
		if u.service.Build == nil || reflect.DeepEqual(u.service.Build, built.Build) {
			continue
		}
		p.diags = append(p.diags, p.locateInService(u.service, &hcl.Diagnostic{
			Severity: hcl.DiagWarning, Summary: fmt.Sprintf("image %s is built in two ways", ref),
			Detail: fmt.Sprintf("The build of %s counts, and that of service %s is left out. "+
				"Give them images of different names, or the same build.", p.requesterOf(built.Name, ref), u.service.Name),
		}, "build"))
	}
}

// requesterOf names a service or an image task, with the line of the declaration.
func (p *imagePlanner) requesterOf(name, ref string) string {
	if t := p.spec.Tasks[name]; t != nil && t.Kind == hclspec.ImageTask && t.Image == ref {
		at := t.Range("image")
		return fmt.Sprintf("task %s (%s:%d)", name, at.Filename, at.Start.Line)
	}
	file, line, _ := p.project.Locations().Attribute(name)
	if file == "" {
		return "service " + name
	}
	return fmt.Sprintf("service %s (%s:%d)", name, p.relativePath(file), line)
}
