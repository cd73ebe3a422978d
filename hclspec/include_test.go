package hclspec

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
)

const (
	includesNS = `
variable "stage" {
  default = "root"
}

locals {
  same = "of the root"
}

function "same" {
  result = "root()"
}

include "ns" {
  source    = "ns"
  variables = { stage = upper(var.stage), secret = "open-sesame" }
}

task "own" {
  extends = [task["ns:base"]]
  command = [local.same, same(), task["ns:v"].stdout, path.module]
}
`
	includedNS = `
variable "stage" {}

variable "secret" {
  sensitive = true
}

variable "rest" {
  default = "rest"
}

locals {
  same = "of ns"
}

function "same" {
  result = "ns()"
}

defaults {
  env = { FROM = "ns" }
}

include "deeper" {
  source = "deeper/x.hcl"
}

task "base" {
  aliases = ["b"]
  image   = "i"
  volumes = ["./data:/data"]
  env     = { BASE = local.same, AT = path.module }
  workdir = "/w"

  watch {
    paths  = ["src/**"]
    ignore = ["/abs/**"]
  }
}

task "t" {
  depends_on = [task["deeper:t"]]
  command    = [local.same, same(), var.stage, var.rest, var.secret, self.name, path.module, task.v.stdout]
}

task "v" {
  command = "v"
}
`
)

func parseIncluding(t *testing.T, in Inputs) *File {
	t.Helper()
	at := func(name, text string) Source {
		return Source{Name: name, Path: filepath.Join(in.Root, name), Bytes: []byte(text)}
	}
	sources := []Source{at("ns/Tasks.hcl", includedNS), at("ns/deeper/x.hcl", "task \"t\" {\n  command = \"true\"\n}\n")}
	f, diags := Parser{ReadInclude: includeFrom(sources)}.Parse([]Source{at("Tasks.hcl", includesNS)})
	if diags.HasErrors() {
		t.Fatal(diagnosticsText(f, diags))
	}
	return f
}

func evaluated(t *testing.T, in Inputs, name string) (*Spec, *Task) {
	t.Helper()
	f := parseIncluding(t, in)
	spec, diags := f.Evaluate(in, []Target{{Name: name}})
	if diags.HasErrors() {
		t.Fatal(diagnosticsText(f, diags))
	}
	task, diags := spec.Tasks[spec.Targets[0]].Resolve(RunResults{Tasks: map[string]TaskResult{"ns:v": {Stdout: "out"}}})
	if diags.HasErrors() {
		t.Fatal(diagnosticsText(f, diags))
	}
	return spec, task
}

func TestIncludedTask(t *testing.T) {
	in := testInputs(t)
	in.Vars = map[string]string{"stage": "flag"}
	ns := filepath.Join(in.Root, "ns")
	spec, task := evaluated(t, in, "ns:t")
	if diff := cmp.Diff([]string{"of ns", "ns()", "FLAG", "rest", "open-sesame", "ns:t", ns, "out"}, task.Command); diff != "" {
		t.Error(diff)
	}
	if task.Workdir != ns || *task.Env["FROM"] != "ns" || !slices.Equal(spec.Secrets, Secrets{"open-sesame"}) {
		t.Errorf("in %s, environment %v, secrets %q", task.Workdir, plainEnv(task.Env), spec.Secrets)
	}
	if deeper := spec.Tasks["ns:deeper:t"]; deeper == nil || deeper.Workdir != filepath.Join(ns, "deeper") {
		t.Errorf("the task of the included file's own include: %+v", deeper)
	}
}

// TestTaskOfIncludingFile: what it inherits keeps the names and paths of the file where it is written.
func TestTaskOfIncludingFile(t *testing.T) {
	in := testInputs(t)
	ns := filepath.Join(in.Root, "ns")
	_, task := evaluated(t, in, "own")
	if diff := cmp.Diff([]string{"of the root", "root()", "out", in.Root}, task.Command); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"BASE": "of ns", "AT": ns}, plainEnv(task.Env)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Volume{{Text: "./data:/data", Dir: ns}}, task.Volumes); diff != "" {
		t.Error(diff)
	}
	want := &Watch{Paths: []string{filepath.Join(ns, "src/**")}, Ignore: []string{"/abs/**"}, Debounce: defaultDebounce, OnBusy: BusyRestart}
	task.Watch.Range = hcl.Range{}
	if diff := cmp.Diff(want, task.Watch); diff != "" {
		t.Error(diff)
	}
}

