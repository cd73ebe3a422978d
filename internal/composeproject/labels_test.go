package composeproject

import (
	"bytes"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"
)

const labelled = `
services:
  web:
    image: busybox
    build: {context: ., labels: {mine: built}}
    labels: {mine: "yes", com.docker.compose.project: stolen, com.docker.compose.oneoff: stolen}
    depends_on:
      db: {condition: service_healthy}
      aux: {condition: service_started, restart: true}
  db: {image: busybox, volumes: ["data:/data"]}
  aux: {image: busybox, container_name: the-aux}
networks:
  default: {labels: {mine: net}}
volumes:
  data: {labels: {mine: vol, com.docker.compose.volume: stolen}}
`

func TestContainerLabels(t *testing.T) {
	p := selected(t, labelled, "web")
	s := p.Model().Services["web"]
	common := map[string]string{
		"mine":                                    "yes",
		"com.docker.compose.project":              "hashlab",
		"com.docker.compose.service":              "web",
		"com.docker.compose.version":              "5.6.0",
		"com.docker.compose.config-hash":          "h",
		"com.docker.compose.image":                "sha256:1",
		"com.docker.compose.depends_on":           "aux:service_started:true,db:service_healthy:false",
		"com.docker.compose.project.working_dir":  p.Model().WorkingDir,
		"com.docker.compose.project.config_files": p.Model().WorkingDir + "/compose.yaml",
	}
	with := func(more map[string]string) map[string]string {
		for key, value := range common {
			if _, set := more[key]; !set {
				more[key] = value
			}
		}
		return more
	}
	hash := Hash{Modern: "h", Legacy: "l"}
	want := with(map[string]string{"com.docker.compose.oneoff": "False", "com.docker.compose.container-number": "2"})
	if diff := cmp.Diff(want, p.Labels().Service(s, 2, hash, "sha256:1")); diff != "" {
		t.Errorf("service:\n%s", diff)
	}
	want = with(map[string]string{"com.docker.compose.oneoff": "True", "com.docker.compose.slug": "abc"})
	if diff := cmp.Diff(want, p.Labels().OneOff(s, "abc", hash, "sha256:1")); diff != "" {
		t.Errorf("one-off:\n%s", diff)
	}
	if s.Labels[LabelProject] != "stolen" {
		t.Error("the labels of the model were changed")
	}
}

func TestOmittedLabels(t *testing.T) {
	p := selected(t, labelled, "db")
	labels := p.Labels().Service(p.Model().Services["db"], 1, Hash{Modern: "h"}, "")
	for _, key := range []string{LabelImage, LabelEnvironmentFile, LabelSlug} {
		if value, ok := labels[key]; ok {
			t.Errorf("%s is %q", key, value)
		}
	}
	if value, ok := labels[LabelDependsOn]; !ok || value != "" {
		t.Errorf("depends_on is %q, %v", value, ok)
	}
}

func TestEnvironmentFileLabel(t *testing.T) {
	dir := projectFolder(t, "app", map[string]string{"compose.yaml": "services: {web: {image: a}}", "a.env": "", "b.env": ""})
	p, err := Load(t.Context(), Options{WorkingDir: dir, EnvFiles: []string{"a.env", dir + "/b.env"}})
	if err != nil {
		t.Fatal(err)
	}
	labels := p.Labels().Service(p.Model().Services["web"], 1, Hash{}, "")
	if got, want := labels[LabelEnvironmentFile], dir+"/a.env,"+dir+"/b.env"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestResourceLabels(t *testing.T) {
	p := load(t, labelled)
	network, err := p.Labels().Network("default")
	if err != nil {
		t.Fatal(err)
	}
	hash, _ := NetworkHash(p.Model().Networks["default"])
	if diff := cmp.Diff(map[string]string{
		"mine": "net", "com.docker.compose.network": "default", "com.docker.compose.project": "hashlab",
		"com.docker.compose.version": "5.6.0", "com.docker.compose.config-hash": hash,
	}, network); diff != "" {
		t.Errorf("network:\n%s", diff)
	}
	volume, err := p.Labels().Volume("data")
	if err != nil {
		t.Fatal(err)
	}
	hash, _ = VolumeHash(p.Model().Volumes["data"])
	if diff := cmp.Diff(map[string]string{
		"mine": "vol", "com.docker.compose.volume": "data", "com.docker.compose.project": "hashlab",
		"com.docker.compose.version": "5.6.0", "com.docker.compose.config-hash": hash,
	}, volume); diff != "" {
		t.Errorf("volume:\n%s", diff)
	}
}

func TestBuildLabels(t *testing.T) {
	p := load(t, labelled)
	if diff := cmp.Diff(map[string]string{
		"mine": "built", "com.docker.compose.project": "hashlab", "com.docker.compose.service": "web",
		"com.docker.compose.version": "5.6.0",
	}, p.Labels().Image(p.Model().Services["web"])); diff != "" {
		t.Errorf("build:\n%s", diff)
	}
}

func TestNames(t *testing.T) {
	p := load(t, labelled+"  own: {name: shared}\n")
	web, _ := p.Service("web")
	aux, _ := p.Service("aux")
	slug := strings.Repeat("0123456789abcdef", 4)
	checks := []struct{ what, got, want string }{
		{"container", p.ContainerName(web, 3), "hashlab-web-3"},
		{"container_name", p.ContainerName(aux, 1), "the-aux"},
		{"one-off", p.OneOffName("web", slug), "hashlab-web-run-0123456789ab"},
		{"one-off, short slug", p.OneOffName("web", "abc"), "hashlab-web-run-abc"},
		{"image", p.ImageName(web), "busybox"},
		{"built image", p.ImageName(types.ServiceConfig{Name: "web"}), "hashlab-web"},
		{"network", p.NetworkName("default"), "hashlab_default"},
		{"volume", p.VolumeName("data"), "hashlab_data"},
		{"named volume", p.VolumeName("own"), "shared"},
		{"volume that the file lacks", p.VolumeName("other"), "hashlab_other"},
	}
	for _, c := range checks {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.what, c.got, c.want)
		}
	}
}

func TestNamesInCompatibilityMode(t *testing.T) {
	p := load(t, labelled, "COMPOSE_COMPATIBILITY=1")
	web, _ := p.Service("web")
	if got, want := p.ContainerName(web, 1)+" "+p.OneOffName("web", "abc"), "hashlab_web_1 hashlab_web_run_abc"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNewSlug(t *testing.T) {
	if got, want := NewSlug(strings.NewReader(strings.Repeat("\x0f", 32))), strings.Repeat("0f", 32); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	defer func() {
		if recover() == nil {
			t.Error("made a slug without random numbers")
		}
	}()
	NewSlug(bytes.NewReader(nil))
}
