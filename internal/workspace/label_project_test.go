package workspace

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"

	"tasks/executor"
	"tasks/internal/composeproject"
	"tasks/planner"
)

// TestTeardownByLabels: a project is removed by its labels, whatever has happened to its files since its run.
func TestTeardownByLabels(t *testing.T) {
	const compose = "name: demo\nservices:\n  web: {image: tool, depends_on: [db]}\n  db: {image: tool}\n"
	const tasks = "task \"t\" {\n  service = \"web\"\n}\n"
	for name, test := range map[string]struct {
		change map[string]string // an empty text removes the file
		edit   func(*Config)
		// warning is a part of a message or of a diagnostic; empty: there is none.
		warning  string
		isLoaded bool
	}{
		"valid files":         {isLoaded: true},
		"a required variable": {change: map[string]string{"compose.yaml": compose + "  x: {image: '${PW:?set PW}'}\n"}, warning: "set PW"},
		"broken YAML":         {change: map[string]string{"compose.yaml": compose + "  x: [\n"}, warning: "compose.yaml:5"},
		"a wrong type":        {change: map[string]string{"compose.yaml": compose + "  x: 5\n"}, warning: "compose.yaml:5"},
		"an inactive profile": {
			change: map[string]string{
				"compose.yaml": compose + "  x: {image: tool, depends_on: [p]}\n  p: {image: tool, profiles: [dev]}\n",
			},
			warning: "compose.yaml:5",
		},
		"a missing include": {change: map[string]string{"compose.yaml": compose + "include: [nosuch.yaml]\n"}, warning: "nosuch.yaml"},
		"no compose file":   {change: map[string]string{"compose.yaml": "", "Tasks.hcl": ""}, edit: nameFlag, isLoaded: false},
		"no compose file but tasks": {
			change: map[string]string{"compose.yaml": ""}, edit: nameFlag, isLoaded: true,
		},
		"another directory": {edit: func(c *Config) { c.WorkingDir = os.TempDir(); nameFlag(c) }},
		"a missing compose file of a flag": {
			edit: func(c *Config) { c.Flags.ComposeFiles = []string{"nosuch.yaml"}; nameFlag(c) }, warning: "nosuch.yaml",
		},
		"a missing env file": {edit: func(c *Config) { c.Flags.EnvFiles = []string{"nosuch.env"} }, warning: "nosuch.env"},
		"a broken .env":      {change: map[string]string{".env": "a b 'c\n"}, warning: ".env"},
		"a syntax error of tasks": {
			change: map[string]string{"Tasks.hcl": "task \"t\" {\n  command = [\"x\n}\n"}, warning: "string",
		},
		"an unknown attribute of a task": {
			change: map[string]string{"Tasks.hcl": "task \"t\" {\n  servise = \"web\"\n}\n"}, warning: "servise", isLoaded: true,
		},
		"a missing value of the compose block": {
			change: map[string]string{
				"Tasks.hcl": "variable \"f\" { type = string }\ncompose {\n  files = [var.f]\n  project = \"demo\"\n}\n",
			},
			warning: "\"f\"",
		},
		"a required version": {
			change: map[string]string{"Tasks.hcl": "tasks { required_version = \">= 99\" }\n"}, warning: "version",
			edit: func(c *Config) { c.Version = "1.0.0" },
		},
		"a missing file of tasks": {edit: func(c *Config) { c.Flags.Files = []string{"nosuch.hcl"} }, warning: "nosuch.hcl", isLoaded: true},
		"a missing variable file": {edit: func(c *Config) { c.Flags.VarFiles = []string{"nosuch"} }, warning: "nosuch", isLoaded: true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := writeFiles(t, map[string]string{"compose.yaml": compose, "Tasks.hcl": tasks})
			engine := newMemoryEngine(t)
			config := testConfig(t, dir, os.Environ()...).withEngine(engine).Writing()
			session, err := NewSession(t.Context(), t.Context(), config, dir, SessionOptions{Display: silentDisplay{}, Cleanup: silentObserver{}})
			if err != nil {
				t.Fatal(err)
			}
			session.Run(t.Context(), mustPlan(t, mustOpen(t, config), "t").Plan, nil)
			session.Close()
			changeFiles(t, dir, test.change)
			if test.edit != nil {
				test.edit(&config)
			}
			config.Coordination = NewCoordination(config.Engine)
			ws, diags, err := OpenByLabels(config)
			if err != nil {
				t.Fatal(err)
			}
			if diags.HasErrors() {
				t.Errorf("errors %v, want warnings", diags)
			}
			told := strings.Join(config.Reporter.(*messages).lines, "\n")
			if len(diags) > 0 {
				told += diags.Error()
			}
			if test.warning == "" && told != "" || !strings.Contains(told, test.warning) {
				t.Errorf("told %q, want %q", told, test.warning)
			}
			if ws.Labels.NameOnly == test.isLoaded {
				t.Errorf("only the name is known: %t", ws.Labels.NameOnly)
			}
			if listed, err := ws.ListContainers(t.Context(), nil, silentObserver{}); err != nil || len(listed.Containers) != 1 {
				t.Errorf("containers %v, %v", listed, err)
			}
			teardown, err := ws.PlanTeardown(t.Context(), TeardownOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if err := executor.Teardown(t.Context(), engine, teardown.Plan, silentTeardown()); err != nil {
				t.Error(err)
			}
			if left := engine.Remaining(); len(left) > 0 {
				t.Errorf("left: %v", left)
			}
		})
	}
}

