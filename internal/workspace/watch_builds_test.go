package workspace

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tasks/executor/watch"
	"tasks/planner"
	"tasks/planner/observed"
)

// builtProject has a service with two contexts, a dependency with a build, and a base that another build uses.
var builtProject = map[string]string{
	"Tasks.hcl": "task \"t\" {\n  service = \"web\"\n}\n\ntask \"other\" {\n  service = \"alone\"\n}\n",
	"compose.yaml": `name: demo
services:
  web:
    build:
      context: ./web
      dockerfile: ../docker/Dockerfile.web
      additional_contexts: {more: ./more, base: "service:base"}
    depends_on: [db]
  db:
    build:
      context: ./db
      dockerfile_inline: "FROM scratch"
  base: {build: ./base}
  alone: {build: ./alone}
`,
	"web/a": "", "web/tests/a": "", "web/.dockerignore": "a", "docker/Dockerfile.web": "FROM base",
	"docker/Dockerfile.web.dockerignore": "tests\n", "more/a": "", "more/skip": "", "more/.dockerignore": "skip\n",
	"db/a": "", "base/Dockerfile": "FROM scratch", "base/.dockerignore": "*", "alone/Dockerfile": "FROM scratch",
}

// planBuilt plans task t of the project, with all images on the engine.
func planBuilt(t *testing.T, dir string, stale *StaleImages) *Run {
	t.Helper()
	engine := newMemoryEngine(t)
	for _, image := range []string{"demo-web", "demo-db", "demo-base", "demo-alone"} {
		engine.AddImage(image, observed.Image{ID: "sha256:" + image})
	}
	run := mustEvaluate(t, mustOpen(t, testConfig(t, dir).withEngine(engine)), "t")
	if diags, err := run.MakePlan(t.Context(), PlanOptions{Stale: stale}); err != nil || diags.HasErrors() {
		t.Fatal(diags, err)
	}
	return run
}

// builtImages returns the images that a plan builds.
func builtImages(run *Run) []string {
	built := map[string]bool{}
	for _, step := range run.Plan.Steps {
		if image, isImage := step.Action.(*planner.Image); isImage && step.Verb == planner.BuildImage {
			built[image.Ref] = true
		}
	}
	return slices.Sorted(maps.Keys(built))
}

func TestChangedFilesBuildTheirImages(t *testing.T) {
	dir := writeFiles(t, builtProject)
	for file, want := range map[string]string{
		"web/a":                              "demo-base demo-web",
		"web/new/deep":                       "demo-base demo-web",
		"web/tests/a":                        "",
		"docker/Dockerfile.web":              "demo-base demo-web",
		"docker/Dockerfile.web.dockerignore": "demo-base demo-web",
		"docker/other":                       "",
		"more/a":                             "demo-base demo-web",
		"more/skip":                          "",
		"more/.dockerignore":                 "demo-base demo-web",
		"db/a":                               "demo-db",
		"db/Dockerfile":                      "demo-db",            // a file of the context
		"base/Dockerfile":                    "demo-base demo-web", // ignored, but the Dockerfile
		"base/other":                         "",
		"alone/Dockerfile":                   "",
		"Tasks.hcl":                          "",
	} {
		var stale StaleImages
		if built := builtImages(planBuilt(t, dir, &stale)); len(built) > 0 {
			t.Fatalf("built without a change: %v", built)
		}
		stale.Changed(filepath.Join(dir, file))
		run := planBuilt(t, dir, &stale)
		if got := strings.Join(builtImages(run), " "); got != want {
			t.Errorf("%s: built %q, want %q", file, got, want)
		}
		for _, image := range builtImages(run) {
			stale.Built(image)
		}
		if built := builtImages(planBuilt(t, dir, &stale)); len(built) > 0 {
			t.Errorf("%s: built again: %v", file, built)
		}
	}
}

// An image task may use the image of a service.
func TestChangedImageOfAnImageTask(t *testing.T) {
	files := maps.Clone(builtProject)
	files["Tasks.hcl"] = "task \"t\" {\n  image   = \"demo-alone\"\n  command = [\"true\"]\n}\n"
	dir := writeFiles(t, files)
	var stale StaleImages
	planBuilt(t, dir, &stale)
	stale.Changed(filepath.Join(dir, "alone/Dockerfile"))
	if got := builtImages(planBuilt(t, dir, &stale)); !slices.Equal(got, []string{"demo-alone"}) {
		t.Errorf("built %v", got)
	}
}

func TestChangedBuildSections(t *testing.T) {
	for name, change := range map[string][3]string{
		"inline Dockerfile":  {"FROM scratch\"", "FROM scratch\\nLABEL a=b\"", "demo-db"},
		"another Dockerfile": {"Dockerfile.web", "Dockerfile.two", "demo-base demo-web"},
		"an argument":        {"context: ./db", "context: ./db\n      args: {A: b}", "demo-db"},
		"a target":           {"context: ./web", "context: ./web\n      target: x", "demo-base demo-web"},
		"nothing of a build": {"depends_on", "environment: {A: b}\n    depends_on", ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := writeFiles(t, builtProject)
			var stale StaleImages
			planBuilt(t, dir, &stale)
			text := strings.Replace(builtProject["compose.yaml"], change[0], change[1], 1)
			if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(builtImages(planBuilt(t, dir, &stale)), " "); got != change[2] {
				t.Errorf("built %q, want %q", got, change[2])
			}
		})
	}
}

// A build that does not end is planned again. Lost changes may concern all images.
func TestUnfinishedBuildsAreRepeated(t *testing.T) {
	dir := writeFiles(t, builtProject)
	var stale StaleImages
	planBuilt(t, dir, &stale)
	stale.Changed(filepath.Join(dir, "db/a"))
	for range 2 {
		run := planBuilt(t, dir, &stale)
		stale.Planned(run.Plan)
		if got := builtImages(run); !slices.Equal(got, []string{"demo-db"}) {
			t.Errorf("built %v", got)
		}
	}
	stale.Built("demo-db")
	stale.ChangedAll()
	if got := builtImages(planBuilt(t, dir, &stale)); len(got) != 3 {
		t.Errorf("after lost changes built %v", got)
	}
}

// The watch observes what a rerun makes again.
func TestBuildFilesAreWatched(t *testing.T) {
	dir := writeFiles(t, builtProject)
	run := planBuilt(t, dir, nil)
	plan, err := run.WatchPlan()
	if err != nil {
		t.Fatal(err)
	}
	w, err := watch.New(plan.Rules, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for file, want := range map[string]bool{
		"web/a": true, "web/tests/a": false, "docker/Dockerfile.web": true, "docker/Dockerfile.web.dockerignore": true,
		"docker/other": false, "more/a": true, "more/skip": false, "db/a": true, "base/x": false, "base/Dockerfile": true, "alone/x": false,
		"compose.yaml": true, "compose.override.yaml": true, ".env": true, "new.tasks.hcl": true,
	} {
		if got := len(w.UnitsOf(file)) > 0; got != want {
			t.Errorf("%s is watched: %v, want %v", file, got, want)
		}
	}
}
