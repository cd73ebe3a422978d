package workspace

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"tasks/executor/watch"
)

// unitsOf returns the runs and paths of the units for some targets.
func unitsOf(t *testing.T, ws *Workspace, targets ...string) map[string]string {
	t.Helper()
	plan, err := mustPlan(t, ws, targets...).WatchPlan()
	if err != nil {
		t.Fatal(err)
	}
	units := map[string]string{}
	for i, run := range plan.Runs {
		var paths []string
		for _, path := range plan.Rules.Units[i].Paths {
			paths = append(paths, strings.TrimPrefix(path, ws.Root()+"/"))
		}
		units[run] = strings.TrimSpace(units[run] + " " + strings.Join(paths, " "))
	}
	return units
}

const unitTasks = `
task "ci" {
  depends_on = [task.lint, task.inner]
}
task "inner" {
  depends_on = [task.test]
}
task "own" {
  depends_on = [task.lint, task.test]
  watch { paths = ["own"] }
}
task "alone" {
  depends_on = [task.lint]
  watch {
    paths = ["alone"]
    graph = false
  }
}
task "ordered" {
  steps = [task.lint, task.test]
}
task "lint" {
  command = ["true"]
  watch {
    paths    = ["lint/"]
    debounce = "1s"
    initial  = false
  }
}
task "test" {
  command    = ["true"]
  inputs     = ["test"]
  outputs    = ["test/out"]
  depends_on = [task.make]
}
task "deep" {
  command    = ["true"]
  depends_on = [task.test]
  watch {
    paths   = ["deep"]
    graph   = true
    on_busy = "queue"
  }
}
task "make" {
  command = ["true"]
  inputs  = ["made"]
}
task "shards" {
  command = ["echo", matrix.n]
  matrix  = { n = ["1", "2"] }
  watch { paths = ["shards"] }
}
`

func TestUnits(t *testing.T) {
	ws := openFiles(t, map[string]string{"Tasks.hcl": unitTasks})
	for target, want := range map[string]map[string]string{
		"lint":       {"lint": "lint/"},
		"ci":         {"lint": "lint/", "test": "test"},
		"own":        {"own": "own", "lint": "lint/", "test": "test"},
		"alone":      {"alone": "alone"},
		"ordered":    {"ordered": "lint/ made test"},
		"deep":       {"deep": "deep made test"},
		"shards":     {"shards@n=1": "shards", "shards@n=2": "shards"},
		"lint test":  {"lint": "lint/", "test": "test"},
		"ci lint":    {"lint": "lint/", "test": "test"},
		"inner deep": {"test": "test", "deep": "deep made test"},
	} {
		if got := unitsOf(t, ws, strings.Fields(target)...); !maps.Equal(got, want) {
			t.Errorf("%s: %v, want %v", target, got, want)
		}
	}
}

func TestWatchedRuns(t *testing.T) {
	ws := openFiles(t, map[string]string{"Tasks.hcl": unitTasks})
	for target, want := range map[string]string{
		"ci": "lint test", "own": "lint test", "ordered": "ordered", "shards": "shards@n=1 shards@n=2", "deep inner": "deep test",
	} {
		run := mustPlan(t, ws, strings.Fields(target)...)
		if got := strings.Join(WatchedRuns(run.Spec), " "); got != want {
			t.Errorf("%s: %q, want %q", target, got, want)
		}
	}
}

// A part of a run has the tasks that the change concerns, with their dependencies.
func TestLimit(t *testing.T) {
	ws := openFiles(t, map[string]string{"Tasks.hcl": unitTasks})
	for _, test := range []struct{ target, runs, want string }{
		{"ci", "test", "make test"},
		{"ci", "lint", "lint"},
		{"ci", "lint test", "all"},
		{"ci", "unknown", "all"},
		{"own", "test", "make test"},
		{"ordered", "ordered", "all"},
		{"shards", "shards@n=2", "shards@n=2"},
		{"lint test", "lint", "lint"},
	} {
		run := mustEvaluate(t, ws, strings.Fields(test.target)...)
		isPart := run.Limit(strings.Fields(test.runs))
		got := strings.Join(slices.Sorted(maps.Keys(run.Spec.Tasks)), " ")
		if isPart != (test.want != "all") || isPart && got != test.want {
			t.Errorf("%s of %s: %q (%v), want %q", test.runs, test.target, got, isPart, test.want)
		}
		if diags, err := run.MakePlan(t.Context(), PlanOptions{}); err != nil || diags.HasErrors() {
			t.Errorf("%s of %s: %v %v", test.runs, test.target, diags, err)
		}
	}
}

