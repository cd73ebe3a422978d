package planner

import (
	"slices"
	"strings"
	"testing"

	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

func TestTeardown(t *testing.T) {
	box := func(name, service, dependsOn, oneOff string, state observed.ContainerState) *observed.Container {
		return &observed.Container{ID: name, Name: name, State: state, Labels: map[string]string{
			composeproject.LabelProject: "app", composeproject.LabelService: service,
			composeproject.LabelDependsOn: dependsOn, composeproject.LabelOneOff: oneOff,
		}}
	}
	mine := map[string]string{composeproject.LabelProject: "app"}
	o := &observed.Snapshot{
		Containers: []*observed.Container{
			box("db", "db", "", "False", "running"),
			box("api", "api", "db:service_healthy:false", "False", "running"),
			box("db2", "db", "", "False", "exited"),
			box("run1", "api", "db:service_healthy:false", "True", "running"),
			box("run2", "db", "", "True", "exited"),
			box("a", "a", "b:service_started:false", "False", "running"),
			box("b", "b", "a:service_started:false", "False", "running"),
		},
		Networks: []observed.Network{{Name: "app_default", Labels: mine}, {Name: "foreign"}},
		Volumes:  []observed.Volume{{Name: "app_data", Labels: mine}, {Name: "foreign"}},
	}
	got := PlanTeardown(o, "app", false)
	var waves []string
	for _, wave := range got.Waves {
		var names []string
		for _, c := range wave {
			names = append(names, c.Name)
		}
		waves = append(waves, strings.Join(names, " "))
	}
	if want := "api run1 run2, db db2, a b"; strings.Join(waves, ", ") != want {
		t.Errorf("waves %q; want %q: dependents first, replicas together, a cycle at last", waves, want)
	}
	if len(got.InUse) != 1 || got.InUse[0].Name != "run1" {
		t.Errorf("living %v", got.InUse)
	}
	if len(got.Networks) != 1 || len(got.Volumes) != 0 {
		t.Errorf("networks %v, volumes %v", got.Networks, got.Volumes)
	}
	if all := PlanTeardown(o, "app", true); len(all.Volumes) != 1 || all.Volumes[0].Name != "app_data" {
		t.Errorf("volumes %v", all.Volumes)
	}
}

// Down asks about the running containers of runs, in every state. Ended containers and service containers need no
// question.
func TestTeardownAsksAboutUse(t *testing.T) {
	oneOff := func(name string, state observed.ContainerState, labels ...string) *observed.Container {
		all := map[string]string{composeproject.LabelProject: "app", composeproject.LabelService: "web", composeproject.LabelOneOff: "True"}
		for _, label := range labels {
			all[label] = "other"
		}
		return abandonedContainer(name, state, all)
	}
	service := map[string]string{composeproject.LabelProject: "app", composeproject.LabelService: "db", composeproject.LabelOneOff: "False"}
	got := PlanTeardown(&observed.Snapshot{
		Containers: []*observed.Container{
			oneOff("made", "created", observed.LabelOwner), oneOff("to-be-kept", "created", observed.LabelStarter), oneOff("halted", "paused"),
			oneOff("running", "running"), oneOff("ended", "exited", observed.LabelOwner), oneOff("compose", "created"),
			abandonedContainer("db-1", "running", service), abandonedContainer("db-2", "exited", service),
		},
		Networks: []observed.Network{{Name: "app_default", Labels: map[string]string{composeproject.LabelProject: "app"}}, {Name: "foreign"}},
	}, "app", false)
	var names []string
	for _, c := range got.InUse {
		names = append(names, c.Name)
	}
	if want := "made to-be-kept halted running"; strings.Join(names, " ") != want {
		t.Errorf("living: %q; want %s", names, want)
	}
	if want := []LeasedResource{{"app/service/db", "service db"}, {"network/app_default", "network app_default"}}; !slices.Equal(got.LeasedResources, want) {
		t.Errorf("leased: %v; want %v", got.LeasedResources, want)
	}
}

// An inherited volume is removed with the container. A named, labelled or declared volume stays.
func TestTeardownRemovesInheritedVolumes(t *testing.T) {
	hex := func(c string) string { return strings.Repeat(c, 64) }
	container := func(replaces string, volumes ...string) *observed.Container {
		c := &observed.Container{Labels: map[string]string{composeproject.LabelProject: "app", composeproject.LabelReplace: replaces}}
		for _, v := range volumes {
			c.Mounts = append(c.Mounts, observed.Mount{Type: "volume", Name: v})
		}
		return c
	}
	o := &observed.Snapshot{
		Containers: []*observed.Container{
			container("db-1", hex("1"), hex("2"), hex("3"), "app_data", hex("5"), strings.Repeat("X", 64)),
			container("db-2", hex("1")),
			container("", hex("4")),
		},
		Volumes: []observed.Volume{
			{Name: hex("1")}, {Name: hex("2"), Labels: map[string]string{"com.docker.volume.anonymous": ""}}, {Name: hex("3"), Labels: map[string]string{"mine": "yes"}},
			{Name: hex("4")}, {Name: "app_data"}, {Name: hex("6")}, {Name: strings.Repeat("X", 64)},
		},
	}
	got := PlanTeardown(o, "app", false)
	if want := []string{hex("1"), hex("2")}; !slices.Equal(got.AnonymousVolumes, want) {
		t.Errorf("volumes %q, want %q", got.AnonymousVolumes, want)
	}
	got.ProtectDeclared(load(t, "services: {db: {image: db, volumes: ['old:/data']}}\nvolumes: {old: {external: true, name: \""+hex("1")+"\"}}"))
	if want := []string{hex("2")}; !slices.Equal(got.AnonymousVolumes, want) {
		t.Errorf("volumes %q, want %q", got.AnonymousVolumes, want)
	}
}

// A helper container belongs to no service, and has no dependents.
func TestTeardownIgnoresProbeContainers(t *testing.T) {
	labels := func(extra, value string) map[string]string {
		return map[string]string{composeproject.LabelProject: "app", extra: value}
	}
	o := &observed.Snapshot{Containers: []*observed.Container{
		{Name: "db", Labels: labels(composeproject.LabelService, "db")},
		{Name: "probe", Labels: labels(observed.LabelProbe, "db")},
	}}
	if waves := PlanTeardown(o, "app", false).Waves; len(waves) != 1 || len(waves[0]) != 2 {
		t.Errorf("waves %v", waves)
	}
}

// A network with a container of another service is no part of the teardown of a service. So nobody is told that such a
// network stays.
func TestServiceTeardownLeavesSharedNetworks(t *testing.T) {
	container := func(service string, networks map[string]string) *observed.Container {
		return &observed.Container{
			ID: service, Name: "app-" + service + "-1", Networks: networks,
			Labels: map[string]string{composeproject.LabelProject: "app", composeproject.LabelService: service},
		}
	}
	network := func(id string) observed.Network {
		return observed.Network{ID: id, Name: "app_" + id, Labels: map[string]string{composeproject.LabelProject: "app"}}
	}
	got := PlanServiceTeardown(&observed.Snapshot{
		Containers: []*observed.Container{
			container("db", map[string]string{"app_shared": "shared", "app_own": "own"}),
			container("web", map[string]string{"app_shared": "shared"}),
		},
		Networks: []observed.Network{network("own"), network("shared")},
	}, "app", []string{"db"}, false)
	if len(got.Networks) != 1 || got.Networks[0].ID != "own" || !got.IsPartial {
		t.Errorf("networks %v", got.Networks)
	}
}
