package planner

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/planner/observed"
)

// imageStep plans a task of service web with the image app:1, unless the compose file has another image, and returns
// the step of the image.
func imageStep(t *testing.T, yaml string, policy ImagePolicy, snapshot *observed.Snapshot) *Step {
	t.Helper()
	p := load(t, yaml, "web")
	plan := mustBuild(t, Input{Spec: spec(serviceTask("x", "web")), Project: p, Snapshot: snapshot, Images: policy})
	return step(t, plan, StepID("image/"+p.ImageName(p.Model().Services["web"])))
}

func TestImageVerbs(t *testing.T) {
	now := time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC)
	aged := func(age time.Duration) map[string]observed.Image {
		return map[string]observed.Image{"app:1": {ID: "sha256:1", LastTagged: now.Add(-age)}}
	}
	here, absent := aged(time.Hour), map[string]observed.Image{}
	unknown := map[string]observed.Image{"app:1": {ID: "sha256:1"}}
	const image, build, both = `image: "app:1"`, `build: .`, `image: "app:1", build: .`
	const own = `image: "example.com/app:1", build: .`
	with := func(service, policy string) string { return service + ", pull_policy: " + policy }
	tests := []struct {
		name, service string
		policy        ImagePolicy
		images        map[string]observed.Image
		verb          Verb
		reason        string
	}{
		{"here", image, ImagePolicy{}, here, Reuse, "present"},
		{"absent", image, ImagePolicy{}, absent, PullImage, "not present locally"},
		{"always", with(image, "always"), ImagePolicy{}, here, PullImage, "pull_policy says always"},
		{"missing and here", with(image, "missing"), ImagePolicy{}, here, Reuse, "present"},
		{"never and absent", with(image, "never"), ImagePolicy{}, absent, Reuse, "not present locally, and pulling is disabled (pull_policy says never): the run will fail"},
		{"never and here", with(image, "never"), ImagePolicy{}, here, Reuse, "present"},
		{"a day not over", with(image, "daily"), ImagePolicy{}, aged(23 * time.Hour), Reuse, "present, from 23 h ago, and pull_policy says daily"},
		{"a day over", with(image, "daily"), ImagePolicy{}, aged(25 * time.Hour), PullImage, "pull_policy says daily, and it is from 25 h ago"},
		{"a week not over", with(image, "weekly"), ImagePolicy{}, aged(6 * 24 * time.Hour), Reuse, "present, from 6 days ago, and pull_policy says weekly"},
		{"a week over", with(image, "weekly"), ImagePolicy{}, aged(8 * 24 * time.Hour), PullImage, "pull_policy says weekly, and it is from 8 days ago"},
		{"its own time over", image + ", pull_policy: refresh, pull_refresh_after: 2h", ImagePolicy{}, aged(3 * time.Hour), PullImage, "pull_refresh_after says 2h, and it is from 3 h ago"},
		{"its own time not over", image + ", pull_policy: refresh, pull_refresh_after: 1w2d", ImagePolicy{}, aged(3 * 24 * time.Hour), Reuse, "present, from 3 days ago, and pull_refresh_after says 1w2d"},
		{"some minutes over", with(image, "every_90m"), ImagePolicy{}, aged(91 * time.Minute), PullImage, "pull_policy says every_90m, and it is from 1 h ago"},
		{"some seconds not over", with(image, "every_90m"), ImagePolicy{}, aged(30 * time.Second), Reuse, "present, from 30 s ago, and pull_policy says every_90m"},
		{"of unknown age", with(image, "weekly"), ImagePolicy{}, unknown, PullImage, "pull_policy says weekly, and the engine does not know how old it is"},
		{"daily and absent", with(image, "daily"), ImagePolicy{}, absent, PullImage, "not present locally"},

		{"built", build, ImagePolicy{}, absent, BuildImage, "not present locally"},
		{"built, never pulled", with(both, "never"), ImagePolicy{}, absent, BuildImage, "not present locally, and pull_policy says never"},
		{"built, always pulled, nameless", with(build, "always"), ImagePolicy{}, absent, BuildImage, "not present locally"},
		{"built, a bare name", both, ImagePolicy{}, absent, BuildImage, "not present locally"},
		{"built, a registry's name", own, ImagePolicy{}, absent, PullImage, "not present locally; built if it cannot be pulled"},
		{"built, to be pulled if missing", with(both, "missing"), ImagePolicy{}, absent, PullImage, "not present locally; built if it cannot be pulled"},
		{"built each time", with(both, "build"), ImagePolicy{}, here, BuildImage, "pull_policy says build"},
		{"built, always pulled", with(both, "always"), ImagePolicy{}, here, PullImage, "pull_policy says always"},
		{"build without a build section", with(image, "build"), ImagePolicy{}, absent, PullImage, "not present locally"},

		{"--pull always", with(image, "never"), ImagePolicy{Pull: "always"}, here, PullImage, "--pull says always"},
		{"--pull never", with(image, "always"), ImagePolicy{Pull: "never"}, absent, Reuse, "not present locally, and pulling is disabled (--pull says never): the run will fail"},
		{"--pull missing", with(image, "always"), ImagePolicy{Pull: "missing"}, here, Reuse, "present"},
		{"--pull if_not_present", with(image, "daily"), ImagePolicy{Pull: "if_not_present"}, unknown, Reuse, "present"},
		{"--pull build", both, ImagePolicy{Pull: "build"}, here, BuildImage, "--pull says build"},
		{"--pull build without a build section", image, ImagePolicy{Pull: "build"}, here, Reuse, "present"},
		{"--build", both, ImagePolicy{Build: true}, here, BuildImage, "--build asks for it"},
		{"--build without a build section", image, ImagePolicy{Build: true}, here, Reuse, "present"},
		{"changed files", both, ImagePolicy{Changed: []string{"app:1"}}, here, BuildImage, "files of its build have changed"},
		{"changed files, never pulled", with(both, "never"), ImagePolicy{Changed: []string{"app:1"}}, here, BuildImage, "files of its build have changed"},
		{"changed files over --pull", both, ImagePolicy{Pull: "always", Changed: []string{"app:1"}}, here, BuildImage, "files of its build have changed"},
		{"changed files without a build section", image, ImagePolicy{Changed: []string{"app:1"}}, here, Reuse, "present"},
		{"changed files of another image", both, ImagePolicy{Changed: []string{"app:2"}}, here, Reuse, "present"},
		{"--build over --pull", both, ImagePolicy{Pull: "always", Build: true}, here, BuildImage, "--build asks for it"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := imageStep(t, "services: {web: {"+test.service+"}}", test.policy, &observed.Snapshot{TakenAt: now, Images: test.images})
			if s.Verb != test.verb || s.Reason.String() != test.reason {
				t.Errorf("%s: %s; want %s: %s", s.Verb, s.Reason.String(), test.verb, test.reason)
			}
			builds := s.Action.(*Image).Build != nil
			if want := strings.Contains(test.service, "build: ."); builds != want {
				t.Errorf("it can be built: %t, want %t", builds, want)
			}
		})
	}
}

