package hclspec

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/hcl/v2"
)

// picture is the file that the documentation begins with.
const picture = `
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

// plain leaves out what is about places, which other tests look at.
func plain() cmp.Options {
	return cmp.Options{
		cmpopts.IgnoreUnexported(Task{}),
		cmpopts.IgnoreTypes(hcl.Range{}, map[string]hcl.Range{}),
	}
}

func TestEvaluatePicture(t *testing.T) {
	in := testInputs(t)
	f := parseFile(t, in, picture)
	spec, diags := f.Evaluate(in, []Target{{Name: "test", Words: []string{"-k", "login"}}})
	if len(diags) > 0 {
		t.Fatal(rendered(f, diags))
	}
	dev := "dev"
	want := &Spec{Wanted: []string{"test"}, Turns: [][]string{{"test"}}, Tasks: map[string]*Task{
		"migrate": {
			Name: "migrate", Declared: "migrate", Description: "Bring the database schema up to date", Kind: Service, Service: "web",
			Command: []string{"python", "manage.py", "migrate"}, Env: map[string]*string{"DJANGO_SETTINGS_MODULE": &dev},
			Interactive: true, RM: true, Policy: PolicyReuse, Dir: in.Root,
		},
		"test": {
			Name: "test", Declared: "test", Description: "Run the test suite", Kind: Service, Service: "web",
			Command: []string{"pytest", "-k", "login"}, Ports: []string{"8000:8000"},
			Interactive: true, RM: true, Policy: PolicyReuse, Dir: in.Root,
			DependsOn: []Dependency{{Task: "lint"}, {Task: "migrate"}, {Service: "db", Condition: Healthy}},
			Watch:     &Watch{Paths: []string{"app/**/*.py", "tests/**/*.py"}, Debounce: 50 * time.Millisecond},
		},
		"lint": {
			Name: "lint", Declared: "lint", Kind: Host, Command: []string{"ruff", "check", "."}, Workdir: in.Root,
			Interactive: true, RM: true, Policy: PolicyReuse, Dir: in.Root,
		},
	}}
	if diff := cmp.Diff(want, spec, plain()); diff != "" {
		t.Error(diff)
	}
}

func TestPlaces(t *testing.T) {
	in := testInputs(t)
	task := evaluateOne(t, in, picture, "test")
	if got := place(task.Range("command")); got != "Tasks.hcl:19:17" {
		t.Errorf("command at %s", got)
	}
	if got := place(task.Range("user")); got != "Tasks.hcl:15:1" {
		t.Errorf("an attribute that is not set is at %s, not at the header", got)
	}
	if got := place(task.DependsOn[1].Range); got != "Tasks.hcl:17:29" {
		t.Errorf("second dependency at %s", got)
	}
	if got := place(task.Watch.Range); got != "Tasks.hcl:22:3" {
		t.Errorf("watch at %s", got)
	}
}

func TestDeclarations(t *testing.T) {
	in := testInputs(t)
	f := parseFile(t, in, picture)
	var names []string
	for _, decl := range f.Tasks() {
		names = append(names, decl.Name+": "+decl.Description)
	}
	want := []string{"migrate: Bring the database schema up to date", "test: Run the test suite", "lint: "}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
	variables := []VariableDecl{{Name: "settings", Description: "Django settings module", Type: "string"}}
	if diff := cmp.Diff(variables, f.Variables(), plain()); diff != "" {
		t.Error(diff)
	}
	if deps := f.Tasks()[1].DependsOn; len(deps) != 3 || deps[2].Service != "db" {
		t.Errorf("dependencies of test: %v", deps)
	}
}