// TestUnknownProjectName: without the name there is no teardown, least of all of another project.
func TestUnknownProjectName(t *testing.T) {
	for name, test := range map[string]struct {
		files   map[string]string
		environ []string
		want    string
	}{
		"a variable in the name": {
			files: map[string]string{"compose.yaml": "name: '${NAME:?set NAME}'\nservices: {}\n"}, want: "--project-name",
		},
		"a variable in the block": {
			files: map[string]string{"Tasks.hcl": "variable \"p\" { type = string }\ncompose { project = var.p }\n"},
			want:  "the name of the project is not known",
		},
		"a wrong variable": {
			files: map[string]string{"compose.yaml": "services: {}\n"}, environ: []string{"COMPOSE_PROJECT_NAME=A B"},
			want: "COMPOSE_PROJECT_NAME",
		},
		"a block behind a syntax error": {
			files: map[string]string{"Tasks.hcl": "task \"a\" { command = [\"x }\n\ncompose {\n  project = var.p\n}\n"},
			want:  "the name of the project is not known",
		},
		"a wrong name of the folder": {
			files: map[string]string{"compose.yaml": "name: '!!'\nservices: [\n"}, want: "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := OpenByLabels(testConfig(t, writeFiles(t, test.files), test.environ...))
			if test.want == "" {
				if err != nil {
					t.Errorf("the folder has a name: %v", err)
				}
				return
			}
			if diags, ok := errors.AsType[hcl.Diagnostics](err); ok {
				wantDiagnostic(t, diags, test.want)
				return
			}
			wantError(t, err, test.want)
		})
	}
}

// TestTeardownOfServices: only the services go. The network stays with the last container.
func TestTeardownOfServices(t *testing.T) {
	engine := newMemoryEngine(t)
	dir := writeFiles(t, map[string]string{"compose.yaml": "name: demo\nservices:\n  db: {image: tool}\n  lone: {image: tool}\n"})
	config := testConfig(t, dir).withEngine(engine)
	id, _, err := engine.CreateNetwork(t.Context(), &planner.Network{
		Name: "demo_default", Labels: map[string]string{composeproject.LabelProject: "demo"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for service, dependsOn := range map[string]string{"db": "", "api": "db:service_started:false", "web": "api:service_started:false", "lone": ""} {
		_, err := engine.CreateContainer(t.Context(), planner.ContainerSpec{
			Name: "demo-" + service, Image: "tool", Networks: []planner.Endpoint{{Network: "demo_default"}},
			Labels: map[string]string{
				composeproject.LabelProject: "demo", composeproject.LabelService: service,
				composeproject.LabelOneOff: "False", composeproject.LabelDependsOn: dependsOn,
			},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	down := func(services ...string) string {
		t.Helper()
		teardown, err := mustOpen(t, config).PlanTeardown(t.Context(), TeardownOptions{Services: services})
		if err == nil {
			err = executor.Teardown(t.Context(), engine, teardown.Plan, silentTeardown())
		}
		if err != nil {
			return err.Error()
		}
		return strings.Join(engine.Remaining(), ", ")
	}
	if got := down("api"); !strings.Contains(got, "demo-web") || strings.Contains(got, "demo-api") {
		t.Errorf("a dependent does not stay: %s", got)
	}
	if got := down("nosuch"); !strings.Contains(got, "unknown service \"nosuch\"") {
		t.Errorf("an unknown service: %s", got)
	}
	if got, want := down("web"), "container demo-db (created), container demo-lone (created), network demo_default"; got != want {
		t.Errorf("after api: %s, want %s", got, want)
	}
	if got, want := down("db", "lone"), ""; got != want {
		t.Errorf("after all: %s (network %s)", got, id)
	}
}

func nameFlag(c *Config) { c.Flags.ProjectName = "demo" }

func changeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		err := os.WriteFile(path, []byte(text), 0o600)
		if text == "" {
			err = os.Remove(path)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// silentTeardown ignores what a teardown tells.
func silentTeardown() executor.TeardownOptions {
	return executor.TeardownOptions{OnRemoved: func(string, string) {}, OnWarning: func(string) {}}
}
