package planner

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/distribution/reference"
	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/planner/observed"
)

// ImagePolicy is what one invocation says of images. It goes over the pull_policy of every service of the plan,
// dependencies too, and of image tasks (docker compose run --pull, --build).
type ImagePolicy struct {
	// Pull stands in for each service's pull_policy: always, never, build, missing or if_not_present. Empty: the services
	// decide. What a user has typed goes through [ParsePullPolicy] first.
	Pull string
	// Build builds every image that has a build section, be it here or not. It wins over Pull.
	Build bool
}

// ParsePullPolicy checks the value of --pull. Empty is the policy of the services.
func ParsePullPolicy(text string) (string, error) {
	choices := []string{
		types.PullPolicyAlways, types.PullPolicyMissing, types.PullPolicyIfNotPresent, types.PullPolicyNever, types.PullPolicyBuild,
	}
	if text == "" || slices.Contains(choices, text) {
		return text, nil
	}
	return "", fmt.Errorf("--pull %s: it is %s or %s.%s", text, strings.Join(choices[:len(choices)-1], ", "), choices[len(choices)-1], hclspec.DidYouMean(text, choices))
}

// Image makes sure that an image is there and tells its id.
type Image struct {
	// Ref is the reference that containers are created from.
	Ref string
	// Service names the compose service that asks first, or the image task.
	Service  string
	Platform string
	// Build is set where the image can be built: where the verb is BuildImage, or where a pull may fail. Its paths are
	// absolute.
	Build *types.BuildConfig
	// Labels go on a built image.
	Labels map[string]string
	// Secrets are the project's definitions that Build refers to.
	Secrets types.Secrets
	// ProjectDir is the absolute folder of the project.
	ProjectDir string
	// Locate tells the place of an attribute of Build, "compose.yaml:7:5", for messages. Nil: nobody knows.
	Locate func(path ...string) string
	// Existing is the observed image; without an ID: none is here.
	Existing observed.Image
	// NoPullReason is what keeps an image that is not here from being pulled: "pull_policy says never".
	NoPullReason string
	// RequestedBy says who asks for the image and where that is written, "service web (compose.yaml:4)". The place has to be
	// looked for, so that it is asked for by errors only.
	RequestedBy func() string
}

// mayBuild says whether a step may build an image: at once, or after a pull has failed.
func (s *Step) mayBuild() bool {
	image, ok := s.Action.(*Image)
	return ok && (s.Verb == BuildImage || s.Verb == PullImage && image.Build != nil)
}

// imagePlanner plans images.
type imagePlanner struct {
	*scopeSteps
	policy ImagePolicy
}

// planImage makes the step of the image that a service's containers are created from. Services that share a reference share
// the step.
func (p *imagePlanner) planImage(s types.ServiceConfig) StepID {
	ref := p.project.ImageName(s)
	id := p.stepID("image", ref)
	if p.hasStep(id) {
		return id
	}
	local, exists := p.snapshot.Images[ref]
	request := p.imageRequest(ref, s)
	s = request.representative()
	action := &Image{
		Ref: ref, Service: s.Name, Platform: p.project.Platform(s), Build: p.buildSection(s),
		Existing:    local,
		RequestedBy: func() string { return p.requesterOf(s.Name, ref) },
	}
	if s.Build != nil {
		action.Labels, action.Secrets, action.ProjectDir = p.project.Labels().Image(s), p.model.Secrets, p.model.WorkingDir
		action.Locate = func(path ...string) string {
			place, _ := p.project.AttributeLocationText(s.Name, append([]string{"build"}, path...)...)
			return place
		}
	}
	step := p.addStep(&Step{ID: id, Action: action})
	step.Verb, step.Reason = request.chooseVerb(exists, local.LastTagged)
	if user := p.imageBuiltFrom(ref); user != "" && step.Verb != BuildImage && s.Build != nil {
		step.Verb, step.Reason = BuildImage, "image "+user+" is built with it"
	}
	if !exists && step.Verb == Reuse {
		action.NoPullReason = request.noPullReason()
	}
	p.needBuildContexts(step, s)
	if step.mayBuild() {
		p.warnAboutOtherBuilds(ref, s, request)
	}
	return id
}

