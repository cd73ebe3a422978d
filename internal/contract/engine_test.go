package contract

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"tasks/internal/testing/schema"
	"tasks/internal/toolbox"
)

const engineCompose = `
name: @project
services:
  web:
    image: @image
    command: [sleep, infinity]
    stop_signal: SIGKILL
    depends_on: [db]
    volumes: ["data:/data"]
  db:
    image: @image
    command: [sleep, infinity]
    stop_signal: SIGKILL
    ports: ["7000"]
volumes:
  data:
`

const engineTasks = `
task "own" {
  service = "web"
}

task "kept" {
  service = "web"
  rm      = false
  command = ["true"]
}

task "tool" {
  image   = "@image"
  command = ["sleep", "infinity"]

  stop_signal = "SIGKILL"
}

task "transient" {
  service           = "web"
  dependency_policy = "transient"
}

task "private" {
  script            = "echo port $TASKS_PORT_DB_7000; touch up; until [ -e let-go ]; do sleep 0.02; done"
  depends_on        = [service.db]
  dependency_policy = "ephemeral"
}
`

// projectPlace is a place with a compose project of its own. At the end nothing of it may be left.
type projectPlace struct {
	*place
	engine  *client.Client
	project string
}

func newProject(t *testing.T) *projectPlace {
	t.Helper()
	p := &projectPlace{engine: toolbox.Client(t), project: toolbox.Project(t)}
	text := strings.NewReplacer("@image", toolbox.Image(t), "@project", p.project)
	p.place = newPlace(t, map[string]string{"compose.yaml": text.Replace(engineCompose), "Tasks.hcl": text.Replace(engineTasks)})
	t.Cleanup(func() {
		down := p.command(context.Background(), "down", "--volumes", "--yes")
		if err := down.Start(); err != nil {
			t.Fatal(err)
		}
		equal(t, "the exit code of tasks down", p.code(down), 0)
	})
	return p
}

// labelled are the containers with some labels.
func (p *projectPlace) labelled(labels ...string) []container.Summary {
	p.t.Helper()
	found, err := p.engine.ContainerList(p.t.Context(), client.ContainerListOptions{All: true, Filters: make(client.Filters).Add("label", labels...)})
	if err != nil {
		p.t.Fatal(err)
	}
	return found.Items
}

// during starts a task whose command does not end by itself, and calls a function while it runs.
func (p *projectPlace) during(task string, look func(one container.Summary)) {
	p.t.Helper()
	c := p.start("run", task)
	labels := []string{"com.docker.compose.project=" + p.project, "com.docker.compose.oneoff=True", "tasks.task=" + task}
	var running []container.Summary
	eventually(p.t, "task "+task, func() bool {
		running = slices.DeleteFunc(p.labelled(labels...), func(one container.Summary) bool { return one.State != "running" })
		return len(running) == 1
	})
	look(running[0])
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	p.code(c) // of the test image's program, which may take the signal in several ways
}

// ours leaves out the labels of the test image.
func ours(labels map[string]string) map[string]string {
	own := maps.Clone(labels)
	maps.DeleteFunc(own, func(key, _ string) bool { return strings.HasPrefix(key, "tasks.test") })
	return own
}

// labelled wants certain labels, of certain forms, and no others.
func labelled(t *testing.T, what string, labels map[string]string, forms ...map[string]string) {
	t.Helper()
	all := map[string]string{}
	for _, more := range forms {
		maps.Copy(all, more)
	}
	equal(t, "labels of "+what, slices.Sorted(maps.Keys(ours(labels))), slices.Sorted(maps.Keys(all)))
	for key, form := range all {
		matches(t, what+": "+key, labels[key], form)
	}
}

const (
	hash    = `[0-9a-f]{64}`
	version = `5\.6\.0`
)

// common are the labels of all containers of a project's configuration.
func (p *projectPlace) common() map[string]string {
	return map[string]string{
		"com.docker.compose.project":              p.project,
		"com.docker.compose.project.working_dir":  ".+",
		"com.docker.compose.project.config_files": ".+/compose.yaml",
		"com.docker.compose.version":              version,
		"com.docker.compose.config-hash":          hash,
		"com.docker.compose.image":                "sha256:" + hash,
		"com.docker.compose.depends_on":           "(db:service_started:false)?",
	}
}

func (p *projectPlace) oneOff(service, task string) map[string]string {
	return map[string]string{
		"com.docker.compose.service": service, "com.docker.compose.oneoff": "True", "com.docker.compose.slug": hash, "tasks.task": task,
	}
}

func (p *projectPlace) service(name string) (one container.Summary) {
	p.t.Helper()
	all := p.labelled("com.docker.compose.project="+p.project, "com.docker.compose.oneoff=False", "com.docker.compose.service="+name)
	if len(all) != 1 {
		p.t.Fatalf("service %s has %d containers", name, len(all))
	}
	return all[0]
}

