//go:build unix

package services_test

import (
	"context"
	"strings"
	"testing"

	"github.com/moby/moby/client"

	"tasks/internal/testing/apptest"
)

const namesakeCompose = `
services:
  b-c:
    @offline
    command: [serve, -tcp, ":5432"]
    stop_grace_period: 0s
  probe: {@offline, command: ["true"], depends_on: [b-c]}
`

const namesakeTasks = `
task "external" {
  service           = "probe"
  dependency_policy = "external"
}
`

// serviceLabels are those of the first container of a service.
func serviceLabels(project, service string) map[string]string {
	return map[string]string{
		"com.docker.compose.project": project, "com.docker.compose.service": service,
		"com.docker.compose.oneoff": "False", "com.docker.compose.container-number": "1",
	}
}

// A container of others with the name of a service's container is a conflict. The container stays as it is.
func TestNamesakeOfOthers(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"of no project", "of another project", "of a renamed service"} {
		t.Run(strings.ReplaceAll(kind, " ", "-"), func(t *testing.T) {
			t.Parallel()
			compose, name, owner := namesakeCompose, "-b-c-1", "no compose project"
			if kind != "of another project" { // there the names of project and service collide
				compose = strings.Replace(compose, "  b-c:\n", "  b-c:\n    container_name: @project-pg\n", 1)
				name = "-pg"
			}
			a := apptest.NewApp(t, compose, namesakeTasks)
			name = a.Project + name
			var labels map[string]string
			switch kind {
			case "of another project":
				labels, owner = serviceLabels(a.Project+"-b", "c"), "compose project "+a.Project+"-b, service c"
			case "of a renamed service":
				labels, owner = serviceLabels(a.Project, "old"), "compose project "+a.Project+", service old"
			}
			id, volume := a.Namesake(name, labels)
			for _, args := range [][]string{{"once", "--rm", "probe"}, {"run", "external"}} {
				r := a.Tasks(args...)
				want := "the name " + name + " is taken: container " + name + " belongs to " + owner
				if r.Code != 125 || !strings.Contains(r.Stderr, want) {
					t.Errorf("tasks %q: code %d\n%s\nwant %s", args, r.Code, r.Stderr, want)
				}
			}
			for _, args := range [][]string{{"plan", "external"}, {"--dry-run", "once", "--rm", "probe"}} {
				r := a.Tasks(args...)
				want := "the name " + name + " is taken by a container that belongs to " + owner + ": the run will fail"
				if !strings.Contains(r.Stdout, want) {
					t.Errorf("tasks %q\n%s%s\nwant %s", args, r.Stdout, r.Stderr, want)
				}
			}
			if kind != "of a renamed service" { // the container is one of the project
				a.Ok("down", "--volumes", "--yes")
			}
			if a.Mount(id) != volume {
				t.Error("the volume of the namesake is another one")
			}
		})
	}
}

// A container of others may have all labels of the project, from an image that was committed. It stays, and so do a
// network and a volume of others with names of the project: the run uses both, and warns.
func TestResourcesOfOthersStay(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, `
services:
  db: {image: @image, command: [sleep, infinity], stop_grace_period: 0s, volumes: [data:/data]}
  probe: {image: @image, command: ["true"], depends_on: [db]}
volumes: {data: }
`, "")
	ctx := t.Context()
	network, err := a.Engine.NetworkCreate(ctx, a.Project+"_default", client.NetworkCreateOptions{})
	if err == nil {
		_, err = a.Engine.VolumeCreate(ctx, client.VolumeCreateOptions{Name: a.Project + "_data"})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := a.Engine.NetworkRemove(context.Background(), network.ID, client.NetworkRemoveOptions{}); err != nil {
			t.Errorf("the network of others: %v", err)
		}
		if _, err := a.Engine.VolumeRemove(context.Background(), a.Project+"_data", client.VolumeRemoveOptions{}); err != nil {
			t.Errorf("the volume of others: %v", err)
		}
	})
	for _, kind := range []string{"network " + a.Project + "_default", "volume " + a.Project + "_data"} {
		r := a.Tasks("once", "--rm", "probe")
		if want := kind + " belongs to no compose project"; r.Code != 0 || !strings.Contains(r.Stderr, want) {
			t.Errorf("code %d\n%s\nwant %q", r.Code, r.Stderr, want)
		}
	}
	image := "tasks-test/" + a.Project + ":committed"
	a.Commit(a.Service("db").ID, image)
	id, volume := a.ContainerOf(image, "own-"+a.Project, nil)
	a.Ok("once", "--remove-orphans", "--rm", "probe")
	a.Ok("down", "--volumes", "--yes")
	if a.Mount(id) != volume {
		t.Error("the volume of the container of others is another one")
	}
	if all := a.Services("db"); len(all) != 1 || all[0].ID != id {
		t.Errorf("%d containers have the labels of db", len(all))
	}
}

// Two services with one container name are a mistake of the file, told before anything is done.
func TestTwoServicesWithOneContainerName(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, `
services:
  app: {@offline, depends_on: [db, mail]}
  db: {@offline, container_name: @project-one}
  mail:
    @offline
    container_name: @project-one
`, "")
	r := a.Tasks("once", "--rm", "app")
	const place = "compose.yaml:7"
	want := "services db and mail would both have the name " + a.Project + "-one"
	if r.Code != 2 || !strings.Contains(r.Stderr, place) || !strings.Contains(r.Stderr, want) {
		t.Errorf("code %d\n%s", r.Code, r.Stderr)
	}
	if all := a.Containers(); len(all) > 0 {
		t.Errorf("%d containers were made", len(all))
	}
}