// warnAboutOtherBuilds tells which services give the image another build than the one that counts. Compose builds one after the
// other, and keeps the last.
func (p *imagePlanner) warnAboutOtherBuilds(ref string, built types.ServiceConfig, request *imageRequest) {
	for _, u := range request.users {
		if u.service.Build == nil || reflect.DeepEqual(u.service.Build, built.Build) {
			continue
		}
		p.diags = append(p.diags, p.locateInService(u.service, &hcl.Diagnostic{
			Severity: hcl.DiagWarning, Summary: fmt.Sprintf("image %s is built in two ways", ref),
			Detail: fmt.Sprintf("The build of %s counts, and that of service %s is left out. Give them images of different names, or the same build.", p.requesterOf(built.Name, ref), u.service.Name),
		}, "build"))
	}
}

// requesterOf is a service with the line that declares it, or an image task with its own.
func (p *imagePlanner) requesterOf(name, ref string) string {
	if t := p.spec.Tasks[name]; t != nil && t.Kind == hclspec.ImageTask && t.Image == ref {
		at := t.Range("image")
		return fmt.Sprintf("task %s (%s:%d)", name, at.Filename, at.Start.Line)
	}
	file, line, _ := p.project.AttributeLocation(name)
	if file == "" {
		return "service " + name
	}
	return fmt.Sprintf("service %s (%s:%d)", name, p.relativePath(file), line)
}

// relativePath is the path of a compose file as messages have it: from the project's directory on, where it lies there.
func (p *scopeSteps) relativePath(file string) string {
	if rel, err := filepath.Rel(p.model.WorkingDir, file); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return file
}

// imageRequest is what all services that share an image ask of it.
type imageRequest struct {
	users []imageUser
	// isPullable says that a registry may have the image.
	isPullable bool
	// now is the engine's clock at the snapshot.
	now time.Time
}

// imageUser is one of those services.
type imageUser struct {
	service types.ServiceConfig
	// policy is always, never, build, missing, if_not_present or refresh.
	policy string
	// requestsPull says that somebody has written down a policy that pulls.
	requestsPull bool
	// refreshInterval is the age from which on refresh pulls again.
	refreshInterval time.Duration
	// said is who has the policy from where, "pull_policy says always".
	policySource string
}

// imageRequest collects the services of a reference: the one that asks, which may be an image task, and all that are selected.
func (p *imagePlanner) imageRequest(ref string, requester types.ServiceConfig) *imageRequest {
	w := &imageRequest{users: []imageUser{p.imageUser(requester)}, now: p.snapshot.TakenAt}
	for _, name := range sortedKeys(p.model.Services) {
		s := p.model.Services[name]
		isRequester := name == requester.Name && s.PullPolicy == requester.PullPolicy && (s.Build == nil) == (requester.Build == nil)
		if p.project.ImageName(s) == ref && !isRequester {
			w.users = append(w.users, p.imageUser(s))
		}
	}
	w.isPullable = w.mayBeInRegistry()
	return w
}

// mayBeInRegistry: what is only built no registry has. Where an image is named and built, Compose asks the registry first.
// So do we, but for a bare name that nobody has said is to be pulled: it leads to the official images of Docker Hub, where
// nobody can put one of their own, so that only a stranger's could be found.
func (w *imageRequest) mayBeInRegistry() bool {
	builder := w.representative()
	switch {
	case builder.Build == nil:
		return true
	case w.firstUser(func(u imageUser) bool { return u.service.Build != nil && u.service.Image == "" }) != nil:
		return false
	case w.firstUser(func(u imageUser) bool { return u.requestsPull }) != nil:
		return true
	}
	named, err := reference.ParseNormalizedNamed(builder.Image)
	return err == nil && !strings.HasPrefix(named.Name(), "docker.io/library/")
}

// imageUser reads a service's policy, under that of the invocation.
func (p *imagePlanner) imageUser(s types.ServiceConfig) imageUser {
	u := imageUser{service: s}
	switch flags := p.policy; {
	case flags.Build && s.Build != nil:
		u.policy, u.policySource = types.PullPolicyBuild, "--build asks for it"
	case flags.Pull != "":
		u.policy, u.policySource = flags.Pull, "--pull says "+flags.Pull
	default:
		var err error
		if u.policy, u.refreshInterval, err = s.GetPullPolicy(); err != nil {
			p.reportUnsupported(s, fmt.Sprintf("pull_policy %q of service %q: %s; write always, missing, never, build, daily, weekly or every_12h", s.PullPolicy, s.Name, err))
		}
		u.policySource = "pull_policy says " + s.PullPolicy
	}
	isExplicit := p.policy.Pull != "" || s.PullPolicy != ""
	u.requestsPull = isExplicit && u.policy != types.PullPolicyBuild && u.policy != types.PullPolicyNever
	return u
}

