package composeproject

import (
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
)

// TestAPISocketIsHashedAsByCompose compares use_api_socket with the configuration that Compose v5.6 makes from the
// attribute.
func TestAPISocketIsHashedAsByCompose(t *testing.T) {
	const attributes = `services:
  web:
    image: busybox
    environment: {A: b}
    configs: [own]
    volumes: [/anon]
    use_api_socket: true
configs: {own: {content: x}}
`
	p := load(t, attributes)
	got, err := p.Select([]string{"web"})
	if err != nil {
		t.Fatal(err)
	}
	want, _, err := selectServices(p.model, []string{"web"})
	if err != nil {
		t.Fatal(err)
	}
	s := want.Services["web"]
	s.Volumes = append(s.Volumes, types.ServiceVolumeConfig{Type: "bind", Source: "/var/run/docker.sock", Target: "/var/run/docker.sock"})
	s.Environment["DOCKER_CONFIG"] = new("/run/secrets/docker")
	s.Configs = append(s.Configs, types.ServiceConfigObjConfig{Source: "#apisocket", Target: "/run/secrets/docker/config.json"})
	theirs, err := ServiceHash(s)
	if err != nil {
		t.Fatal(err)
	}
	ours, err := ServiceHash(got.Model().Services["web"])
	if err != nil {
		t.Fatal(err)
	}
	if ours != theirs {
		t.Errorf("hash %s, want %s of %+v", ours, theirs, got.Model().Services["web"])
	}
	if _, there := got.Model().Configs[APISocketConfig]; !there {
		t.Error("the config is not declared")
	}
	if len(p.Model().Services["web"].Volumes) != 1 || len(p.Model().Configs) != 1 {
		t.Error("the project that was selected from has changed")
	}
}

// TestAPISocketKeepsOwnConfiguration checks that a service may set DOCKER_CONFIG for a purpose of its own.
func TestAPISocketKeepsOwnConfiguration(t *testing.T) {
	p := selected(t, "services: {web: {image: x, use_api_socket: true, environment: {DOCKER_CONFIG: /mine}}, db: {image: x}}", "web", "db")
	if got := *p.Model().Services["web"].Environment["DOCKER_CONFIG"]; got != "/mine" {
		t.Errorf("DOCKER_CONFIG is %q", got)
	}
	if db := p.Model().Services["db"]; len(db.Volumes) > 0 || len(db.Configs) > 0 {
		t.Errorf("another service got it, too: %+v", db)
	}
}