// TestIdentity: names and labels of what runs make, and what stands on the disk meanwhile.
func TestIdentity(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	plan := shape{}
	document := p.run(0, "plan", "--json", "own", ":::", "private")
	plan.document(t, document)
	schema.Validate(t, "plan", document)
	golden(t, "plan.shape", plan.String())
	p.run(3, "plan", "--detailed-exitcode", "own")

	service := map[string]string{
		"com.docker.compose.service": "db", "com.docker.compose.oneoff": "False", "com.docker.compose.container-number": "1",
	}
	p.during("transient", func(one container.Summary) {
		matches(t, "the one-off's name", one.Names[0], "/"+p.project+"-web-run-[0-9a-f]{12}")
		labelled(t, "the one-off", one.Labels, p.common(), p.oneOff("web", "transient"), map[string]string{"tasks.owner": ownerForm})
		db := p.service("db")
		equal(t, "the service's name", db.Names[0], "/"+p.project+"-db-1")
		labelled(t, "the service", db.Labels, p.common(), service, transientLabels())
		p.leases()
	})
	p.during("own", func(one container.Summary) {
		labelled(t, "the one-off", one.Labels, p.common(), p.oneOff("web", "own"), map[string]string{"tasks.owner": ownerForm})
		equal(t, "the slug in the name", one.Names[0], "/"+p.project+"-web-run-"+one.Labels["com.docker.compose.slug"][:12])
		labelled(t, "the service", p.service("db").Labels, p.common(), service)
		p.resources()
	})
	p.during("tool", func(one container.Summary) {
		matches(t, "the name of an image task's container", one.Names[0], "/"+p.project+"-tool-run-[0-9a-f]{12}")
		labelled(t, "an image task's container", one.Labels, p.common(), p.oneOff("tool", "tool"), map[string]string{"tasks.owner": ownerForm})
	})
	p.run(0, "run", "kept")
	for _, one := range p.labelled("com.docker.compose.project="+p.project, "tasks.task=kept") {
		labelled(t, "a one-off that is kept", one.Labels, p.common(), p.oneOff("web", "kept"), map[string]string{"tasks.starter": ownerForm})
	}
}

func transientLabels() map[string]string {
	return map[string]string{
		"tasks.policy": "transient", "tasks.leases": "[0-9a-f]{16} [0-9a-f]{16}", "tasks.owner": ownerForm,
	}
}

// leases looks at the files of a run of the transient task.
func (p *projectPlace) leases() {
	p.t.Helper()
	leases := []string{
		`leases/lease-` + p.project + `%2fservice%2fweb`, `leases/lease-` + p.project + `%2fservice%2fdb`,
		`leases/lease-network%2f` + p.project + `_default`,
	}
	named(p.t, filepath.Join(p.dir, ".tasks"), append(leases, `\.gitignore`, `data-compose-valid`, `lock-`+p.project+`%2f.+`)...)
	shared, err := filepath.Glob(filepath.Join(p.cache, "tasks", "engine-*"))
	if err != nil || len(shared) != 1 {
		p.t.Fatalf("directories of engines: %q, %v", shared, err)
	}
	matches(p.t, "the engine's directory", filepath.Base(shared[0]), `engine-[0-9a-f]{16}`)
	named(p.t, shared[0], append(leases, `\.gitignore`, `lock-`+p.project+`%2f.+`)...)
}

// resources looks at network and volume of the project.
func (p *projectPlace) resources() {
	p.t.Helper()
	n, err := p.engine.NetworkInspect(p.t.Context(), p.project+"_default", client.NetworkInspectOptions{})
	if err != nil {
		p.t.Fatal(err)
	}
	labelled(p.t, "the network", n.Network.Labels, map[string]string{
		"com.docker.compose.project": p.project, "com.docker.compose.network": "default", "com.docker.compose.version": version,
		"com.docker.compose.config-hash": hash,
	})
	v, err := p.engine.VolumeInspect(p.t.Context(), p.project+"_data", client.VolumeInspectOptions{})
	if err != nil {
		p.t.Fatal(err)
	}
	labelled(p.t, "the volume", v.Volume.Labels, map[string]string{
		"com.docker.compose.project": p.project, "com.docker.compose.volume": "data", "com.docker.compose.version": version,
		"com.docker.compose.config-hash": hash,
	})
}

// TestPrivateProject: names and labels of a project that is made for one run.
func TestPrivateProject(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	t.Cleanup(func() {
		left, err := p.engine.ContainerList(context.Background(), client.ContainerListOptions{All: true, Filters: make(client.Filters).Add("label", "tasks.of="+p.project)})
		if err != nil || len(left.Items) > 0 {
			t.Errorf("%d containers of private projects are left, %v", len(left.Items), err)
		}
	})
	c := p.start("run", "private")
	eventually(t, "the task", func() bool { return p.exists("up") })
	all := p.labelled("tasks.of=" + p.project)
	if len(all) != 1 {
		t.Fatalf("%d containers of private projects", len(all))
	}
	name := all[0].Labels["com.docker.compose.project"]
	matches(t, "the private project's name", name, p.project+"-[0-9a-f]{8}")
	equal(t, "the container's name", all[0].Names[0], "/"+name+"-db-1")
	private := map[string]string{
		"com.docker.compose.project": name, "tasks.of": p.project, "tasks.policy": "ephemeral", "tasks.owner": ownerForm,
	}
	labelled(t, "the container", all[0].Labels, p.common(), private, map[string]string{
		"com.docker.compose.service": "db", "com.docker.compose.oneoff": "False", "com.docker.compose.container-number": "1",
	})
	n, err := p.engine.NetworkInspect(t.Context(), name+"_default", client.NetworkInspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	labelled(t, "the network", n.Network.Labels, private, map[string]string{
		"com.docker.compose.network": "default", "com.docker.compose.version": version, "com.docker.compose.config-hash": hash,
	})
	equal(t, "the mark of private projects", p.read(".tasks/data-private"), "yes\n")
	if err := touch(p.place, "let-go"); err != nil {
		t.Fatal(err)
	}
	equal(t, "exit code", p.code(c), 0)
	matches(t, "stdout", c.stdout.String(), `port [1-9][0-9]*\n`)
}
