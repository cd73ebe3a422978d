package docker_test

import (
	"context"
	"testing"

	"tasks/internal/composeproject"
	"tasks/planner"
	"tasks/planner/observed"
)

func TestSnapshot(t *testing.T) {
	m := newMachine(t)
	network := m.network("default")
	foreign := &planner.Network{Name: m.project + "_foreign"}
	m.createNetwork(network)
	m.createNetwork(foreign)
	for name, labels := range map[string]map[string]string{"own": m.labels(""), "foreign": nil} {
		volume := m.project + "_" + name
		if _, _, err := m.CreateVolume(t.Context(), &planner.Volume{Name: volume, Labels: labels}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := m.RemoveVolume(context.Background(), volume); err != nil {
				t.Error(err)
			}
		})
	}
	db := m.spec("db", "exit", "3")
	m.output(db)
	m.create(m.spec("web", "true"))
	oneOff := m.spec("job", "true")
	oneOff.Labels[composeproject.LabelOneOff] = composeproject.OneOffTrue
	m.create(oneOff)
	namesake, other := m.spec("a.b", "true"), m.spec("axb", "true")
	namesake.Labels, other.Labels = nil, nil
	m.create(namesake)
	m.create(other)

	seen, err := m.Snapshot(t.Context(), observed.Query{
		Project: m.project, Services: []string{"db", "nope", "job"}, Names: []string{db.Name, namesake.Name, "nope"},
		Networks: []string{foreign.Name, "nope"}, Volumes: []string{m.project + "_foreign", m.project + "_own", m.project + "_nope"},
		Images: []observed.ImageQuery{{Ref: m.image}, {Ref: m.project + ":nope"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(seen.Containers) != 3 || seen.Containers[0].Name != db.Name || seen.Containers[0].ExitCode != 3 || seen.Containers[0].State != "exited" {
		t.Errorf("containers %+v; want db, job and web, db exited with 3", seen.Containers)
	}
	if len(seen.Namesakes) != 1 || seen.Namesakes[0].Name != namesake.Name {
		t.Errorf("namesakes %+v; want %s", seen.Namesakes, namesake.Name)
	}
	if len(seen.Networks) != 2 || len(seen.Volumes) != 2 {
		t.Errorf("networks %+v, volumes %+v; want two each", seen.Networks, seen.Volumes)
	}
	if len(seen.Images) != 1 || seen.Images[m.image].ID == "" {
		t.Errorf("images %v, want the one that is there", seen.Images)
	}
	if version, err := m.APIVersion(t.Context()); err != nil || seen.APIVersion != version {
		t.Errorf("version %q, want %q (%v)", seen.APIVersion, version, err)
	}
}

func TestSnapshotOfNothing(t *testing.T) {
	m := newMachine(t)
	seen, err := m.Snapshot(t.Context(), observed.Query{Project: m.project})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(seen.Containers) + len(seen.Networks) + len(seen.Volumes) + len(seen.Images); n != 0 {
		t.Errorf("%d things of a project that has none: %+v", n, seen)
	}
}