func TestAliasInANamespace(t *testing.T) {
	if _, task := evaluated(t, testInputs(t), "ns:b"); task.Name != "ns:base" {
		t.Errorf("%s", task.Name)
	}
}

// namedProject is a compose project with a name and one service.
type namedProject struct {
	fakeProject
	name string
}

func (p namedProject) Name() string { return p.name }

// TestIncludedComposeProjects: a compose block is that of its file's tasks and of what it includes, and of nothing else.
func TestIncludedComposeProjects(t *testing.T) {
	in := testInputs(t)
	var loaded []string
	in.Project = func() (Project, error) {
		loaded = append(loaded, "")
		return namedProject{fakeProject{"web", "db"}, "outer"}, nil
	}
	in.IncludedProject = func(scope string) (Project, error) {
		loaded = append(loaded, scope)
		return namedProject{fakeProject{"db"}, "inner"}, nil
	}
	const (
		root = `
include "plain" { source = "plain/Tasks.hcl" }
include "infra" { source = "infra/Tasks.hcl" }

task "all" {
  depends_on = [service.db, task["plain:t"], task["infra:t"], task["infra:deeper:t"], task["heir"]]
}

task "heir" {
  extends = [task["infra:t"]]
}

service "db" {
  ready { tcp = 1 }
}
`
		plain = "task \"t\" {\n  service = \"web\"\n  command = [project.name]\n}\n"
		infra = `
compose {
  project = "inner"
}

include "deeper" { source = "deeper/Tasks.hcl" }

locals {
  name = project.name
}

service "db" {
  ready { tcp = 2 }
}

task "t" {
  service = "db"
  command = [local.name, service.db.image]
}
`
		deeper = "task \"t\" {\n  depends_on = [service.db]\n}\n"
	)
	at := func(name, text string) Source {
		return Source{Name: name, Path: filepath.Join(in.Root, name), Bytes: []byte(text)}
	}
	sources := []Source{at("plain/Tasks.hcl", plain), at("infra/Tasks.hcl", infra), at("infra/deeper/Tasks.hcl", deeper)}
	f, diags := Parser{ReadInclude: includeFrom(sources)}.Parse([]Source{at("Tasks.hcl", root)})
	if diags.HasErrors() {
		t.Fatal(diagnosticsText(f, diags))
	}
	if got := f.Scopes(); !slices.Equal(got, []string{"", "infra:"}) {
		t.Errorf("scopes %q", got)
	}
	block, diags := f.ComposeForScope(in, "infra:")
	if block.Project != "inner" || block.Dir != filepath.Join(in.Root, "infra") || len(diags) > 0 {
		t.Errorf("%+v %v", block, diags)
	}
	spec, diags := f.Evaluate(in, []Target{{Name: "all"}})
	if diags.HasErrors() {
		t.Fatal(diagnosticsText(f, diags))
	}
	for name, want := range map[string]struct {
		scope   string
		command []string
	}{
		"all": {}, "plain:t": {"", []string{"outer"}}, "infra:t": {"infra:", []string{"inner", "db:1"}},
		"infra:deeper:t": {"infra:", nil}, "heir": {"", []string{"outer", "db:1"}},
	} {
		task := spec.Tasks[name]
		if task.Scope != want.scope || !slices.Equal(task.Command, want.command) {
			t.Errorf("%s: scope %q, command %q", name, task.Scope, task.Command)
		}
	}
	if outer, inner := spec.Readiness["db"], spec.Readiness["infra:db"]; outer.Port != 1 || inner.Port != 2 {
		t.Errorf("readiness %v", spec.Readiness)
	}
	loaded = nil
	if _, diags = f.Evaluate(in, []Target{{Name: "infra:t"}}); diags.HasErrors() || !slices.Equal(loaded, []string{"infra:"}) {
		t.Errorf("only the task's own project is needed, but loaded are %q: %v", loaded, diags)
	}
}