// TestServicesShareAnImage: the strongest policy wins, and a single step serves all services.
func TestServicesShareAnImage(t *testing.T) {
	tests := []struct {
		web, db string
		verb    Verb
		service string
	}{
		{`image: "app:1"`, `image: "app:1", build: .`, BuildImage, "db"},
		{`image: "app:1"`, `image: "app:1", pull_policy: always`, PullImage, "web"},
		{`image: "app:1", pull_policy: never`, `image: "app:1"`, PullImage, "web"},
		{`image: "app:1", pull_policy: never`, `image: "app:1", pull_policy: never`, Reuse, "web"},
		{`image: "app:1", pull_policy: always`, `image: "app:1", pull_policy: build, build: .`, BuildImage, "db"},
		{`image: "app-db"`, `build: .`, BuildImage, "db"},
	}
	for _, test := range tests {
		s := imageStep(t, "services: {web: {"+test.web+", depends_on: [db]}, db: {"+test.db+"}}", ImagePolicy{}, &observed.Snapshot{})
		if got := s.Action.(*Image).Service; s.Verb != test.verb || got != test.service {
			t.Errorf("web %s, db %s: %s for %s; want %s for %s", test.web, test.db, s.Verb, got, test.verb, test.service)
		}
	}
}

// TestImageBuiltInTwoWays: of two builds with the same name only a single build can count. The warning has both
// places.
func TestImageBuiltInTwoWays(t *testing.T) {
	const two = "name: x\nservices:\n  a: {image: acme/app, build: ./a}\n  b: {image: acme/app, build: %s}\n"
	plan := func(other string, images ...observed.Image) *Plan {
		observed := &observed.Snapshot{Images: map[string]observed.Image{}}
		for _, i := range images {
			observed.Images["acme/app"] = i
		}
		all := &hclspec.Task{Name: "all", Kind: hclspec.GroupTask, DependsOn: []hclspec.Dependency{{Service: "a"}, {Service: "b"}}}
		return mustBuild(t, Input{Spec: spec(all), Project: load(t, fmt.Sprintf(two, other), "a", "b"), Snapshot: observed})
	}
	diags := plan("./b").Diagnostics
	if len(diags) != 1 || diags[0].Severity != hcl.DiagWarning || !strings.Contains(diags[0].Detail, "The build of service a (") ||
		!strings.Contains(diags[0].Detail, "that of service b is left out") || diags[0].Subject == nil || diags[0].Subject.Start.Line != 4 {
		t.Errorf("diagnostics %v", diags)
	}
	for name, silent := range map[string]*Plan{"one build": plan("./a"), "nothing is built": plan("./b", observed.Image{ID: "sha256:1"})} {
		if len(silent.Diagnostics) > 0 {
			t.Errorf("%s: %v", name, silent.Diagnostics)
		}
	}
}

