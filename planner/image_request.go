package planner

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/distribution/reference"

	"tasks/internal/composeproject"
)

// imageRequest collects the services with the same image, and chooses between build, pull and reuse.
type imageRequest struct {
	users []imageUser
	// isPullable reports whether a registry may have the image.
	isPullable bool
	// now is the time of the snapshot, by the engine's clock.
	now time.Time
}

// imageUser is a service with the image.
type imageUser struct {
	service types.ServiceConfig
	// policy is always, never, build, missing, if_not_present or refresh.
	policy string
	// requestsPull reports whether the file or the command line asks for a pull.
	requestsPull bool
	// refreshInterval is the minimum age for a pull under refresh.
	refreshInterval time.Duration
	// policySource names the origin of the policy: "pull_policy says always".
	policySource string
}

// imageRequest collects the users of a reference: the requester, possibly an image task, the services of the project,
// and a service that builds the image without being selected.
func (p *imagePlanner) imageRequest(ref string, requester types.ServiceConfig) *imageRequest {
	w := &imageRequest{users: []imageUser{p.imageUser(requester)}, now: p.snapshot.TakenAt}
	for _, name := range sortedKeys(p.model.Services) {
		s := p.model.Services[name]
		isSameBuild := (s.Build == nil) == (requester.Build == nil)
		isRequester := name == requester.Name && s.PullPolicy == requester.PullPolicy && isSameBuild
		if p.project.ImageName(s) == ref && !isRequester {
			w.users = append(w.users, p.imageUser(s))
		}
	}
	if builder, exists := composeproject.ImageBuilder(p.project, ref); exists && !w.hasUser(builder.Name) {
		w.users = append(w.users, p.imageUser(builder))
	}
	w.isPullable = w.mayBeInRegistry()
	return w
}

// hasUser reports whether a service with a build is among the users.
func (w *imageRequest) hasUser(service string) bool {
	return w.firstUser(func(u imageUser) bool { return u.service.Name == service && u.service.Build != nil }) != nil
}

// mayBeInRegistry reports whether a registry may have the image. An image with only a build is in no registry. For an
// image with a name and a build, Compose asks the registry first. So does this program, with an exception: a short
// name without an explicit pull means an official image of Docker Hub. Users cannot publish there, and a pull could
// only find a foreign image.
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

// imageUser reads the policy of a service. The command line overrides the file.
func (p *imagePlanner) imageUser(s types.ServiceConfig) imageUser {
	u := imageUser{service: s}
	switch flags := p.policy; {
	case s.Build != nil && slices.Contains(flags.Changed, p.project.ImageName(s)):
		u.policy, u.policySource = types.PullPolicyBuild, "files of its build have changed"
	case flags.Build && s.Build != nil:
		u.policy, u.policySource = types.PullPolicyBuild, "--build asks for it"
	case flags.Pull != "":
		u.policy, u.policySource = flags.Pull, "--pull says "+flags.Pull
	default:
		var err error
		if u.policy, u.refreshInterval, err = pullPolicy(s); err != nil {
			p.reportUnsupported(s, fmt.Sprintf(
				"pull_policy %q of service %q: %s; write always, missing, never, build, daily, weekly or every_12h",
				s.PullPolicy, s.Name, err))
		}
		u.policySource = "pull_policy says " + s.PullPolicy
		if u.policy == types.PullPolicyRefresh && s.PullRefreshAfter != "" {
			u.policySource = "pull_refresh_after says " + s.PullRefreshAfter
		}
	}
	isExplicit := p.policy.Pull != "" || s.PullPolicy != ""
	u.requestsPull = isExplicit && u.policy != types.PullPolicyBuild && u.policy != types.PullPolicyNever
	return u
}

// pullPolicy returns the policy of a service and the minimum age for a pull. pull_refresh_after belongs to the policy
// refresh, and has the form of `every_12h`.
func pullPolicy(s types.ServiceConfig) (policy string, age time.Duration, err error) {
	if s.PullPolicy == types.PullPolicyRefresh && s.PullRefreshAfter != "" {
		s.PullPolicy = "every_" + s.PullRefreshAfter
	}
	return s.GetPullPolicy()
}

// representative returns the service for all: the first service with a build, else the first service.
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

// chooseVerb chooses as Compose does (Compose specification, pull_policy and build). If services differ, the strongest
// policy wins.
func (w *imageRequest) chooseVerb(exists bool, lastTagged time.Time) (Verb, Reasons) {
	builds := func(u imageUser) bool { return u.policy == types.PullPolicyBuild && u.service.Build != nil }
	if u := w.firstUser(builds); u != nil {
		return BuildImage, because(ReasonImagePolicy, u.policySource)
	}
	if u := w.userWithPolicy(types.PullPolicyAlways); u != nil && w.isPullable {
		return PullImage, because(ReasonImagePolicy, u.policySource)
	}
	if !exists {
		return w.chooseForMissing()
	}
	if u := w.refreshUser(); u != nil && w.isPullable {
		return w.chooseForRefresh(u, lastTagged)
	}
	return Reuse, because(ReasonImagePresent)
}

// chooseForMissing chooses for an image that is not local.
func (w *imageRequest) chooseForMissing() (Verb, Reasons) {
	builds := w.representative().Build != nil
	switch {
	case w.noPullReason() != "" && builds:
		return BuildImage, because(ReasonImageNotPulled, w.noPullReason())
	case w.noPullReason() != "":
		return Reuse, because(ReasonImageUnobtainable, w.noPullReason())
	case builds && !w.isPullable:
		return BuildImage, because(ReasonImageMissing)
	case builds:
		return PullImage, because(ReasonImagePulledOrBuilt)
	default:
		return PullImage, because(ReasonImageMissing)
	}
}

// noPullReason names the policy that prevents a pull. Empty: at least one service allows a pull.
func (w *imageRequest) noPullReason() string {
	if slices.ContainsFunc(w.users, func(u imageUser) bool { return u.policy != types.PullPolicyNever }) {
		return ""
	}
	return w.users[0].policySource
}

// refreshUser returns the user with the shortest refresh interval (daily, weekly, every_12h), or nil.
func (w *imageRequest) refreshUser() *imageUser {
	u := w.userWithPolicy(types.PullPolicyRefresh)
	for i, other := range w.users {
		if other.policy == types.PullPolicyRefresh && other.refreshInterval < u.refreshInterval {
			u = &w.users[i]
		}
	}
	return u
}

// chooseForRefresh chooses for a local image under refresh. Without a known age the registry is asked each time, as by
// Compose.
func (w *imageRequest) chooseForRefresh(u *imageUser, lastTagged time.Time) (Verb, Reasons) {
	age := w.now.Sub(lastTagged)
	switch {
	case lastTagged.IsZero():
		return PullImage, because(ReasonImageAgeUnknown, u.policySource)
	case age > u.refreshInterval:
		return PullImage, because(ReasonImageOutdated, u.policySource, ageText(age))
	default:
		return Reuse, because(ReasonImageRecent, ageText(age), u.policySource)
	}
}

// ageText renders an age in its largest useful unit.
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
