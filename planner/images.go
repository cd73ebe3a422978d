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
	// Dir is the absolute folder of the project.
	Dir string
	// Where tells the place of an attribute of Build, "compose.yaml:7:5", for messages. Nil: nobody knows.
	Where func(path ...string) string
	// Existing is the observed image; without an ID: none is here.
	Existing ObservedImage
	// Forbidden is what keeps an image that is not here from being pulled: "pull_policy says never".
	Forbidden string
	// Asker says who asks for the image and where that is written, "service web (compose.yaml:4)". The place has to be
	// looked for, so that it is asked for by errors only.
	Asker func() string
}

// mayBuild says whether a step may build an image: at once, or after a pull has failed.
func (s *Step) mayBuild() bool {
	image, ok := s.Action.(*Image)
	return ok && (s.Verb == BuildImage || s.Verb == PullImage && image.Build != nil)
}

// image makes the step of the image that a service's containers are created from. Services that share a reference share
// the step.
func (b *builder) image(s types.ServiceConfig) StepID {
	ref := b.in.Project.ImageName(s)
	id := b.id("image", ref)
	if b.has(id) {
		return id
	}
	local, there := b.in.Observed.Images[ref]
	w := b.imageWish(ref, s)
	s = w.asker()
	action := &Image{
		Ref: ref, Service: s.Name, Platform: b.in.Project.Platform(s), Build: b.buildSection(s),
		Existing: local,
		Asker:    func() string { return b.askerOf(s.Name, ref) },
	}
	if s.Build != nil {
		action.Labels, action.Secrets, action.Dir = b.in.Project.BuildLabels(s), b.model.Secrets, b.model.WorkingDir
		action.Where = func(path ...string) string {
			place, _ := b.in.Project.Where(s.Name, append([]string{"build"}, path...)...)
			return place
		}
	}
	step := b.add(&Step{ID: id, Action: action})
	step.Verb, step.Reason = w.verb(there, local.LastTagged)
	if user := b.builtWith(ref); user != "" && step.Verb != BuildImage && s.Build != nil {
		step.Verb, step.Reason = BuildImage, "image "+user+" is built with it"
	}
	if !there && step.Verb == Reuse {
		action.Forbidden = w.forbidden()
	}
	b.buildContexts(step, s)
	if step.mayBuild() {
		b.warnOfOtherBuilds(ref, s, w)
	}
	return id
}

// warnOfOtherBuilds tells which services give the image another build than the one that counts. Compose builds one after the
// other, and keeps the last.
func (b *builder) warnOfOtherBuilds(ref string, built types.ServiceConfig, w *imageWish) {
	for _, u := range w.users {
		if u.service.Build == nil || reflect.DeepEqual(u.service.Build, built.Build) {
			continue
		}
		b.diags = append(b.diags, b.inService(u.service, &hcl.Diagnostic{
			Severity: hcl.DiagWarning, Summary: fmt.Sprintf("image %s is built in two ways", ref),
			Detail: fmt.Sprintf("The build of %s counts, and that of service %s is left out. Give them images of different names, or the same build.", b.askerOf(built.Name, ref), u.service.Name),
		}, "build"))
	}
}

// askerOf is a service with the line that declares it, or an image task with its own.
func (b *builder) askerOf(name, ref string) string {
	if t := b.in.Spec.Tasks[name]; t != nil && t.Kind == hclspec.Image && t.Image == ref {
		at := t.Range("image")
		return fmt.Sprintf("task %s (%s:%d)", name, at.Filename, at.Start.Line)
	}
	file, line, _ := b.in.Project.ServiceLocation(name)
	if file == "" {
		return "service " + name
	}
	return fmt.Sprintf("service %s (%s:%d)", name, b.shown(file), line)
}

// shown is the path of a compose file as messages have it: from the project's directory on, where it lies there.
func (b *builder) shown(file string) string {
	if rel, err := filepath.Rel(b.model.WorkingDir, file); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return file
}

// imageWish is what all services that share an image ask of it.
type imageWish struct {
	users []imageUser
	// pullable says that a registry may have the image.
	pullable bool
	// now is the engine's clock at the snapshot.
	now time.Time
}

// imageUser is one of those services.
type imageUser struct {
	service types.ServiceConfig
	// policy is always, never, build, missing, if_not_present or refresh.
	policy string
	// asksToPull says that somebody has written down a policy that pulls.
	asksToPull bool
	// every is the age from which on refresh pulls again.
	every time.Duration
	// said is who has the policy from where, "pull_policy says always".
	said string
}

// imageWish collects the services of a reference: the one that asks, which may be an image task, and all that are selected.
func (b *builder) imageWish(ref string, asking types.ServiceConfig) *imageWish {
	w := &imageWish{users: []imageUser{b.imageUser(asking)}, now: b.in.Observed.Taken}
	for _, name := range sortedKeys(b.model.Services) {
		s := b.model.Services[name]
		itself := name == asking.Name && s.PullPolicy == asking.PullPolicy && (s.Build == nil) == (asking.Build == nil)
		if b.in.Project.ImageName(s) == ref && !itself {
			w.users = append(w.users, b.imageUser(s))
		}
	}
	w.pullable = w.mayBeInRegistry()
	return w
}

