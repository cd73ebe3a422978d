package workspace

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"tasks/hclspec"
)

const serviceTask = `task "t" {
  service = "app"
  command = ["true"]
}
`

const appCompose = `name: demo
services:
  app:
    image: tool
    depends_on: [db]
  db:
    image: tool
`

func TestProjectNameComesFromTheStrongestSource(t *testing.T) {
	files := map[string]string{
		"Tasks.hcl": serviceTask + "compose {\n  project = \"block\"\n}\n", "compose.yaml": appCompose,
	}
	dir := writeFiles(t, files)
	for _, test := range []struct {
		name, flag string
		environ    []string
		want       string
	}{
		{"the compose block", "", []string{"COMPOSE_PROJECT_NAME=shell"}, "block"},
		{"the flag", "flag", nil, "flag"},
	} {
		t.Run(test.name, func(t *testing.T) {
			config := testConfig(t, dir, test.environ...)
			config.Flags.ProjectName = test.flag
			project, err := mustOpen(t, config).Project("")
			if err != nil || project.Name() != test.want {
				t.Errorf("project %v, %v", project, err)
			}
		})
	}
}

func TestOpenProjectWithoutTaskFiles(t *testing.T) {
	dir := writeFiles(t, map[string]string{"compose.yaml": appCompose, "sub/x": ""})
	config := testConfig(t, dir+"/sub")
	ws := mustOpen(t, config)
	if ws.Root() != dir {
		t.Errorf("root %s", ws.Root())
	}
	if project, err := ws.Project(""); err != nil || project.Name() != "demo" {
		t.Errorf("%v, %v", project, err)
	}
}

func TestProjectWithoutComposeFile(t *testing.T) {
	ws := openFiles(t, map[string]string{"Tasks.hcl": helloTask + "compose {\n  project = \"alone\"\n}\n"})
	project, err := ws.Project("")
	if err != nil || project.Name() != "alone" || len(project.ServiceNames()) > 0 {
		t.Errorf("%v, %v", project, err)
	}
	bare := mustOpen(t, testConfig(t, t.TempDir())) // neither task files nor a compose file
	if _, err := bare.Project(""); err == nil {
		t.Error("a project without any file")
	}
}

func TestHostTaskNeedsNoProject(t *testing.T) {
	ws := openFiles(t, map[string]string{"Tasks.hcl": helloTask, "compose.yaml": "services: [wrong"})
	run := mustPlan(t, ws, "hello")
	if len(run.Projects) > 0 {
		t.Errorf("projects %v", run.Projects)
	}
}

func TestBrokenComposeFileIsTheErrorOfAnEvaluation(t *testing.T) {
	ws := openFiles(t, map[string]string{"Tasks.hcl": serviceTask, "compose.yaml": "services: [wrong"})
	run := ws.NewRun()
	diags, err := run.EvaluateTargets([]hclspec.Target{{Name: "t"}})
	if run.Spec != nil || len(diags) != 1 || err != nil {
		t.Fatalf("%v, %v, %v", run.Spec, diags, err)
	}
	_, projectErr := ws.Project("")
	if projectErr == nil || !strings.Contains(projectErr.Error(), diags[0].Summary) {
		t.Errorf("%v instead of %v", diags, projectErr)
	}
}

func TestWrongComposeBlockGivesTheDiagnosticsOfAnEvaluation(t *testing.T) {
	ws := openFiles(t, map[string]string{
		"Tasks.hcl": serviceTask + "variable \"name\" {}\ncompose {\n  project = var.name\n}\n", "compose.yaml": appCompose,
	})
	diags, err := ws.NewRun().EvaluateTargets([]hclspec.Target{{Name: "t"}})
	if err != nil || len(diags) != 1 {
		t.Fatalf("%v, %v", diags, err)
	}
	wantDiagnostic(t, diags, `variable "name" has no value`)
	if _, err := ws.Project(""); err == nil {
		t.Error("a project without a compose block")
	}
}

func TestPassedNamesTakeValuesFromTheProject(t *testing.T) {
	ws := openFiles(t, map[string]string{
		"Tasks.hcl": serviceTask, "compose.yaml": appCompose, ".env": "FILE=dotenv\nBOTH=dotenv\n",
	}, "BOTH=shell")
	targets := []hclspec.Target{{Name: "t", Options: hclspec.Options{
		Env: map[string]string{"GIVEN": "flag"}, PassEnv: []string{"FILE", "BOTH", "NEITHER"},
	}}}
	before := hclspec.Options{Env: maps.Clone(targets[0].Options.Env), PassEnv: slices.Clone(targets[0].Options.PassEnv)}
	run := ws.NewRun()
	diags, err := run.EvaluateTargets(targets)
	if err != nil || diags.HasErrors() {
		t.Fatalf("%v, %v", err, diags)
	}
	got := map[string]string{}
	for name, value := range run.Spec.Tasks["t"].Env {
		got[name] = *value
	}
	want := map[string]string{"GIVEN": "flag", "FILE": "dotenv", "BOTH": "shell"}
	if !maps.Equal(got, want) {
		t.Errorf("environment %v, want %v", got, want)
	}
	if !reflect.DeepEqual(targets[0].Options, before) {
		t.Errorf("the evaluation changed its targets: %+v", targets[0].Options)
	}
}

func TestComposeFlags(t *testing.T) {
	config := testConfig(t, writeFiles(t, map[string]string{"Tasks.hcl": serviceTask, "compose.yaml": appCompose}))
	config.Flags = Flags{
		ComposeFiles: []string{"compose.yaml"}, ProjectName: "p", Profiles: []string{"more"}, ProjectDirectory: ".",
	}
	got := mustOpen(t, config).ComposeFlags("")
	want := []string{"-f", "compose.yaml", "--project-directory", ".", "-p", "p", "--profile", "more"}
	if !slices.Equal(got, want) {
		t.Errorf("flags %v, want %v", got, want)
	}
}

func TestServiceDependencies(t *testing.T) {
	ws := openFiles(t, map[string]string{"Tasks.hcl": serviceTask, "compose.yaml": appCompose})
	dependencies, err := ws.ServiceDependencies()
	if err != nil {
		t.Fatal(err)
	}
	if got := dependencies("app"); len(got) != 1 || got[0].Service != "db" {
		t.Errorf("dependencies %v", got)
	}
	if got := dependencies("unknown"); got != nil {
		t.Errorf("dependencies of an unknown service: %v", got)
	}
}
