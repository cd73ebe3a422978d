package planner

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/rogpeppe/go-internal/txtar"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

const fuzzCompose = `
services:
  web:
    build: .
    ports: ["8000:8000"]
    depends_on: {db: {condition: service_healthy}, seed: {condition: service_completed_successfully}}
    volumes: ["data:/data", "./src:/src"]
  db:
    image: db
    restart: always
    healthcheck: {test: [CMD, "true"]}
    networks: [back]
  seed:
    image: seed
    network_mode: service:db
volumes: {data: }
networks: {back: }
`

// FuzzPlan looks for files with a plan that panics, has a step before a need of the step, or changes between two
// calls.
func FuzzPlan(f *testing.F) {
	archives, err := filepath.Glob("../hclspec/testdata/wrong/*.txtar")
	if err != nil || len(archives) < 60 {
		f.Fatalf("%d archives, %v", len(archives), err)
	}
	for _, path := range archives {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		text, second, included := filesOf(archive)
		f.Add(text, second, included)
	}
	for _, body := range []string{
		`service = "web"`, `depends_on = [service.web, service.seed.completed]`, `image = "i"` + "\nvolumes = [\"x:/x\", \"./y:/y\"]",
		"service = \"web\"\nno_deps = true\nports = [\"1:1\", \"2-3:2-3/udp\"]", "service = \"db\"\ncommand = [task.o.stdout]\n}\ntask \"o\" {\ncommand = [\"x\"]",
	} {
		f.Add("task \"t\" {\n"+body+"\n}\n", "", "")
	}
	for _, policy := range []string{"transient", "ephemeral", "external"} {
		f.Add("task \"t\" {\nservice = \"web\"\ndependency_policy = \""+policy+"\"\n}\ntask \"all\" {\ndepends_on = [task.t, service.db]\n}\n", "", "")
	}
	f.Add("include \"a\" {\nsource = \"a\"\n}\ntask \"t\" {\ndepends_on = [task[\"a:t\"], service.db]\n}\n", "",
		"compose {\n}\ntask \"t\" {\nservice = \"web\"\ncommand = [service.web.port[8000]]\n}\n")
	dir := f.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte(fuzzCompose), 0o644); err != nil {
		f.Fatal(err)
	}
	load := func(name string) *composeproject.Project {
		project, err := composeproject.Load(f.Context(), composeproject.Options{Name: name, WorkingDir: dir, Environ: []string{}})
		if err != nil {
			f.Fatal(err)
		}
		return project
	}
	project, inner := load("app"), load("inner")
	in := hclspec.Inputs{
		Env: func(string) (string, bool) { return "", false }, Environ: func() []string { return nil },
		Root: dir, Cwd: dir, OS: "linux", Arch: "amd64", UID: "1", GID: "1",
		Project:         func() (hclspec.Project, error) { return project, nil },
		IncludedProject: func(string) (hclspec.Project, error) { return inner, nil },
	}
	f.Fuzz(func(t *testing.T, text, second, included string) {
		parser, own := hclspec.Parser{}, []hclspec.Source{sourceIn(dir, "Tasks.hcl", text)}
		if second != "" {
			own = append(own, sourceIn(dir, "second.tasks.hcl", second))
		}
		sources := own
		if included != "" {
			source := sourceIn(dir, "sub/Tasks.hcl", included)
			sources = append(slices.Clone(own), source)
			parser.ReadInclude = func(string) ([]hclspec.Source, error) { return []hclspec.Source{source}, nil }
		}
		file, diags := parser.Parse(own)
		if diags.HasErrors() {
			return
		}
		for _, decl := range file.Tasks() {
			spec, diags := file.Evaluate(in, []hclspec.Target{{Name: decl.Name, HasUnknownArgs: true}})
			checkPlaces(t, sources, diags)
			if !diags.HasErrors() {
				checkPlan(t, sources, spec, projectStates(t, spec, project, inner))
			}
		}
	})
}

func sourceIn(dir, name, text string) hclspec.Source {
	return hclspec.Source{Name: name, Path: filepath.Join(dir, name), Bytes: []byte(text)}
}

// filesOf returns the files of an archive: the first file, the next file beside it, and the first file in a
// directory.
func filesOf(archive *txtar.Archive) (text, second, included string) {
	for _, file := range archive.Files[1:] {
		into := &second
		if strings.Contains(file.Name, "/") {
			into = &included
		}
		if strings.HasSuffix(file.Name, ".hcl") && *into == "" {
			*into = string(file.Data)
		}
	}
	return string(archive.Files[0].Data), second, included
}

// checkPlaces fails for a diagnostic without a place in a file: all errors are errors in files here.
func checkPlaces(t *testing.T, sources []hclspec.Source, diags hcl.Diagnostics) {
	t.Helper()
	for _, d := range diags {
		at := d.Subject
		if at == nil || !slices.ContainsFunc(sources, func(s hclspec.Source) bool { return s.Name == at.Filename && at.End.Byte <= len(s.Bytes) }) {
			t.Errorf("%s points to %v, which is in none of the files: %s", d.Summary, at, d.Detail)
		}
	}
}

// projectStates returns the projects of a spec's tasks with empty snapshots: the root project, or the included
// project.
func projectStates(t *testing.T, spec *hclspec.Spec, own, included *composeproject.Project) map[string]ProjectState {
	t.Helper()
	worlds := map[string]ProjectState{}
	for _, scope := range ScopesOf(spec) {
		origin := OriginOf(spec, scope)
		project := own
		if origin.FileScope != "" {
			project = included
		}
		if roots := RootServices(SpecOfScope(spec, scope)); len(roots) > 0 {
			selected, err := project.Select(roots)
			if err != nil {
				t.Fatalf("roots %q that Evaluate has taken: %v", roots, err)
			}
			project = selected
		}
		if origin.PrivateTask != "" {
			project = project.PrivateCopy(project.Name()+"-01234567", PrivateLabels(project, observed.Ownership{}))
		}
		worlds[scope] = ProjectState{Project: project, Snapshot: &observed.Snapshot{}}
	}
	return worlds
}

// checkPlan checks the rules for every plan of an empty engine.
func checkPlan(t *testing.T, sources []hclspec.Source, spec *hclspec.Spec, worlds map[string]ProjectState) {
	t.Helper()
	in := Input{Spec: spec, ProjectDir: "/project", IsOffline: true}
	in.SetScopes(worlds)
	plan, diags := Build(in)
	checkPlaces(t, sources, diags)
	if (plan == nil) != diags.HasErrors() {
		t.Fatalf("plan %v with %v", plan, diags)
	}
	if plan == nil {
		return
	}
	seen := map[StepID]bool{}
	for _, s := range plan.Steps {
		for _, need := range s.Needs {
			if !seen[need.Step] {
				t.Errorf("%s stands before %s, which it needs:\n%s", s.ID, need.Step, plan)
			}
		}
		seen[s.ID] = true
	}
	again, _ := Build(in)
	if again.String() != plan.String() || !strings.HasSuffix(plan.String(), "\n") {
		t.Errorf("two plans of the same:\n%s\n%s", plan, again)
	}
}
