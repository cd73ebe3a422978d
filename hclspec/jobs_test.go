package hclspec

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const withJobs = `
locals {
  schema = "schema ${job.seed.stdout}"
}

task "test" {
  command    = ["check", job.migrate.stdout, local.schema]
  depends_on = [job.migrate, task.dry]
}

task "dry" {
  job     = "migrate"
  command = ["migrate", "--dry"]
  env     = { A = "1" }
}

task "words" {
  depends {
    task = job.migrate
    args = ["--to", "7"]
  }
}
`

// A reference to a job is a reference to a hidden task of the job, the same for all references.
func TestJobsAsTasks(t *testing.T) {
	in := testInputs(t)
	f := parseFile(t, in, withJobs)
	spec, diags := f.Evaluate(in, []Target{{Name: "test"}, {Name: "words"}})
	if diags.HasErrors() {
		t.Fatal(diagnosticsText(f, diags))
	}
	var needs []string
	for _, d := range spec.Tasks["test"].DependsOn {
		needs = append(needs, d.Task)
	}
	if want := []string{"job.migrate", "dry", "job.seed"}; !slices.Equal(needs, want) {
		t.Errorf("test needs %v, want %v", needs, want)
	}
	migrate, dry := spec.Tasks["job.migrate"], spec.Tasks["dry"]
	if !migrate.IsJob || !migrate.IsJobRun || migrate.Service != "migrate" || migrate.Command != nil || migrate.Kind != ServiceTask || !migrate.RM {
		t.Errorf("the run of the job is %+v", migrate)
	}
	if !dry.IsJob || dry.IsJobRun || dry.Service != "migrate" || !slices.Equal(dry.Command, []string{"migrate", "--dry"}) {
		t.Errorf("the task with the job is %+v", dry)
	}
	with := spec.Tasks[spec.Tasks["words"].DependsOn[0].Task]
	if with == migrate || !slices.Equal(with.Command, []string{"--to", "7"}) {
		t.Errorf("the run with words is %+v", with)
	}
	resolved, diags := spec.Tasks["test"].Resolve(RunResults{Tasks: map[string]TaskResult{
		"job.migrate": {Stdout: "v7\n"}, "job.seed": {Stdout: "s"}, "dry": {},
	}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if diff := cmp.Diff([]string{"check", "v7", "schema s"}, resolved.Command); diff != "" {
		t.Error(diff)
	}
}

// Lists and completion leave the tasks of jobs out.
func TestJobsAreHiddenTasks(t *testing.T) {
	f := parseFile(t, testInputs(t), withJobs)
	var shown, hidden []string
	jobs := map[string]string{}
	for _, info := range f.Tasks() {
		if jobs[info.Name] = info.Job; info.Hidden {
			hidden = append(hidden, info.Name)
		} else {
			shown = append(shown, info.Name)
		}
	}
	if !slices.Equal(shown, []string{"test", "dry", "words"}) || !slices.Equal(hidden, []string{"job.seed", "job.migrate"}) {
		t.Errorf("shown %v, hidden %v", shown, hidden)
	}
	if want := map[string]string{"test": "", "words": "", "dry": "migrate", "job.seed": "seed", "job.migrate": "migrate"}; !cmp.Equal(want, jobs) {
		t.Error(cmp.Diff(want, jobs))
	}
}

// A task inherits and replaces jobs, services and images as the place of its command.
func TestExtendsReplacesTheJob(t *testing.T) {
	const bases = `
task "base" {
  %s
  env = { A = "1" }
}

task "t" {
  extends = [task.base]
  %s
}
`
	for _, test := range []struct{ base, own, service, image string }{
		{`job = "migrate"`, ``, "migrate", ""},
		{`job = "migrate"`, `job = "seed"`, "seed", ""},
		{`job = "migrate"`, `service = "web"`, "web", ""},
		{`job = "migrate"`, `image = "i"`, "", "i"},
		{`service = "web"`, `job = "seed"`, "seed", ""},
		{`image = "i"`, `job = "seed"`, "seed", ""},
	} {
		task := evaluateOne(t, testInputs(t), fmt.Sprintf(bases, test.base, test.own), "t")
		isJob := test.service == "migrate" || test.service == "seed"
		if task.Service != test.service || task.Image != test.image || task.IsJob != isJob || *task.Env["A"] != "1" {
			t.Errorf("%s under %s: %+v", test.base, test.own, task)
		}
	}
}

// Included files have jobs of their own.
func TestJobsOfIncludedFiles(t *testing.T) {
	in := testInputs(t)
	in.IncludedProject = func(string) (Project, error) { return namedProject{fakeProject{"db"}, "inner"}, nil }
	inner := Source{Name: "ns.hcl", Path: filepath.Join(in.Root, "ns.hcl"),
		Bytes: []byte("compose { project = \"inner\" }\n\ntask \"b\" { depends_on = [job.migrate] }\n")}
	f, diags := Parser{ReadInclude: includeFrom([]Source{inner})}.Parse([]Source{source(in, "include \"ns\" { source = \"ns.hcl\" }\n")})
	if diags.HasErrors() {
		t.Fatal(diagnosticsText(f, diags))
	}
	spec, diags := f.Evaluate(in, []Target{{Name: "ns:b"}})
	if diags.HasErrors() {
		t.Fatal(diagnosticsText(f, diags))
	}
	if run := spec.Tasks["ns:job.migrate"]; run == nil || run.Scope != "ns:" || run.Service != "migrate" {
		t.Errorf("%+v", spec.Tasks)
	}
}

func TestOnceOfAJob(t *testing.T) {
	in := testInputs(t)
	spec, diags := OnceSpec(in, "migrate", []string{"x"}, Options{})
	if diags.HasErrors() || !spec.Tasks["migrate"].IsJob {
		t.Errorf("%v, %+v", diags, spec)
	}
	for name, want := range map[string]string{
		"nightly": `job "nightly" cannot be run; compose.yaml:1:1: job "nightly" has triggers.manual: false, so only its schedule may run it.`,
		"migrat":  `unknown service "migrat"; Project "shop" has no service and no job of this name. Did you mean "migrate"?`,
	} {
		if _, diags := OnceSpec(in, name, nil, Options{}); len(diags) != 1 || diags[0].Summary+"; "+diags[0].Detail != want {
			t.Errorf("%s: %v", name, diags)
		}
	}
	block, err := OnceBlock(in, "m", "migrate", nil, Options{}, in.Root)
	if want := "task \"m\" {\n  job = \"migrate\"\n  rm  = false\n}\n"; block != want || err != nil {
		t.Errorf("%s, %v", block, err)
	}
}
