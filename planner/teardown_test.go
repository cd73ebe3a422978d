package planner

import (
	"slices"
	"strings"
	"testing"

	"tasks/internal/composeproject"
)

func TestTeardown(t *testing.T) {
	box := func(name, service, dependsOn, oneOff, state string) *ObservedContainer {
		return &ObservedContainer{ID: name, Name: name, State: state, Labels: map[string]string{
			composeproject.LabelProject: "app", composeproject.LabelService: service,
			composeproject.LabelDependsOn: dependsOn, composeproject.LabelOneOff: oneOff,
		}}
	}
	mine := map[string]string{composeproject.LabelProject: "app"}
	o := &Snapshot{
		Containers: []*ObservedContainer{
			box("db", "db", "", "False", "running"),
			box("api", "api", "db:service_healthy:false", "False", "running"),
			box("db2", "db", "", "False", "exited"),
			box("run1", "api", "db:service_healthy:false", "True", "running"),
			box("run2", "db", "", "True", "exited"),
			box("a", "a", "b:service_started:false", "False", "running"),
			box("b", "b", "a:service_started:false", "False", "running"),
		},
		Networks: []ObservedNetwork{{Name: "app_default", Labels: mine}, {Name: "foreign"}},
		Volumes:  []ObservedVolume{{Name: "app_data", Labels: mine}, {Name: "foreign"}},
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

// What a run has under way is asked for, whatever it is just at; what has ended, or was never anybody's, is not.
func TestTeardownAsksAboutUse(t *testing.T) {
	oneOff := func(name, state string, labels ...string) *ObservedContainer {
		all := map[string]string{composeproject.LabelProject: "app", composeproject.LabelService: "web", composeproject.LabelOneOff: "True"}
		for _, label := range labels {
			all[label] = "somebody"
		}
		return abandonedContainer(name, state, all)
	}
	service := map[string]string{composeproject.LabelProject: "app", composeproject.LabelService: "db", composeproject.LabelOneOff: "False"}
	got := PlanTeardown(&Snapshot{
		Containers: []*ObservedContainer{
			oneOff("made", "created", LabelOwner), oneOff("to-be-kept", "created", LabelStarter), oneOff("halted", "paused"),
			oneOff("running", "running"), oneOff("ended", "exited", LabelOwner), oneOff("compose", "created"),
			abandonedContainer("db-1", "running", service), abandonedContainer("db-2", "exited", service),
		},
		Networks: []ObservedNetwork{{Name: "app_default", Labels: map[string]string{composeproject.LabelProject: "app"}}, {Name: "foreign"}},
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

// A volume that a container inherited goes with it; one that somebody has named, labelled or declared stays.
func TestTeardownRemovesInheritedVolumes(t *testing.T) {
	hex := func(c string) string { return strings.Repeat(c, 64) }
	container := func(replaces string, volumes ...string) *ObservedContainer {
		c := &ObservedContainer{Labels: map[string]string{composeproject.LabelProject: "app", composeproject.LabelReplace: replaces}}
		for _, v := range volumes {
			c.Mounts = append(c.Mounts, ObservedMount{Type: "volume", Name: v})
		}
		return c
	}
	o := &Snapshot{
		Containers: []*ObservedContainer{
			container("db-1", hex("1"), hex("2"), hex("3"), "app_data", hex("5"), strings.Repeat("X", 64)),
			container("db-2", hex("1")),
			container("", hex("4")),
		},
		Volumes: []ObservedVolume{
			{Name: hex("1")}, {Name: hex("2"), Labels: map[string]string{labelAnonymous: ""}}, {Name: hex("3"), Labels: map[string]string{"mine": "yes"}},
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

// The prober's container belongs to no service: nobody depends on it.
func TestTeardownIgnoresProbeContainers(t *testing.T) {
	labels := func(extra, value string) map[string]string {
		return map[string]string{composeproject.LabelProject: "app", extra: value}
	}
	o := &Snapshot{Containers: []*ObservedContainer{
		{Name: "db", Labels: labels(composeproject.LabelService, "db")},
		{Name: "probe", Labels: labels(LabelProbe, "db")},
	}}
	if waves := PlanTeardown(o, "app", false).Waves; len(waves) != 1 || len(waves[0]) != 2 {
		t.Errorf("waves %v", waves)
	}
}
