// Package examples_test plans every task of the Tasks.hcl files that newcomers read first: the project's own and the
// examples.
package examples_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/internal/view/diagnostics"
	"tasks/planner"
	"tasks/planner/observed"
)

// directory is a folder with a Tasks.hcl.
type directory struct {
	t       *testing.T
	path    string
	file    *hclspec.File
	inputs  hclspec.Inputs
	project *composeproject.Project
}

func openExample(t *testing.T, path string) *directory {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	d := &directory{t: t, path: path}
	source := filepath.Join(path, "Tasks.hcl")
	content, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	var diags hcl.Diagnostics
	d.file, diags = hclspec.Parse([]hclspec.Source{{Name: "Tasks.hcl", Path: source, Bytes: content}})
	d.expectNoDiagnostics(diags)
	d.inputs = hclspec.Inputs{
		Env:     func(string) (string, bool) { return "", false },
		Environ: func() []string { return nil },
		Root:    path, Cwd: path, OS: "linux", Arch: "amd64", UID: "1000", GID: "1000",
		Project: func() (hclspec.Project, error) { return d.project, nil },
	}
	d.project = d.load()
	return d
}

// expectNoDiagnostics fails on any diagnostic, because an example has not even a warning.
func (d *directory) expectNoDiagnostics(diags hcl.Diagnostics) {
	d.t.Helper()
	if len(diags) == 0 {
		return
	}
	var text bytes.Buffer
	if err := diagnostics.WriteText(&text, d.file.SourceFiles(), diags, diagnostics.TextOptions{}); err != nil {
		d.t.Error(err)
	}
	d.t.Fatalf("%s/Tasks.hcl:\n%s", d.path, text.String())
}

func (d *directory) load() *composeproject.Project {
	d.t.Helper()
	block, diags := d.file.Compose(d.inputs)
	d.expectNoDiagnostics(diags)
	project, err := composeproject.Load(d.t.Context(), composeproject.Options{Files: block.Files, Name: block.Project, WorkingDir: d.path})
	if err != nil {
		d.t.Fatal(err)
	}
	return project
}

// plan plans a task on an empty engine.
func (d *directory) plan(task string) *planner.Plan {
	d.t.Helper()
	spec, diags := d.file.Evaluate(d.inputs, []hclspec.Target{{Name: task}})
	d.expectNoDiagnostics(diags)
	in := planner.Input{Spec: spec, ProjectDir: d.path}
	if planner.NeedsEngine(spec) {
		selected, err := d.project.Select(planner.RootServices(spec))
		if err != nil {
			d.t.Fatal(err)
		}
		in.Project, in.Snapshot = selected, &observed.Snapshot{APIVersion: "1.41"}
	}
	plan, diags := planner.Build(in)
	d.expectNoDiagnostics(diags)
	d.expectNoDiagnostics(plan.Diagnostics)
	return plan
}

func TestEveryTaskCanBePlanned(t *testing.T) {
	for _, path := range []string{"..", "postgres"} {
		d := openExample(t, path)
		for _, task := range d.file.Tasks() {
			if task.Description == "" {
				t.Errorf("%s: task %s has no description", path, task.Name)
			}
			if plan := d.plan(task.Name); len(plan.Steps) == 0 {
				t.Errorf("%s: task %s has no steps", path, task.Name)
			}
		}
	}
}

// The image is built from the output of hello-binary, and the greeting needs a healthy store.
func TestHelloOrder(t *testing.T) {
	plan := openExample(t, "..").plan("hello")
	expectOrder(t, plan, "task/hello-binary", "image/tasks-example-hello", "container/store", "start/store", "wait/store/service_healthy", "task/hello")
}

func TestPostgresOrder(t *testing.T) {
	plan := openExample(t, "postgres").plan("status")
	expectOrder(t, plan, "volume/data", "container/db", "start/db", "wait/db/service_healthy", "task/migrate", "task/version", "task/status")
}

// expectOrder checks that each step needs the preceding step, directly or through others.
func expectOrder(t *testing.T, plan *planner.Plan, ids ...planner.StepID) {
	t.Helper()
	before := map[planner.StepID]map[planner.StepID]bool{}
	for _, step := range plan.Steps {
		before[step.ID] = map[planner.StepID]bool{}
		for _, need := range step.Needs {
			before[step.ID][need.Step] = true
			maps.Copy(before[step.ID], before[need.Step])
		}
	}
	for i := range len(ids) - 1 {
		if !before[ids[i+1]][ids[i]] {
			t.Errorf("%s does not come after %s in\n%s", ids[i+1], ids[i], plan)
		}
	}
}
