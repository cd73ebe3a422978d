package interop

import (
	"context"
	"maps"
	"strings"
	"testing"

	"github.com/moby/moby/client"

	"tasks/internal/composeproject"
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
			p.write("Tasks.hcl", seenTasks)
			p.ok(tasks, "run", "kept")

			listed := p.ok(compose, "ps", "-a")
			for _, c := range p.containers() {
				if !strings.Contains(listed, nameOf(c)) {
					t.Errorf("ps -a does not list %s:\n%s", nameOf(c), listed)
				}
			}
			if log := p.ok(compose, "logs", "--no-color", "web"); !strings.Contains(log, "the service speaks") {
				t.Errorf("logs says:\n%s", log)
			}

			p.ok(compose, "down", "--remove-orphans")
			p.expectOnlyVolumes("data")
			p.ok(compose, "down", "-v")
			p.expectOnlyVolumes()
		})
	}
}

// TestTasksSeesWhatComposeMade checks that `tasks down` removes everything of each Compose, also one-offs.
func TestTasksSeesWhatComposeMade(t *testing.T) {
	for _, compose := range []tool{v5, v2, v1} {
		t.Run(string(compose), func(t *testing.T) {
			t.Parallel()
			p := newProject(t, seenCompose)
			p.write("Tasks.hcl", seenTasks)
			p.ok(compose, "up", "-d")
			p.ok(compose, "run", "-T", "tool")
			if n := len(p.containers()); n != 2 {
				t.Errorf("%s made %d containers, want 2", compose, n)
			}
			p.ok(tasks, "down", "--yes")
			p.expectOnlyVolumes("data")
			p.ok(tasks, "down", "--volumes", "--yes")
			p.expectOnlyVolumes()
		})
	}
}

// TestLabels checks that the labels of tasks equal the labels of Compose v5, value for value. The slug of a one-off is
// random. So is the hash of a one-off in Compose, because the hash covers the random name; Compose never compares the
// hash.
func TestLabels(t *testing.T) {
	t.Parallel()
	p := newProject(t, seenCompose)
	p.write("Tasks.hcl", seenTasks)
	p.ok(tasks, "run", "kept")
	mine := p.labels()
	p.remove()
	p.ok(v5, "up", "-d")
	p.ok(v5, "run", "-T", "tool")
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
			if _, ok := labels[key]; !ok && key != "tasks.task" && key != starter {
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
	p.write("Dockerfile", "FROM @image\nLABEL built=@project\n")
	t.Cleanup(func() {
		p.remove()
		_, _ = p.engine.ImageRemove(context.Background(), p.name+"-built", client.ImageRemoveOptions{Force: true})
	})
	p.ok(tasks, "once", "--rm", "built")
	mine := p.imageLabels(p.name + "-built")
	if _, err := p.engine.ImageRemove(t.Context(), p.name+"-built", client.ImageRemoveOptions{Force: true}); err != nil {
		t.Fatal(err)
	}
	p.ok(v2, "build")
	theirs := p.imageLabels(p.name + "-built")
	theirs["com.docker.compose.version"] = composeproject.Version
	if !maps.Equal(mine, theirs) {
		t.Errorf("labels %v, Compose's %v", mine, theirs)
	}
}

func (p *project) imageLabels(ref string) map[string]string {
	p.t.Helper()
	image, err := p.engine.ImageInspect(p.t.Context(), ref)
	if err != nil {
		p.t.Fatal(err)
	}
	if image.Config == nil || image.Config.Labels["built"] == "" {
		p.t.Fatalf("%s is another image", ref)
	}
	return image.Config.Labels
}

// labels returns the labels of all resources of the project, by kind and name.
func (p *project) labels() map[string]map[string]string {
	p.t.Helper()
	all := map[string]map[string]string{}
	for _, c := range p.containers() {
		all["container "+c.Labels["com.docker.compose.service"]] = c.Labels
	}
	for name, id := range p.networks() {
		n, err := p.engine.NetworkInspect(p.t.Context(), id, client.NetworkInspectOptions{})
		if err != nil {
			p.t.Fatal(err)
		}
		all["network "+name] = n.Network.Labels
	}
	for _, name := range p.volumes() {
		v, err := p.engine.VolumeInspect(p.t.Context(), p.name+"_"+name, client.VolumeInspectOptions{})
		if err != nil {
			p.t.Fatal(err)
		}
		all["volume "+name] = v.Volume.Labels
	}
	return all
}
