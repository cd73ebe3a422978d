package planner

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

const mounting = `
services:
  web:
    image: web
    depends_on: [db]
  db:
    image: db
    volumes:
      - {type: image, source: assets, target: /b}
      - {type: image, source: "tools:1", target: /a}
  assets: {build: .}
`

// TestMountedImagesAreMadeFirst: a source means the built image of another service, or else an image with the name.
func TestMountedImagesAreMadeFirst(t *testing.T) {
	p := load(t, mounting, "web")
	plan := mustBuild(t, Input{Spec: spec(serviceTask("x", "web")), Project: p, Snapshot: &observed.Snapshot{}})
	var needs []StepID
	for _, n := range step(t, plan, "container/db").Needs {
		needs = append(needs, n.Step)
	}
	for id, verb := range map[StepID]Verb{"image/app-assets": BuildImage, "image/tools:1": PullImage} {
		if got := step(t, plan, id); got.Verb != verb || !slices.Contains(needs, id) {
			t.Errorf("%s: %s, needed by the container: %v; want %s", id, got.Verb, needs, verb)
		}
	}
	facts := Facts{LocalImages: map[string]observed.Image{"app-assets": {ID: "sha256:assets"}, "tools:1": {ID: "sha256:arm", MountID: "sha256:tools"}}}
	made := step(t, plan, "container/db").Action.(*Container).Decide(nil, facts).Spec
	want := []string{"app-assets", "tools:1"}
	if got := []string{made.Service.Volumes[0].Source, made.Service.Volumes[1].Source}; !slices.Equal(got, want) {
		t.Errorf("sources %q, want %q", got, want)
	}
	if got := made.Labels[composeproject.LabelImageVolumeDigest]; got != "/a=sha256:tools,/b=sha256:assets" {
		t.Errorf("label %q", got)
	}
	hash := configHash(made.Service).Modern
	if got := made.Labels[composeproject.LabelConfigHash]; got != hash {
		t.Errorf("hash %s, want that of the sources that are mounted, %s", got, hash)
	}
	if p.Model().Services["db"].Volumes[0].Source != "assets" {
		t.Error("the project has changed")
	}
}

// TestMountedImageThatIsHere: a local image comes before a service with the same name, as for Compose.
func TestMountedImageThatIsHere(t *testing.T) {
	p := load(t, mounting, "web")
	seen := &observed.Snapshot{Images: map[string]observed.Image{"assets": {ID: "sha256:1"}}}
	plan := mustBuild(t, Input{Spec: spec(serviceTask("x", "web")), Project: p, Snapshot: seen})
	if got := step(t, plan, "image/assets").Verb; got != Reuse {
		t.Errorf("verb %s", got)
	}
	if slices.ContainsFunc(plan.Steps, func(s *Step) bool { return s.ID == "image/app-assets" }) {
		t.Error("the image of the service is made, and not used")
	}
}

func TestMountedImagesOfAOneOff(t *testing.T) {
	p := load(t, mounting, "db")
	plan := mustBuild(t, Input{Spec: spec(serviceTask("x", "db")), Project: p, Snapshot: &observed.Snapshot{}})
	facts := Facts{LocalImages: map[string]observed.Image{"app-assets": {ID: "sha256:assets"}, "tools:1": {ID: "sha256:tools"}}}
	made, diags := step(t, plan, "create/x").Action.(*CreateOneOff).Spec(facts, false, "slug")
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if got := made.Labels[composeproject.LabelImageVolumeDigest]; got != "/a=sha256:tools,/b=sha256:assets" || made.Service.Volumes[0].Source != "app-assets" {
		t.Errorf("label %q, source %q", got, made.Service.Volumes[0].Source)
	}
}

func TestQueryForMountedImages(t *testing.T) {
	p := load(t, mounting, "web")
	var refs []string
	for _, q := range QueryFor(spec(serviceTask("x", "web")), p).Images {
		refs = append(refs, q.Ref)
	}
	slices.Sort(refs)
	if diff := cmp.Diff([]string{"app-assets", "assets", "db", "tools:1", "web"}, refs); diff != "" {
		t.Error(diff)
	}
}

// TestDecideByMountedImages compares the label as Compose v5 does.
func TestDecideByMountedImages(t *testing.T) {
	const label = "/a=sha256:tools,/b=sha256:assets"
	for name, test := range map[string]struct {
		label, tools string
		verb         Verb
		reason       string
	}{
		"unchanged":          {label, "sha256:tools", Reuse, "unchanged"},
		"another image":      {label, "sha256:new", Recreate, "an image that it mounts has changed"},
		"without the label":  {"", "sha256:tools", Recreate, "an image that it mounts has changed"},
		"an image to be had": {label, "", Reuse, "unchanged"},
	} {
		t.Run(name, func(t *testing.T) {
			p := load(t, mounting, "web")
			o := upToDate(t, p)
			o.Images["app-assets"] = observed.Image{ID: "sha256:assets"}
			if test.tools != "" {
				o.Images["tools:1"] = observed.Image{ID: test.tools}
			}
			db := p.Model().Services["db"]
			db.Volumes = withMountedImages(db.Volumes, map[string]string{"assets": "app-assets", "tools:1": "tools:1"})
			c := container(t, o, "db")
			c.Labels[composeproject.LabelConfigHash] = configHash(db).Modern
			c.Labels[composeproject.LabelImageVolumeDigest] = test.label
			got := step(t, mustBuild(t, Input{Spec: spec(serviceTask("x", "web")), Project: p, Snapshot: o}), "container/db")
			if got.Verb != test.verb || !strings.Contains(got.Reason.String(), test.reason) {
				t.Errorf("%s, %s; want %s, %s", got.Verb, got.Reason.String(), test.verb, test.reason)
			}
		})
	}
}

// TestDecideByTheLabelOfAList: the label of Compose before v5.5, the id of the manifest list, is accepted.
func TestDecideByTheLabelOfAList(t *testing.T) {
	for label, verb := range map[string]Verb{"sha256:list": Reuse, "sha256:own": Reuse, "sha256:old": Recreate, "": Recreate} {
		p := load(t, shared, "web")
		o := upToDate(t, p)
		o.Images["db"] = observed.Image{ID: "sha256:own", ListID: "sha256:list"}
		c := container(t, o, "db")
		c.Labels[composeproject.LabelImage] = label
		plan := mustBuild(t, Input{Spec: spec(serviceTask("x", "web")), Project: p, Snapshot: o})
		if got := step(t, plan, "container/db").Verb; got != verb {
			t.Errorf("label %q: %s, want %s", label, got, verb)
		}
		facts := Facts{Images: map[string]string{"db": "sha256:own"}, LocalImages: o.Images}
		if got := step(t, plan, "container/db").Action.(*Container).Decide(nil, facts).Spec.Labels[composeproject.LabelImage]; got != "sha256:own" {
			t.Errorf("label of a new container: %q", got)
		}
	}
}
