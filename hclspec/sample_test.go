package hclspec

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec/internal/diag"
)

// sampleFile is the file that the documentation begins with.
const sampleFile = `
variable "settings" {
  type        = string
  default     = "dev"
  description = "Django settings module"
}

task "migrate" {
  description = "Bring the database schema up to date"
  service     = "web"
  command     = ["python", "manage.py", "migrate"]
  env         = { DJANGO_SETTINGS_MODULE = var.settings }
}

task "test" {
  description = "Run the test suite"
  depends_on  = [task.lint, task.migrate, service.db.healthy]
  service     = "web"
  command     = ["pytest", args]
  ports       = ["8000:8000"]

  watch {
    paths = ["app/**/*.py", "tests/**/*.py"]
  }
}

task "lint" {
  command = ["ruff", "check", "."]
}
`

// ignoreRanges leaves out what is about places, which other tests look at.
func ignoreRanges() cmp.Options {
	return cmp.Options{
		cmpopts.IgnoreUnexported(Task{}),
		cmpopts.IgnoreTypes(hcl.Range{}, map[string]hcl.Range{}),
	}
}

func TestEvaluateSample(t *testing.T) {
	in := testInputs(t)
	f := parseFile(t, in, sampleFile)
	spec, diags := f.Evaluate(in, []Target{{Name: "test", Args: []string{"-k", "login"}}})
	if len(diags) > 0 {
		t.Fatal(diagnosticsText(f, diags))
	}
	dev := "dev"
	want := &Spec{Targets: []string{"test"}, Sequence: [][]string{{"test"}}, Tasks: map[string]*Task{
		"migrate": {
			Name: "migrate", DeclaredName: "migrate", Description: "Bring the database schema up to date", Kind: ServiceTask, Service: "web",
			Command: []string{"python", "manage.py", "migrate"}, Env: map[string]*string{"DJANGO_SETTINGS_MODULE": &dev},
			Interactive: true, RM: true, Policy: PolicyReuse, Dir: in.Root,
		},
		"test": {
			Name: "test", DeclaredName: "test", Description: "Run the test suite", Kind: ServiceTask, Service: "web",
			Command: []string{"pytest", "-k", "login"}, Ports: []string{"8000:8000"},
			Interactive: true, RM: true, Policy: PolicyReuse, Dir: in.Root,
			DependsOn: []Dependency{{Task: "lint"}, {Task: "migrate"}, {Service: "db", Condition: Healthy}},
			Watch:     &Watch{Paths: []string{"app/**/*.py", "tests/**/*.py"}, Debounce: 50 * time.Millisecond, OnBusy: BusyRestart},
		},
		"lint": {
			Name: "lint", DeclaredName: "lint", Kind: HostTask, Command: []string{"ruff", "check", "."}, Workdir: in.Root,
			Interactive: true, RM: true, Policy: PolicyReuse, Dir: in.Root,
		},
	}}
	if diff := cmp.Diff(want, spec, ignoreRanges()); diff != "" {
		t.Error(diff)
	}
}

func TestRanges(t *testing.T) {
	in := testInputs(t)
	task := evaluateOne(t, in, sampleFile, "test")
	if got := diag.PosText(task.Range("command")); got != "Tasks.hcl:19:17" {
		t.Errorf("command at %s", got)
	}
	if got := diag.PosText(task.Range("user")); got != "Tasks.hcl:15:1" {
		t.Errorf("an attribute that is not set is at %s, not at the header", got)
	}
	if got := diag.PosText(task.DependsOn[1].Range); got != "Tasks.hcl:17:29" {
		t.Errorf("second dependency at %s", got)
	}
	if got := diag.PosText(task.Watch.Range); got != "Tasks.hcl:22:3" {
		t.Errorf("watch at %s", got)
	}
}

func TestDeclarations(t *testing.T) {
	in := testInputs(t)
	f := parseFile(t, in, sampleFile)
	var names []string
	for _, decl := range f.Tasks() {
		names = append(names, decl.Name+": "+decl.Description)
	}
	want := []string{"migrate: Bring the database schema up to date", "test: Run the test suite", "lint: "}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
	variables := []VariableInfo{{Name: "settings", Description: "Django settings module", Type: "string"}}
	if diff := cmp.Diff(variables, f.Variables(), ignoreRanges()); diff != "" {
		t.Error(diff)
	}
	if deps := f.Tasks()[1].DependsOn; len(deps) != 3 || deps[2].Service != "db" {
		t.Errorf("dependencies of test: %v", deps)
	}
}