// mayBeInRegistry: what is only built no registry has. Where an image is named and built, Compose asks the registry first.
// So do we, but for a bare name that nobody has said is to be pulled: it leads to the official images of Docker Hub, where
// nobody can put one of their own, so that only a stranger's could be found.
func (w *imageWish) mayBeInRegistry() bool {
	builder := w.asker()
	switch {
	case builder.Build == nil:
		return true
	case w.first(func(u imageUser) bool { return u.service.Build != nil && u.service.Image == "" }) != nil:
		return false
	case w.first(func(u imageUser) bool { return u.asksToPull }) != nil:
		return true
	}
	named, err := reference.ParseNormalizedNamed(builder.Image)
	return err == nil && !strings.HasPrefix(named.Name(), "docker.io/library/")
}

// imageUser reads a service's policy, under that of the invocation.
func (b *builder) imageUser(s types.ServiceConfig) imageUser {
	u := imageUser{service: s}
	switch flags := b.in.Images; {
	case flags.Build && s.Build != nil:
		u.policy, u.said = types.PullPolicyBuild, "--build asks for it"
	case flags.Pull != "":
		u.policy, u.said = flags.Pull, "--pull says "+flags.Pull
	default:
		var err error
		if u.policy, u.every, err = s.GetPullPolicy(); err != nil {
			b.refuse(s, fmt.Sprintf("pull_policy %q of service %q: %s; write always, missing, never, build, daily, weekly or every_12h", s.PullPolicy, s.Name, err))
		}
		u.said = "pull_policy says " + s.PullPolicy
	}
	written := b.in.Images.Pull != "" || s.PullPolicy != ""
	u.asksToPull = written && u.policy != types.PullPolicyBuild && u.policy != types.PullPolicyNever
	return u
}

// asker is the service that stands for all: the first that can build the image, else the first of all.
func (w *imageWish) asker() types.ServiceConfig {
	if u := w.first(func(u imageUser) bool { return u.service.Build != nil }); u != nil {
		return u.service
	}
	return w.users[0].service
}

func (w *imageWish) first(matches func(imageUser) bool) *imageUser {
	if i := slices.IndexFunc(w.users, matches); i >= 0 {
		return &w.users[i]
	}
	return nil
}

func (w *imageWish) policy(policy string) *imageUser {
	return w.first(func(u imageUser) bool { return u.policy == policy })
}

// verb chooses as Compose does (Compose specification, pull_policy and build). Where services differ, who wants more wins.
func (w *imageWish) verb(there bool, lastTagged time.Time) (Verb, string) {
	if u := w.first(func(u imageUser) bool { return u.policy == types.PullPolicyBuild && u.service.Build != nil }); u != nil {
		return BuildImage, u.said
	}
	if u := w.policy(types.PullPolicyAlways); u != nil && w.pullable {
		return PullImage, u.said
	}
	if !there {
		return w.missing()
	}
	if verb, reason, asked := w.refresh(lastTagged); asked {
		return verb, reason
	}
	return Reuse, "it is here"
}

// missing chooses for an image that is not here.
func (w *imageWish) missing() (Verb, string) {
	builds := w.asker().Build != nil
	switch {
	case w.forbidden() != "" && builds:
		return BuildImage, "it is not here, and " + w.forbidden()
	case w.forbidden() != "":
		return Reuse, "it is not here, and " + w.forbidden() + ": the run will fail"
	case builds && !w.pullable:
		return BuildImage, "it is not here"
	case builds:
		return PullImage, "it is not here; built if it cannot be pulled"
	default:
		return PullImage, "it is not here"
	}
}

// forbidden is who keeps the image from being pulled; empty: at least one service wants it pulled.
func (w *imageWish) forbidden() string {
	if slices.ContainsFunc(w.users, func(u imageUser) bool { return u.policy != types.PullPolicyNever }) {
		return ""
	}
	return w.users[0].said
}

// refresh chooses for an image that is here, where a service wants it pulled again after some time: daily, weekly,
// every_12h. An engine that does not know when it got the image is asked each time, as by Compose.
func (w *imageWish) refresh(lastTagged time.Time) (verb Verb, reason string, asked bool) {
	u := w.policy(types.PullPolicyRefresh)
	if u == nil || !w.pullable {
		return "", "", false
	}
	for _, other := range w.users {
		if other.policy == types.PullPolicyRefresh && other.every < u.every {
			u = &other
		}
	}
	age := w.now.Sub(lastTagged)
	switch {
	case lastTagged.IsZero():
		return PullImage, u.said + ", and the engine does not know how old it is", true
	case age > u.every:
		return PullImage, fmt.Sprintf("%s, and it is from %s ago", u.said, round(age)), true
	default:
		return Reuse, fmt.Sprintf("it is here, from %s ago, and %s", round(age), u.said), true
	}
}

// round leaves out what nobody wants to read of an age.
func round(age time.Duration) string {
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
