package planner

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// load loads a compose file and reduces the project to services.
func load(t *testing.T, yaml string, services ...string) *composeproject.Project {
	t.Helper()
	return loadNamed(t, "app", yaml, services...)
}

// loadNamed loads a project with another name.
func loadNamed(t *testing.T, name, yaml string, services ...string) *composeproject.Project {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte(yaml), 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := composeproject.Load(t.Context(), composeproject.Options{Name: name, WorkingDir: dir, Environ: []string{}})
	if err != nil {
		t.Fatal(err)
	}
	if p, err = p.Select(services); err != nil {
		t.Fatal(err)
	}
	return p
}

// spec makes a spec of tasks; the first task is the target.
func spec(tasks ...*hclspec.Task) *hclspec.Spec {
	s := &hclspec.Spec{Targets: []string{tasks[0].Name}, Tasks: map[string]*hclspec.Task{}}
	for _, t := range tasks {
		s.Tasks[t.Name] = t
	}
	return s
}

func serviceTask(name, service string, depends ...hclspec.Dependency) *hclspec.Task {
	return &hclspec.Task{Name: name, Kind: hclspec.ServiceTask, Service: service, Interactive: true, RM: true, DependsOn: depends}
}

func hostTask(name string, depends ...hclspec.Dependency) *hclspec.Task {
	return &hclspec.Task{Name: name, Kind: hclspec.HostTask, Command: []string{"true"}, DependsOn: depends}
}

func onTask(name string) hclspec.Dependency { return hclspec.Dependency{Task: name} }

func onService(name string, c hclspec.Condition) hclspec.Dependency {
	return hclspec.Dependency{Service: name, Condition: c}
}

// mustBuild makes a plan and fails the test on errors.
func mustBuild(t *testing.T, in Input) *Plan {
	t.Helper()
	p, diags := Build(in)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return p
}

// step finds a step by its id.
func step(t *testing.T, p *Plan, id StepID) *Step {
	t.Helper()
	for _, s := range p.Steps {
		if s.ID == id {
			return s
		}
	}
	t.Fatalf("the plan has no step %s:\n%s", id, p)
	return nil
}

// upToDate returns the snapshot after a run of the project's services: everything in the current configuration.
func upToDate(t *testing.T, p *composeproject.Project) *observed.Snapshot {
	t.Helper()
	o := &observed.Snapshot{APIVersion: "1.41", Images: map[string]observed.Image{}}
	model := p.Model()
	for _, key := range sortedKeys(model.Networks) {
		o.Networks = append(o.Networks, observed.Network{ID: "id-" + key, Name: model.Networks[key].Name, Labels: mustLabels(p.Labels().Network(key))})
	}
	for _, key := range sortedKeys(model.Volumes) {
		o.Volumes = append(o.Volumes, observed.Volume{Name: model.Volumes[key].Name, Labels: mustLabels(p.Labels().Volume(key))})
	}
	ids := func(service string) (string, bool) { return "id-" + service, true }
	for _, name := range sortedKeys(model.Services) {
		s := model.Services[name]
		o.Images[p.ImageName(s)] = observed.Image{ID: "sha256:" + p.ImageName(s), HasHealthcheck: false}
		o.Containers = append(o.Containers, current(p, composeproject.ResolveReferences(s, ids)))
	}
	return o
}

// current returns a running, healthy container in the service's current configuration.
func current(p *composeproject.Project, s types.ServiceConfig) *observed.Container {
	image := "sha256:" + p.ImageName(s)
	c := &observed.Container{
		ID: "id-" + s.Name, Name: p.ContainerName(s, 1), ImageID: image, State: "running", Networks: map[string]string{},
		Labels: p.Labels().Service(s, 1, configHash(s), image),
	}
	if s.HealthCheck != nil {
		c.HasHealthcheck, c.Health = true, "healthy"
	}
	for _, key := range s.NetworksByPriority() {
		c.Networks[p.Model().Networks[key].Name] = "id-" + key
	}
	for _, v := range s.Volumes {
		c.Mounts = append(c.Mounts, observed.Mount{Type: v.Type, Name: p.Model().Volumes[v.Source].Name, Destination: v.Target})
	}
	return c
}

// container finds a container by its service, for a change by a test.
func container(t *testing.T, o *observed.Snapshot, service string) *observed.Container {
	t.Helper()
	for _, c := range o.Containers {
		if c.Labels[composeproject.LabelService] == service {
			return c
		}
	}
	t.Fatalf("no container of %s", service)
	return nil
}
