package view

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"tasks/internal/composeproject"
	"tasks/internal/testing/schema"
	"tasks/planner/observed"
)

// containerListFixture has a container of each kind.
func containerListFixture() ContainerList {
	now := time.Date(2026, 1, 10, 12, 0, 0, 0, time.UTC)
	labels := func(service, oneOff string, more ...string) map[string]string {
		all := map[string]string{
			composeproject.LabelProject: "shop", composeproject.LabelService: service, composeproject.LabelOneOff: oneOff,
		}
		for i := 0; i < len(more); i += 2 {
			all[more[i]] = more[i+1]
		}
		return all
	}
	return ContainerList{Project: "shop", TakenAt: now, Containers: []*observed.Container{
		{
			ID: "id1", Name: "shop-db-1", Image: "postgres:16", State: "running", Health: "healthy", CreatedAt: now.Add(-90 * time.Second),
			Labels: labels("db", "False"), Ports: []observed.PublishedPort{
				{HostIP: "0.0.0.0", HostPort: 5432, ContainerPort: 5432, Protocol: "tcp"},
				{HostIP: "::", HostPort: 5432, ContainerPort: 5432, Protocol: "tcp"},
				{HostIP: "127.0.0.1", HostPort: 9000, ContainerPort: 80, Protocol: "udp"},
				{HostIP: "::1", HostPort: 9001, ContainerPort: 81, Protocol: "tcp"},
			},
		},
		{
			ID: "id2", Name: "shop-web-run-1", Image: "sha256:0123456789abcdef", State: "exited", ExitCode: 3,
			CreatedAt: now.Add(-5 * 24 * time.Hour), Labels: labels("web", "True", observed.LabelTask, "test"),
		},
		{
			ID: "id3", Name: "shop-x-web-1", State: "created", CreatedAt: now.Add(-47 * time.Hour),
			Labels: labels("web", "False", observed.LabelOriginal, "shop", observed.LabelPolicy, "ephemeral", composeproject.LabelProject, "shop-x"),
		},
		{ID: "id4", Name: "shop-probe", State: "running", CreatedAt: now.Add(-3 * time.Hour), Labels: map[string]string{observed.LabelProbe: "db"}},
		{ID: "id5", Name: "shop-old", Image: "old", State: "paused"},
	}}
}

func TestContainerList(t *testing.T) {
	list := containerListFixture()
	for name, write := range map[string]func(*Printer) error{
		"table": list.PrintTable, "ids": list.PrintIDs, "json": list.PrintJSON,
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "out")
			file, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := write(NewPrinter(nil, file, nil)); err != nil {
				t.Fatal(err)
			}
			file.Close()
			got, _ := os.ReadFile(path)
			want, err := os.ReadFile(filepath.Join("testdata", "containers_"+name+".golden"))
			if string(got) != string(want) || err != nil {
				t.Errorf("got\n%s\nwant\n%s\n%v", got, want, err)
			}
			if name == "json" {
				schema.Validate(t, "ps", string(got))
			}
		})
	}
}
