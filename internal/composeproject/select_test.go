package composeproject

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"
)

const severalServices = `
services:
  web:
    image: a
    depends_on: [db]
    networks: [front]
    volumes: ["cache:/cache"]
    secrets: [key]
    environment: {A: one, PASSED: }
    env_file: [web.env]
  db: {image: a, networks: [back], volumes: ["data:/data"]}
  other: {image: a, env_file: [missing.env], networks: [back]}
  test: {image: a, profiles: [ci], depends_on: [db]}
  lint: {image: a, profiles: [ci]}
networks: {front: , back: , unused: }
volumes: {cache: , data: , unused: }
secrets: {key: {file: ./key}, unused: {file: ./unused}}
`

func loadSeveral(t *testing.T) *Project {
	t.Helper()
	dir := projectFolder(t, "app", map[string]string{"compose.yaml": severalServices, "web.env": "B=two\nA=file\n"})
	p, err := Load(t.Context(), Options{WorkingDir: dir, Environ: []string{"PASSED=through"}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSelect(t *testing.T) {
	tests := map[string]struct{ targets, services, networks, volumes, secrets []string }{
		"a service with what it depends on": {
			targets: []string{"web"}, services: []string{"db", "web"}, networks: []string{"back", "front"},
			volumes: []string{"cache", "data"}, secrets: []string{"key"},
		},
		"a service alone": {
			targets: []string{"db"}, services: []string{"db"}, networks: []string{"back"}, volumes: []string{"data"},
		},
		"a service of a profile, not its sisters": {
			targets: []string{"test"}, services: []string{"db", "test"}, networks: []string{"back", "default"}, volumes: []string{"data"},
		},
		"several": {
			targets: []string{"lint", "db"}, services: []string{"db", "lint"}, networks: []string{"back", "default"}, volumes: []string{"data"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := loadSeveral(t).Select(test.targets)
			if err != nil {
				t.Fatal(err)
			}
			m := p.Model()
			for what, names := range map[string][2][]string{
				"services": {m.ServiceNames(), test.services}, "networks": {m.NetworkNames(), test.networks},
				"volumes": {m.VolumeNames(), test.volumes}, "secrets": {m.SecretNames(), test.secrets},
			} {
				if !slices.Equal(names[0], names[1]) {
					t.Errorf("%s: got %v, want %v", what, names[0], names[1])
				}
			}
		})
	}
}

func TestSelectResolvesTheEnvironment(t *testing.T) {
	p, err := loadSeveral(t).Select([]string{"web"})
	if err != nil {
		t.Fatal(err)
	}
	s := p.Model().Services["web"]
	want := map[string]string{"A": "one", "B": "two", "PASSED": "through"}
	if diff := cmp.Diff(want, map[string]string(s.Environment.ToMapping())); diff != "" || len(s.EnvFiles) > 0 {
		t.Errorf("env files %v, environment:\n%s", s.EnvFiles, diff)
	}
}

func TestSelectLeavesTheProject(t *testing.T) {
	p := loadSeveral(t)
	before, _ := json.Marshal(p.Model().AllServices())
	if _, err := p.Select([]string{"web", "lint"}); err != nil {
		t.Fatal(err)
	}
	after, _ := json.Marshal(p.Model().AllServices())
	if string(before) != string(after) {
		t.Errorf("before %s\nafter  %s", before, after)
	}
}

func TestSelectErrors(t *testing.T) {
	tests := map[string]struct{ target, want string }{
		"unknown":            {"wbe", `no such service: wbe; did you mean "web"?`},
		"nothing near":       {"zzzzz", "no such service: zzzzz"},
		"a missing env file": {"other", "compose.yaml:12:32: the file DIR/missing.env does not exist"},
	}
	p := loadSeveral(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := p.Select([]string{test.target})
			if err == nil {
				t.Fatal("no error")
			}
			if got := strings.ReplaceAll(err.Error(), p.Model().WorkingDir, "DIR"); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestSelectDependencyOfAnotherProfile(t *testing.T) {
	p := load(t, "services:\n  web: {image: a, profiles: [w], depends_on: [db]}\n  db: {image: a, profiles: [d]}\n")
	_, err := p.Select([]string{"web"})
	if _, ok := errors.AsType[*Error](err); !ok || !strings.Contains(err.Error(), `depends on "db", which has the profile d`) {
		t.Errorf("got %v", err)
	}
}

func TestDefaultPlatform(t *testing.T) {
	const file = `
services:
  pulled: {image: a}
  built: {build: .}
  own: {build: ., platform: linux/arm64}
  many: {build: {context: ., platforms: [linux/amd64, linux/arm64]}}
  one: {build: {context: ., platforms: [linux/s390x]}}
`
	services := []string{"pulled", "built", "own", "many"}
	tests := map[string]struct {
		environ []string
		want    map[string]string
	}{
		"none": {nil, map[string]string{"pulled": "", "built": "", "own": "linux/arm64 linux/arm64", "many": ""}},
		"amd64": {[]string{"DOCKER_DEFAULT_PLATFORM=linux/amd64"}, map[string]string{
			"pulled": "", "built": "linux/amd64 linux/amd64", "own": "linux/arm64 linux/arm64", "many": "linux/amd64 linux/amd64",
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := load(t, file, test.environ...).Select(services)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for name, s := range p.Model().Services {
				got[name] = s.Platform
				if s.Build != nil && len(s.Build.Platforms) > 0 {
					got[name] += " " + strings.Join(s.Build.Platforms, ",")
				}
			}
			if !maps.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
	p := load(t, file, "DOCKER_DEFAULT_PLATFORM=linux/amd64")
	if _, err := p.Select([]string{"one"}); err == nil || !strings.Contains(err.Error(), "build.platforms does not contain linux/amd64") {
		t.Errorf("got %v", err)
	}
	pulled, _ := p.Service("pulled")
	own, _ := p.Service("own")
	if p.Platform(pulled) != "linux/amd64" || p.Platform(own) != "linux/arm64" {
		t.Errorf("platforms %q, %q", p.Platform(pulled), p.Platform(own))
	}
}

func TestEmpty(t *testing.T) {
	tests := map[string]struct {
		name, dir string
		environ   []string
		want      string
	}{
		"given":       {"given", "/srv/My App", []string{"COMPOSE_PROJECT_NAME=env"}, "given"},
		"environment": {"", "/srv/My App", []string{"COMPOSE_PROJECT_NAME=env"}, "env"},
		"folder":      {"", "/srv/My App", nil, "myapp"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := Empty(test.name, test.dir, test.environ)
			if err != nil {
				t.Fatal(err)
			}
			if network := p.NetworkName("default"); p.Name() != test.want || network != test.want+"_default" {
				t.Errorf("got %s, %s", p.Name(), network)
			}
			if file, _, _ := p.Locations().Attribute("web"); file != "" || len(p.ServiceNames()) > 0 {
				t.Errorf("services %v, located in %q", p.ServiceNames(), file)
			}
		})
	}
	for _, bad := range []struct{ name, dir string }{{"No Name", "/srv"}, {"", "/"}, {"", "/srv/___"}} {
		if _, err := Empty(bad.name, bad.dir, nil); err == nil {
			t.Errorf("%+v gives a project", bad)
		}
	}
}

// The default network of a project without a file equals the default network of a file.
func TestEmptyNetworkIsThatOfAFile(t *testing.T) {
	empty, err := Empty("hashlab", "/srv", nil)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := empty.Labels().Network("default")
	b, _ := load(t, "services: {web: {image: a}}").Labels().Network("default")
	if diff := cmp.Diff(a, b); diff != "" {
		t.Error(diff)
	}
}

func TestResolveReferences(t *testing.T) {
	ids := func(service string) (string, bool) {
		id, ok := map[string]string{"vpn": "id-vpn", "store": "id-store"}[service]
		return id, ok
	}
	given := types.ServiceConfig{
		ContainerSpec: types.ContainerSpec{
			NetworkMode: "service:vpn",
			Ipc:         "service:gone",
			Pid:         "host",
			VolumesFrom: []string{"store:ro", "gone:ro", "container:other:ro", "store"},
		},
	}
	raw := slices.Clone(given.VolumesFrom)
	got := ResolveReferences(given, ids)
	want := types.ServiceConfig{
		ContainerSpec: types.ContainerSpec{
			NetworkMode: "container:id-vpn",
			Ipc:         "service:gone",
			Pid:         "host",
			VolumesFrom: []string{"id-store", "gone:ro", "other", "id-store"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" || !slices.Equal(given.VolumesFrom, raw) {
		t.Errorf("given is now %v, diff:\n%s", given.VolumesFrom, diff)
	}
	withModes := []string{"id-store:ro", "gone:ro", "other:ro", "id-store"}
	if got := VolumesFromWithModes(given.VolumesFrom, got.VolumesFrom); !slices.Equal(got, withModes) {
		t.Errorf("with modes %v, want %v", got, withModes)
	}
	if got, want := ServicesReferredTo(given), []string{"vpn", "gone", "store"}; !slices.Equal(got, want) {
		t.Errorf("refers to %v, want %v", got, want)
	}
	if got := ResolveReferences(types.ServiceConfig{}, ids); got.VolumesFrom != nil {
		t.Error("no volumes_from became an empty list, which hashes otherwise")
	}
}