func TestOptionsOfSeveralTasks(t *testing.T) {
	ws := openFiles(t, map[string]string{"Tasks.hcl": unitTasks})
	const usual = 50 * time.Millisecond
	for target, want := range map[string]WatchOptions{
		"lint":      {Debounce: time.Second, SkipInitial: true},
		"test":      {Debounce: usual},
		"ci":        {Debounce: time.Second},
		"deep":      {Debounce: usual, OnBusy: watch.Queue},
		"deep lint": {Debounce: time.Second},
		"own":       {Debounce: usual},
	} {
		if got := mustPlan(t, ws, strings.Fields(target)...).WatchOptions(); got != want {
			t.Errorf("%s: %+v, want %+v", target, got, want)
		}
	}
}

func TestPrivateGroupsRunAsAWhole(t *testing.T) {
	dir := writeFiles(t, map[string]string{
		"compose.yaml": "name: demo\nservices: {app: {image: tool}}\n",
		"Tasks.hcl": `
task "ci" {
  depends_on        = [task.a, task.b]
  dependency_policy = "ephemeral"
}
task "a" {
  service = "app"
}
task "b" {
  service = "app"
}
`})
	run := mustEvaluate(t, mustOpen(t, testConfig(t, dir).withEngine(newMemoryEngine(t))), "ci")
	runs := WatchedRuns(run.Spec)
	if len(runs) != 2 || run.Limit(runs[:1]) || len(run.Spec.Tasks) != 3 {
		t.Errorf("a part of a private project: %v of %v", slices.Sorted(maps.Keys(run.Spec.Tasks)), runs)
	}
}

func TestBindMountsAreWatched(t *testing.T) {
	dir := writeFiles(t, map[string]string{
		"compose.yaml": `name: demo
services:
  app:
    image: tool
    volumes: ["./src:/src", "/var/run/docker.sock:/s", "/:/host:ro", "data:/data", "./one.conf:/c"]
    configs: [{source: conf}]
    secrets: [token]
configs: {conf: {file: ./app.conf}}
secrets: {token: {file: ./token}}
volumes: {data: {}}
`,
		"Tasks.hcl": "task \"t\" {\n  service = \"app\"\n  volumes = [\"./more:/more\"]\n}\n" +
			"task \"i\" {\n  image   = \"tool\"\n  command = [\"true\"]\n  volumes = [\"./lib:/lib\"]\n}\n",
		"src/a": "", "one.conf": "", "app.conf": "", "token": "", "more/a": "", "lib/a": "",
	})
	ws := mustOpen(t, testConfig(t, dir).withEngine(newMemoryEngine(t)))
	for task, want := range map[string][]string{
		"t": {"app.conf", "more", "one.conf", "src", "token"}, "i": {"lib"},
	} {
		plan, err := mustPlan(t, ws, task).WatchPlan()
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, dir := range plan.Rules.Units[0].Dirs {
			got = append(got, dir.Path)
		}
		slices.Sort(got)
		if !slices.Equal(got, absoluteIn(dir, want)) {
			t.Errorf("%s: %v, want %v", task, got, want)
		}
	}
}

func TestOutputsOfDependencies(t *testing.T) {
	ws := openFiles(t, map[string]string{"Tasks.hcl": unitTasks})
	for _, test := range []struct {
		targets, file string
		want          bool
	}{
		{"deep", "test/out/x", true}, {"deep", "test/a", false}, {"ci", "test/out", false}, {"deep ci", "test/out", true},
	} {
		outputs := mustPlan(t, ws, strings.Fields(test.targets)...).DependencyOutputs()
		if got := outputs.Has(ws.Root() + "/" + test.file); got != test.want {
			t.Errorf("%s of %s: %v", test.file, test.targets, got)
		}
	}
}
