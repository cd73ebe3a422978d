package planner

import (
	"slices"
	"strings"
	"testing"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

const shared = `
services:
  web:
    image: web
    depends_on: [db]
  db:
    image: db
    volumes: ["data:/data", "/anonymous"]
    networks: [default, back]
  side:
    image: side
    network_mode: service:db
networks: {back: {}}
volumes: {data: {}}
`

func TestDecide(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*observed.Snapshot, *observed.Container)
		verb   Verb
		reason string
	}{
		"unchanged":       {func(*observed.Snapshot, *observed.Container) {}, Reuse, "unchanged"},
		"configuration":   {func(_ *observed.Snapshot, c *observed.Container) { c.Labels[composeproject.LabelConfigHash] = "x" }, Recreate, "configuration has changed"},
		"image":           {func(o *observed.Snapshot, _ *observed.Container) { o.Images["db"] = observed.Image{ID: "sha256:new"} }, Recreate, "image has changed"},
		"image gone":      {func(o *observed.Snapshot, _ *observed.Container) { delete(o.Images, "db") }, Reuse, "recreated if the image changes"},
		"network lost":    {func(_ *observed.Snapshot, c *observed.Container) { delete(c.Networks, "app_back") }, Recreate, "not connected to network app_back"},
		"network remade":  {func(o *observed.Snapshot, _ *observed.Container) { o.Networks[0].ID = "other" }, Recreate, "not connected to network app_back"},
		"never started":   {func(_ *observed.Snapshot, c *observed.Container) { c.State, c.Networks["app_back"] = "created", "" }, Reuse, "unchanged"},
		"volume lost":     {func(_ *observed.Snapshot, c *observed.Container) { c.Mounts = nil }, Recreate, "volume app_data is not mounted"},
		"a one-off alone": {func(_ *observed.Snapshot, c *observed.Container) { c.Labels[composeproject.LabelOneOff] = "True" }, Create, "no container"},
	} {
		t.Run(name, func(t *testing.T) {
			p := load(t, shared, "web")
			o := upToDate(t, p)
			test.change(o, container(t, o, "db"))
			got := step(t, mustBuild(t, Input{Spec: spec(serviceTask("test", "web")), Project: p, Snapshot: o}), "container/db")
			if got.Verb != test.verb || !strings.Contains(got.Reason.String(), test.reason) {
				t.Errorf("%s, %s; want %s, %s", got.Verb, got.Reason.String(), test.verb, test.reason)
			}
		})
	}
}

// A container under a recreated namespace parent holds the id of a removed container.
func TestDecideCascades(t *testing.T) {
	p := load(t, shared, "side")
	o := upToDate(t, p)
	in := Input{Spec: spec(serviceTask("test", "side", onService("side", "service_started"))), Project: p, Snapshot: o}
	if got := step(t, mustBuild(t, in), "container/side"); got.Verb != Reuse {
		t.Fatalf("%s, %s; want reuse while nothing has changed", got.Verb, got.Reason.String())
	}
	container(t, o, "db").Labels[composeproject.LabelConfigHash] = "x"
	if got := step(t, mustBuild(t, in), "container/side"); got.Verb != Recreate {
		t.Errorf("%s, %s; want recreate with its parent", got.Verb, got.Reason.String())
	}
}

// The run decides: the image was pulled and differs.
func TestDecideAgainWithFacts(t *testing.T) {
	p := load(t, shared, "web")
	o := upToDate(t, p)
	delete(o.Images, "db")
	plan := mustBuild(t, Input{Spec: spec(serviceTask("test", "web")), Project: p, Snapshot: o})
	action := step(t, plan, "container/db").Action.(*Container)
	facts := Facts{Networks: map[string]string{"default": "id-default", "back": "id-back"}}
	for image, want := range map[string]Verb{"sha256:db": Reuse, "sha256:new": Recreate} {
		facts.Images = map[string]string{"db": image}
		got := action.Decide(action.Existing, facts)
		if got.Verb != want {
			t.Errorf("image %s: %s, %s; want %s", image, got.Verb, got.Reason.String(), want)
		}
		if want == Recreate && got.Spec.Labels[composeproject.LabelImage] != image {
			t.Errorf("label %q; want the new image", got.Spec.Labels[composeproject.LabelImage])
		}
	}
}

