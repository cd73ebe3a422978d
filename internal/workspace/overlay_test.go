package workspace

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
)

const overlayTasks = `task "plain" {
  service = "app"
  command = ["true"]
}

task "test" {
  service       = "app"
  compose_files = ["compose.test.yaml"]
  profiles      = ["debug"]
  command       = ["echo", service.app.image, service.extra.image]
}

task "other" {
  service       = "app"
  compose_files = ["compose.other.yaml"]
  command       = ["true"]
}

task "job" {
  depends_on    = [task.plain, service.extra]
  compose_files = ["compose.test.yaml"]
}

task "profile" {
  depends_on = [service.main]
  profiles   = ["debug"]
}

service "extra" {
  ready { tcp = 80 }
}
`

func overlayFiles() map[string]string {
	return map[string]string{
		"Tasks.hcl": overlayTasks,
		"compose.yaml": `name: demo
services:
  app: {image: tool, depends_on: [db]}
  db: {image: tool}
  main: {image: tool, profiles: [main], depends_on: [tracer]}
  tracer: {image: tool, profiles: [debug]}
`,
		"compose.test.yaml":  "services:\n  app: {image: tool:test, depends_on: [extra]}\n  extra: {image: tool}\n",
		"compose.other.yaml": "services:\n  db: {environment: {FAST: \"1\"}}\n",
	}
}

// planSteps plans tasks, and returns the ids of the steps.
func planSteps(t *testing.T, files map[string]string, names ...string) ([]string, hcl.Diagnostics) {
	t.Helper()
	engine := newMemoryEngine(t)
	ws := mustOpen(t, testConfig(t, writeFiles(t, files)).withEngine(engine))
	run := mustEvaluate(t, ws, names...)
	diags, err := run.MakePlan(t.Context(), PlanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	if run.Plan != nil {
		for _, s := range run.Plan.Steps {
			ids = append(ids, string(s.ID))
		}
	}
	return ids, diags
}

func TestOverlay(t *testing.T) {
	const test = "+compose.test.yaml+profile:debug/"
	for name, c := range map[string]struct {
		tasks           []string
		want, forbidden []string
	}{
		"no overlay":          {[]string{"plain"}, []string{"container/db"}, []string{"container/extra"}},
		"files":               {[]string{"test"}, []string{test + "container/db", test + "container/extra"}, []string{"container/db"}},
		"equal configuration": {[]string{"plain", "test"}, []string{"container/db", test + "container/db"}, nil},
		"a group":             {[]string{"job"}, []string{"container/db", "+compose.test.yaml/container/extra"}, nil},
		"profiles":            {[]string{"profile"}, []string{"+profile:debug/container/tracer"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			ids, diags := planSteps(t, overlayFiles(), c.tasks...)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			for _, id := range c.want {
				if !slices.Contains(ids, id) {
					t.Errorf("no step %s in %v", id, ids)
				}
			}
			for _, id := range c.forbidden {
				if slices.Contains(ids, id) {
					t.Errorf("a step %s in %v", id, ids)
				}
			}
		})
	}
}

func TestTwoConfigurationsOfAService(t *testing.T) {
	_, diags := planSteps(t, overlayFiles(), "plain", "other")
	wantDiagnostic(t, diags, `two configurations of service "db" in one run`)
	if len(diags) != 1 || diags[0].Subject == nil || !strings.Contains(diags[0].Detail, `task "plain" and of task "other"`) {
		t.Errorf("%v", diags)
	}
	files := overlayFiles()
	files["Tasks.hcl"] = strings.Replace(overlayTasks, `["compose.other.yaml"]`,
		"[\"compose.other.yaml\"]\n  dependency_policy = \"ephemeral\"", 1)
	if _, diags := planSteps(t, files, "plain", "other"); diags.HasErrors() {
		t.Errorf("a private project: %v", diags)
	}
}

func TestTwoConfigurationsOfANetwork(t *testing.T) {
	files := overlayFiles()
	files["compose.other.yaml"] = "networks: {default: {internal: true}}\n"
	_, diags := planSteps(t, files, "plain", "other")
	wantDiagnostic(t, diags, `two configurations of network "default" in one run`)
	if _, diags := planSteps(t, files, "other"); diags.HasErrors() {
		t.Error(diags)
	}
}

func TestOverlayValues(t *testing.T) {
	ws := mustOpen(t, testConfig(t, writeFiles(t, overlayFiles())))
	task := mustEvaluate(t, ws, "test").Spec.Tasks["test"]
	if want := []string{"echo", "tool:test", "tool"}; !slices.Equal(task.Command, want) {
		t.Errorf("command %q, want %q", task.Command, want)
	}
	flags := strings.Join(ws.ComposeFlags(task.Scope), " ")
	if !strings.HasSuffix(flags, "compose.test.yaml --profile debug") || !strings.Contains(flags, "compose.yaml -f") {
		t.Errorf("flags %s", flags)
	}
	if diags := ws.Validate(); len(diags) > 0 { // plain and other differ, but no run needs both
		t.Errorf("%v", diags)
	}
}

func TestWrongOverlays(t *testing.T) {
	for change, want := range map[string]string{
		`["compose.tests.yaml"]`:    "here is no file",
		`[service.app.image]`:       "service.app.image cannot be used here",
		`[project.name]`:            "project.name cannot be used here",
		`[task.plain.stdout]`:       "task.plain.stdout is not known before the run",
		`"compose.test.yaml"`:       "list",
		`[]`:                        "unknown service \"extra\"",
		`["compose.test.yaml", 1]`:  "here is no file",
		`[for f in ["x"] : f]`:      "here is no file",
		`["compose.broken.yaml"]`:   `services.app has no attribute "imge"`,
		`["compose.syntax.yaml"]`:   "not valid YAML",
		`["compose.variable.yaml"]`: "the required variable TAG has no value",
	} {
		files := overlayFiles()
		files["compose.broken.yaml"] = "services:\n  app: {imge: a}\n"
		files["compose.syntax.yaml"] = "services: ["
		files["compose.variable.yaml"] = "services: {app: {image: \"x:${TAG:?}\"}}"
		files["Tasks.hcl"] = strings.Replace(overlayTasks, `["compose.test.yaml"]`, change, 1)
		ws, diags, err := Open(testConfig(t, writeFiles(t, files)))
		if err != nil {
			t.Fatal(err)
		}
		if !diags.HasErrors() {
			run := ws.NewRun()
			if diags, err = run.EvaluateTargets([]hclspec.Target{{Name: "test"}}); err != nil {
				t.Fatal(err)
			}
		}
		if text := diags.Error(); !strings.Contains(text, want) {
			t.Errorf("%s: no %q in %s", change, want, text)
		}
	}
}