func TestImageAsker(t *testing.T) {
	p := load(t, "services:\n  db:\n    image: db\n  web:\n    image: web:1\n", "web")
	image := &hclspec.Task{Name: "db", Kind: hclspec.ImageTask, Image: "tools:2"}
	image.DeclRange.Filename, image.DeclRange.Start.Line = "Tasks.hcl", 7
	plan := mustBuild(t, Input{Spec: spec(serviceTask("x", "web", onTask("db")), image), Project: p, Snapshot: &observed.Snapshot{}})
	for id, want := range map[StepID]string{"image/web:1": "service web (compose.yaml:4)", "image/tools:2": "task db (Tasks.hcl:7)"} {
		if got := step(t, plan, id).Action.(*Image).RequestedBy(); got != want {
			t.Errorf("%s is for %s; want %s", id, got, want)
		}
	}
}

// TestPullThatMayBuildWaitsForTasks: tasks may make the files for a build after a failed pull.
func TestPullThatMayBuildWaitsForTasks(t *testing.T) {
	p := load(t, "services: {web: {image: example.com/app, build: .}}", "web")
	plan := mustBuild(t, Input{Spec: spec(serviceTask("x", "web", onTask("compile")), hostTask("compile")), Project: p, Snapshot: &observed.Snapshot{}})
	image := step(t, plan, "image/example.com/app")
	if image.Verb != PullImage || len(image.Needs) != 1 || image.Needs[0].Step != "task/compile" {
		t.Errorf("%s with needs %v; want a pull after task/compile", image.Verb, image.Needs)
	}
}

func TestWrongRefreshPolicy(t *testing.T) {
	p := load(t, "services: {web: {image: app}}", "web")
	s := p.Model().Services["web"]
	s.PullPolicy = "every_now"
	p.Model().Services["web"] = s
	_, diags := Build(Input{Spec: spec(serviceTask("x", "web")), Project: p, Snapshot: &observed.Snapshot{}})
	if len(diags) != 1 || !strings.Contains(diags[0].Detail, `pull_policy "every_now" of service "web"`) || diags[0].Subject == nil {
		t.Errorf("diagnostics %v; want one that names the service and its place", diags)
	}
}

func TestParsePullPolicy(t *testing.T) {
	for _, ok := range []string{"", "always", "never", "build", "missing", "if_not_present"} {
		if got, err := ParsePullPolicy(ok); got != ok || err != nil {
			t.Errorf("%q: %q, %v", ok, got, err)
		}
	}
	for _, wrong := range []string{"policy", "daily", "Always", "refresh"} {
		_, err := ParsePullPolicy(wrong)
		if want := "--pull must be one of always, missing, if_not_present, never, build, not \"" + wrong + "\""; err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: error %v; want %q", wrong, err, want)
		}
	}
}
