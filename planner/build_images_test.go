package planner

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tasks/planner/observed"
)

// stacked is a service with a build from base, and base has a build from root.
const stacked = `
services:
  web: {image: example.com/web, pull_policy: missing, build: {context: ., additional_contexts: {base: "service:base", files: ./files}}}
  base: {build: {context: ., additional_contexts: {root: "service:root"}}}
  root: {build: {context: ., secrets: [token]}, image: "root:1"}
secrets: {token: {file: ./token}}
`

func TestImageOfAContext(t *testing.T) {
	here := func(refs ...string) map[string]observed.Image {
		images := map[string]observed.Image{}
		for _, ref := range refs {
			images[ref] = observed.Image{ID: "sha256:" + ref}
		}
		return images
	}
	const web, base, root = "example.com/web", "app-base", "root:1"
	with := func(user string) string { return "image " + user + " is built with it" }
	tests := []struct {
		name   string
		policy ImagePolicy
		images map[string]observed.Image
		want   map[StepID]string
	}{
		{"all here", ImagePolicy{}, here(web, base, root), map[StepID]string{"image/" + web: "reuse: present"}},
		{"all here, asked to be built", ImagePolicy{Build: true}, here(web, base, root), map[StepID]string{
			"image/" + web: "build: --build asks for it", "image/" + base: "build: --build asks for it", "image/" + root: "build: --build asks for it"}},
		{"the one asked for is not here, and is not pulled", ImagePolicy{Pull: "never"}, here(base, root), map[StepID]string{
			"image/" + web:  "build: not present locally, and --pull says never",
			"image/" + base: "build: " + with(web), "image/" + root: "build: " + with(web)}},
		{"it may be pulled", ImagePolicy{}, here(base, root), map[StepID]string{
			"image/" + web: "pull: not present locally; built if it cannot be pulled", "image/" + base: "reuse: present"}},
		{"nothing is here", ImagePolicy{}, nil, map[StepID]string{
			"image/" + web:  "pull: not present locally; built if it cannot be pulled",
			"image/" + base: "build: not present locally", "image/" + root: "build: not present locally"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			plan := mustBuild(t, Input{
				Spec: spec(serviceTask("x", "web")), Project: load(t, stacked, "web"), Snapshot: &observed.Snapshot{Images: test.images}, Images: test.policy,
			})
			got := map[StepID]string{}
			for _, s := range plan.Steps {
				if _, ok := s.Action.(*Image); ok {
					got[s.ID] = string(s.Verb) + ": " + s.Reason.String()
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestContextsAreBuiltBefore(t *testing.T) {
	plan := mustBuild(t, Input{Spec: spec(serviceTask("x", "web")), Project: load(t, stacked, "web"), Snapshot: &observed.Snapshot{}, Images: ImagePolicy{Build: true}})
	for user, context := range map[StepID]StepID{"image/example.com/web": "image/app-base", "image/app-base": "image/root:1"} {
		if !slices.ContainsFunc(step(t, plan, user).Needs, func(n Need) bool { return n.Step == context }) {
			t.Errorf("%s does not need %s:\n%s", user, context, plan)
		}
	}
	web := step(t, plan, "image/example.com/web").Action.(*Image)
	if got := web.Build.AdditionalContexts["base"]; got != "docker-image://app-base" {
		t.Errorf("context base is %q", got)
	}
	if _, ok := step(t, plan, "image/root:1").Action.(*Image).Secrets["token"]; !ok {
		t.Error("the build of a service that is not selected has lost its secret")
	}
	if place := web.Locate("additional_contexts", "base"); place != "compose.yaml:3:97" {
		t.Errorf("the context is at %s", place)
	}
}

func TestContextsInACircle(t *testing.T) {
	p := load(t, `services: {a: {build: {additional_contexts: {x: "service:b"}}}, b: {build: {additional_contexts: {x: "service:a"}}}}`, "a")
	_, diags := Build(Input{Spec: spec(serviceTask("x", "a")), Project: p, Snapshot: &observed.Snapshot{}})
	const want = "image app-a needs image app-b (compose.yaml:1), image app-b needs image app-a (compose.yaml:1)"
	if !diags.HasErrors() || !strings.Contains(diags.Error(), want) || diags[0].Subject == nil {
		t.Errorf("diagnostics %v; want the circle", diags)
	}
}

func TestSnapshotLooksAtContexts(t *testing.T) {
	q := QueryFor(spec(serviceTask("x", "web")), load(t, stacked, "web"))
	var refs []string
	for _, image := range q.Images {
		refs = append(refs, image.Ref)
	}
	if diff := cmp.Diff([]string{"example.com/web", "app-base", "root:1"}, refs); diff != "" {
		t.Error(diff)
	}
}