// representative is the service that stands for all: the first that can build the image, else the first of all.
func (w *imageRequest) representative() types.ServiceConfig {
	if u := w.firstUser(func(u imageUser) bool { return u.service.Build != nil }); u != nil {
		return u.service
	}
	return w.users[0].service
}

func (w *imageRequest) firstUser(matches func(imageUser) bool) *imageUser {
	if i := slices.IndexFunc(w.users, matches); i >= 0 {
		return &w.users[i]
	}
	return nil
}

func (w *imageRequest) userWithPolicy(policy string) *imageUser {
	return w.firstUser(func(u imageUser) bool { return u.policy == policy })
}

// chooseVerb chooses as Compose does (Compose specification, pull_policy and build). Where services differ, who wants more wins.
func (w *imageRequest) chooseVerb(exists bool, lastTagged time.Time) (Verb, string) {
	if u := w.firstUser(func(u imageUser) bool { return u.policy == types.PullPolicyBuild && u.service.Build != nil }); u != nil {
		return BuildImage, u.policySource
	}
	if u := w.userWithPolicy(types.PullPolicyAlways); u != nil && w.isPullable {
		return PullImage, u.policySource
	}
	if !exists {
		return w.chooseForMissing()
	}
	if verb, reason, isRefresh := w.chooseForRefresh(lastTagged); isRefresh {
		return verb, reason
	}
	return Reuse, "it is here"
}

// missing chooses for an image that is not here.
func (w *imageRequest) chooseForMissing() (Verb, string) {
	builds := w.representative().Build != nil
	switch {
	case w.noPullReason() != "" && builds:
		return BuildImage, "it is not here, and " + w.noPullReason()
	case w.noPullReason() != "":
		return Reuse, "it is not here, and " + w.noPullReason() + ": the run will fail"
	case builds && !w.isPullable:
		return BuildImage, "it is not here"
	case builds:
		return PullImage, "it is not here; built if it cannot be pulled"
	default:
		return PullImage, "it is not here"
	}
}

// noPullReason is who keeps the image from being pulled; empty: at least one service wants it pulled.
func (w *imageRequest) noPullReason() string {
	if slices.ContainsFunc(w.users, func(u imageUser) bool { return u.policy != types.PullPolicyNever }) {
		return ""
	}
	return w.users[0].policySource
}

// chooseForRefresh chooses for an image that is here, where a service wants it pulled again after some time: daily, weekly,
// every_12h. An engine that does not know when it got the image is asked each time, as by Compose.
func (w *imageRequest) chooseForRefresh(lastTagged time.Time) (verb Verb, reason string, isRefresh bool) {
	u := w.userWithPolicy(types.PullPolicyRefresh)
	if u == nil || !w.isPullable {
		return "", "", false
	}
	for _, other := range w.users {
		if other.policy == types.PullPolicyRefresh && other.refreshInterval < u.refreshInterval {
			u = &other
		}
	}
	age := w.now.Sub(lastTagged)
	switch {
	case lastTagged.IsZero():
		return PullImage, u.policySource + ", and the engine does not know how old it is", true
	case age > u.refreshInterval:
		return PullImage, fmt.Sprintf("%s, and it is from %s ago", u.policySource, ageText(age)), true
	default:
		return Reuse, fmt.Sprintf("it is here, from %s ago, and %s", ageText(age), u.policySource), true
	}
}

// ageText leaves out what nobody wants to read of an age.
func ageText(age time.Duration) string {
	switch {
	case age >= 48*time.Hour:
		return fmt.Sprintf("%d days", int(age.Hours()/24))
	case age >= time.Hour:
		return fmt.Sprintf("%d h", int(age.Hours()))
	case age >= time.Minute:
		return fmt.Sprintf("%d min", int(age.Minutes()))
	default:
		return fmt.Sprintf("%d s", max(0, int(age.Seconds())))
	}
}
