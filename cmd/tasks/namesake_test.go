package main

import (
	"context"
	"strings"
	"testing"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

const namesakeCompose = `
services:
  b-c:
    image: @image
    command: [serve, -tcp, ":5432"]
    stop_grace_period: 0s
  probe: {image: @image, command: ["true"], depends_on: [b-c]}
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

// namesake starts a container of others with an anonymous volume. The container and the volume go with the test.
func (a *testApp) namesake(name string, labels map[string]string) (id, volume string) {
	a.t.Helper()
	made, err := a.engine.ContainerCreate(a.t.Context(), client.ContainerCreateOptions{Name: name, Config: &container.Config{
		Image: a.image, Cmd: []string{"sleep", "300"}, Labels: labels, Volumes: map[string]struct{}{"/data": {}},
	}})
	if err == nil {
		a.t.Cleanup(func() {
			options := client.ContainerRemoveOptions{Force: true, RemoveVolumes: true}
			if _, err := a.engine.ContainerRemove(context.Background(), made.ID, options); err != nil {
				a.t.Error(err)
			}
		})
		_, err = a.engine.ContainerStart(a.t.Context(), made.ID, client.ContainerStartOptions{})
	}
	if err != nil {
		a.t.Fatal(err)
	}
	return made.ID, a.mount(made.ID)
}

// mount is the name of the only volume of a container.
func (a *testApp) mount(id string) string {
	a.t.Helper()
	one, err := a.engine.ContainerInspect(a.t.Context(), id, client.ContainerInspectOptions{})
	if err != nil || !one.Container.State.Running || len(one.Container.Mounts) != 1 {
		a.t.Fatalf("the namesake was touched: %v %+v", err, one.Container.State)
	}
	volume := one.Container.Mounts[0].Name
	if _, err := a.engine.VolumeInspect(a.t.Context(), volume, client.VolumeInspectOptions{}); err != nil {
		a.t.Fatalf("the volume of the namesake: %v", err)
	}
	return volume
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
			a := newApp(t, compose, namesakeTasks)
			name = a.project + name
			var labels map[string]string
			switch kind {
			case "of another project":
				labels, owner = serviceLabels(a.project+"-b", "c"), "compose project "+a.project+"-b, service c"
			case "of a renamed service":
				labels, owner = serviceLabels(a.project, "old"), "compose project "+a.project+", service old"
			}
			id, volume := a.namesake(name, labels)
			for _, args := range [][]string{{"once", "--rm", "probe"}, {"run", "external"}} {
				r := a.tasks(args...)
				want := "the name " + name + " is taken: container " + name + " belongs to " + owner
				if r.code != 125 || !strings.Contains(r.stderr, want) {
					t.Errorf("tasks %q: code %d\n%s\nwant %s", args, r.code, r.stderr, want)
				}
			}
			for _, args := range [][]string{{"plan", "external"}, {"--dry-run", "once", "--rm", "probe"}} {
				r := a.tasks(args...)
				want := "the name " + name + " is taken by a container that belongs to " + owner + ": the run will fail"
				if !strings.Contains(r.stdout, want) {
					t.Errorf("tasks %q\n%s%s\nwant %s", args, r.stdout, r.stderr, want)
				}
			}
			if kind != "of a renamed service" { // the container is one of the project
				a.ok("down", "--volumes", "--yes")
			}
			if a.mount(id) != volume {
				t.Error("the volume of the namesake is another one")
			}
		})
	}
}

// Two services with one container name are a mistake of the file, told before anything is done.
func TestTwoServicesWithOneContainerName(t *testing.T) {
	t.Parallel()
	a := newApp(t, `
services:
  app: {image: @image, depends_on: [db, mail]}
  db: {image: @image, container_name: @project-one}
  mail:
    image: @image
    container_name: @project-one
`, "")
	r := a.tasks("once", "--rm", "app")
	const place = "compose.yaml:7"
	want := "services db and mail would both have the name " + a.project + "-one"
	if r.code != 2 || !strings.Contains(r.stderr, place) || !strings.Contains(r.stderr, want) {
		t.Errorf("code %d\n%s", r.code, r.stderr)
	}
	if all := a.containers(); len(all) > 0 {
		t.Errorf("%d containers were made", len(all))
	}
}