func TestRecreateKeepsAnonymousVolumes(t *testing.T) {
	p := load(t, shared, "web")
	o := upToDate(t, p)
	c := container(t, o, "db")
	c.Labels[composeproject.LabelConfigHash] = "x"
	c.Mounts = []observed.Mount{
		{Type: "volume", Name: "app_data", Destination: "/data"},
		{Type: "volume", Name: "anon1", Destination: "/anonymous"},
		{Type: "volume", Name: "anon2", Destination: "/image"},
		{Type: "bind", Destination: "/bind"},
	}
	plan := mustBuild(t, Input{Spec: spec(serviceTask("test", "web")), Project: p, Snapshot: o})
	action := step(t, plan, "container/db").Action.(*Container)
	d := action.Decide(c, Facts{ImageVolumes: map[string][]string{c.ImageID: {"/image"}}})
	if label := d.Spec.Labels[composeproject.LabelReplace]; label != "db-1" {
		t.Errorf("it replaces %q, as Compose has it db-1", label)
	}
	if len(d.Spec.Inherit) != 2 || d.Spec.Inherit["/anonymous"] != "anon1" || d.Spec.Inherit["/image"] != "anon2" {
		t.Errorf("inherits %v", d.Spec.Inherit)
	}
}

func TestDependencyContainer(t *testing.T) {
	p := load(t, shared, "web")
	plan := mustBuild(t, Input{Spec: spec(serviceTask("test", "web")), Project: p, Snapshot: &observed.Snapshot{}})
	action := step(t, plan, "container/db").Action.(*Container)
	spec := action.Decide(nil, Facts{Images: map[string]string{"db": "sha256:1"}}).Spec
	if spec.Name != "app-db-1" || spec.Labels[composeproject.LabelOneOff] != "False" || spec.Volumes["data"] != "app_data" {
		t.Errorf("name %q, labels %v, volumes %v", spec.Name, spec.Labels, spec.Volumes)
	}
	if len(spec.Networks) != 2 || spec.Networks[0].Network != "app_back" || spec.Networks[0].Aliases[1] != "db" {
		t.Errorf("networks %+v", spec.Networks)
	}
}

// A one-off has neither the service's name nor the aliases of the compose file: it must not answer for the service.
func TestAliasesBelongToTheService(t *testing.T) {
	p := load(t, "services: {web: {image: web, networks: {default: {aliases: [shop]}, back: {}}}}\nnetworks: {back: {}}", "web")
	plan := mustBuild(t, Input{Spec: spec(serviceTask("test", "web", onService("web", hclspec.Started))), Project: p, Snapshot: &observed.Snapshot{}})
	service := step(t, plan, "container/web").Action.(*Container).Decide(nil, Facts{}).Spec
	oneOff, _ := step(t, plan, "create/test").Action.(*CreateOneOff).Spec(Facts{}, false, "0123456789abcdef")
	for _, test := range []struct {
		spec ContainerSpec
		want map[string][]string
	}{
		{service, map[string][]string{"default": {"app-web-1", "web", "shop"}, "back": {"app-web-1", "web"}}},
		{oneOff, map[string][]string{"default": {"app-web-run-0123456789ab"}, "back": {"app-web-run-0123456789ab"}}},
	} {
		for _, e := range test.spec.Networks {
			if !slices.Equal(e.Aliases, test.want[e.Key]) {
				t.Errorf("%s has aliases %v in %s, want %v", test.spec.Name, e.Aliases, e.Key, test.want[e.Key])
			}
		}
	}
}

// Without use_service_name_alias only the container's own name and the explicit aliases are left (Compose v5.7).
func TestServiceNameAlias(t *testing.T) {
	p := load(t, `services:
  web:
    image: web
    networks: {default: {aliases: [shop], use_service_name_alias: false}, back: {use_service_name_alias: true}}
networks: {back: {}}`, "web")
	plan := mustBuild(t, Input{Spec: dependentSpec(), Project: p, Snapshot: &observed.Snapshot{}})
	want := map[string][]string{"default": {"app-web-1", "shop"}, "back": {"app-web-1", "web"}}
	for _, e := range step(t, plan, "container/web").Action.(*Container).Decide(nil, Facts{}).Spec.Networks {
		if !slices.Equal(e.Aliases, want[e.Key]) {
			t.Errorf("aliases %v in %s, want %v", e.Aliases, e.Key, want[e.Key])
		}
	}
}

func TestLinksLeadToNames(t *testing.T) {
	p := load(t, "services: {web: {image: web, links: ['db:store', fixed, gone], external_links: ['other:o']}, db: {image: db, scale: 2}, fixed: {image: f, container_name: given}, gone: {image: g}}", "web")
	plan := mustBuild(t, Input{Spec: spec(serviceTask("test", "web")), Project: p, Snapshot: &observed.Snapshot{}})
	facts := Facts{Containers: map[string]string{"db": "id1", "db#2": "id2", "fixed": "id3"}}
	oneOff, _ := step(t, plan, "create/test").Action.(*CreateOneOff).Spec(facts, false, "0123456789abcdef")
	// external_links stay with the service: otherwise the engine would get each link twice, once without an alias.
	want := []string{"app-db-1:store", "app-db-2:store", "given:fixed"}
	if !slices.Equal(oneOff.Links, want) {
		t.Errorf("links %v, want %v", oneOff.Links, want)
	}
}
