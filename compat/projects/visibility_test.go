package projects_test

import (
	"context"
	"maps"
	"strings"
	"testing"

	"github.com/moby/moby/client"

	"tasks/internal/composeproject"
	"tasks/internal/testing/composetest"
)

// seenCompose is a project with every kind of resource: volumes, networks, a one-off.
const seenCompose = `
services:
  web:
    image: @image
    command: ["sh", "-c", "echo the service speaks; exec signals"]
    stop_grace_period: 1s
    networks: [default, back]
    volumes: ["data:/data"]
  tool:
    image: @image
    command: ["echo", "the one-off speaks"]
    depends_on: [web]
    profiles: [tools]
networks:
  back: {}
volumes:
  data: {}
`

const seenTasks = `
task "kept" {
  service = "tool"
  rm      = false
}
`

// TestComposeSeesWhatTasksMade checks that ps, logs and down of every Compose recognise the services, one-offs,
// networks and volumes of tasks.
func TestComposeSeesWhatTasksMade(t *testing.T) {
	for _, compose := range []tool{v5, v2, v1} {
		t.Run(string(compose), func(t *testing.T) {
			t.Parallel()
			p := newProject(t, seenCompose)
			p.Write("Tasks.hcl", seenTasks)
			p.OK(tasks, "run", "kept")

			listed := p.OK(compose, "ps", "-a")
			for _, c := range p.Containers() {
				if !strings.Contains(listed, composetest.NameOf(c)) {
					t.Errorf("ps -a does not list %s:\n%s", composetest.NameOf(c), listed)
				}
			}
			if log := p.OK(compose, "logs", "--no-color", "web"); !strings.Contains(log, "the service speaks") {
				t.Errorf("logs says:\n%s", log)
			}

			p.OK(compose, "down", "--remove-orphans")
			p.ExpectOnlyVolumes("data")
			p.OK(compose, "down", "-v")
			p.ExpectOnlyVolumes()
		})
	}
}

// TestTasksSeesWhatComposeMade checks that `tasks down` removes everything of each Compose, also one-offs.
func TestTasksSeesWhatComposeMade(t *testing.T) {
	for _, compose := range []tool{v5, v2, v1} {
		t.Run(string(compose), func(t *testing.T) {
			t.Parallel()
			p := newProject(t, seenCompose)
			p.Write("Tasks.hcl", seenTasks)
			p.OK(compose, "up", "-d")
			p.OK(compose, "run", "-T", "tool")
			if n := len(p.Containers()); n != 2 {
				t.Errorf("%s made %d containers, want 2", compose, n)
			}
			p.OK(tasks, "down", "--yes")
			p.ExpectOnlyVolumes("data")
			p.OK(tasks, "down", "--volumes", "--yes")
			p.ExpectOnlyVolumes()
		})
	}
}

// TestLabels checks that the labels of tasks equal the labels of Compose v5, value for value. The slug of a one-off is
// random. So is the hash of a one-off in Compose, because the hash covers the random name; Compose never compares the
// hash.
func TestLabels(t *testing.T) {
	t.Parallel()
	p := newProject(t, seenCompose)
	p.Write("Tasks.hcl", seenTasks)
	p.OK(tasks, "run", "kept")
	mine := p.labels()
	p.Remove()
	p.OK(v5, "up", "-d")
	p.OK(v5, "run", "-T", "tool")
	theirs := p.labels()
	if len(theirs) < 5 {
		t.Fatalf("only %d things have labels", len(theirs))
	}
	for what, labels := range theirs {
		for key, value := range labels {
			got, ok := mine[what][key]
			random := what == "container tool" && (key == "com.docker.compose.slug" || key == "com.docker.compose.config-hash")
			if !ok || !random && got != value || random && len(got) != len(value) {
				t.Errorf("%s: label %s is %q (there: %t), Compose's %q", what, key, got, ok, value)
			}
		}
		for key, value := range mine[what] {
			if _, ok := labels[key]; !ok && key != "tasks.task" && key != composetest.LabelStarter {
				t.Errorf("%s: label %s = %q is not Compose's", what, key, value)
			}
		}
	}
}

// TestBuiltImage checks that an image built by tasks has the labels of an image built by Compose v2. (Without the
// buildx plugin, Compose v5 uses the engine's old builder and writes no labels.)
func TestBuiltImage(t *testing.T) {
	t.Parallel()
	p := newProject(t, "services:\n  built:\n    build: .\n    command: [\"true\"]\n")
	p.Write("Dockerfile", "FROM @image\nLABEL built=@project\n")
	t.Cleanup(func() {
		p.Remove()
		_, _ = p.Engine.ImageRemove(context.Background(), p.Name+"-built", client.ImageRemoveOptions{Force: true})
	})
	p.OK(tasks, "once", "--rm", "built")
	mine := p.imageLabels(p.Name + "-built")
	if _, err := p.Engine.ImageRemove(t.Context(), p.Name+"-built", client.ImageRemoveOptions{Force: true}); err != nil {
		t.Fatal(err)
	}
	p.OK(v2, "build")
	theirs := p.imageLabels(p.Name + "-built")
	theirs["com.docker.compose.version"] = composeproject.Version
	if !maps.Equal(mine, theirs) {
		t.Errorf("labels %v, Compose's %v", mine, theirs)
	}
}

func (p *project) imageLabels(ref string) map[string]string {
	p.T.Helper()
	image, err := p.Engine.ImageInspect(p.T.Context(), ref)
	if err != nil {
		p.T.Fatal(err)
	}
	if image.Config == nil || image.Config.Labels["built"] == "" {
		p.T.Fatalf("%s is another image", ref)
	}
	return image.Config.Labels
}

// labels returns the labels of all resources of the project, by kind and name.
func (p *project) labels() map[string]map[string]string {
	p.T.Helper()
	all := map[string]map[string]string{}
	for _, c := range p.Containers() {
		all["container "+c.Labels["com.docker.compose.service"]] = c.Labels
	}
	for name, id := range p.Networks() {
		n, err := p.Engine.NetworkInspect(p.T.Context(), id, client.NetworkInspectOptions{})
		if err != nil {
			p.T.Fatal(err)
		}
		all["network "+name] = n.Network.Labels
	}
	for _, name := range p.Volumes() {
		v, err := p.Engine.VolumeInspect(p.T.Context(), p.Name+"_"+name, client.VolumeInspectOptions{})
		if err != nil {
			p.T.Fatal(err)
		}
		all["volume "+name] = v.Volume.Labels
	}
	return all
}
