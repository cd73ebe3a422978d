package hclspec

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec/internal/diag"
)

// variableCases declare variable "x" and give it values; the task's command shows what it became.
var variableCases = []struct {
	name, block, flag, env string
	// given and found are the texts of value files.
	given, found []string
	want         []string
}{
	{name: "default", block: `default = "d"`, want: []string{"d"}},
	{name: "environment over default", block: `default = "d"`, env: "e", want: []string{"e"}},
	{name: "flag over environment", block: `default = "d"`, env: "e", flag: "f", want: []string{"f"}},
	{name: "required", flag: "f", want: []string{"f"}},
	{name: "text stays as it is", flag: ` ["a"] `, want: []string{` ["a"] `}},
	{name: "null default", block: `default = null`, want: []string{}},
	{name: "number", block: `type = number`, flag: " 12 ", want: []string{"12"}},
	{name: "bool", block: `type = bool`, env: "true", want: []string{"true"}},
	{name: "list", block: `type = list(string)`, flag: `["a", "b"]`, want: []string{"a", "b"}},
	{name: "list of other things", block: `type = list(string)`, flag: `[1, true]`, want: []string{"1", "true"}},
	{name: "type of the default", block: `default = ["d"]`, flag: `["a", "b"]`, want: []string{"a", "b"}},
	{name: "number of the default", block: `default = 1`, flag: `2`, want: []string{"2"}},
	{name: "converted default", block: "type = string\ndefault = 1", want: []string{"1"}},
	{name: "any", block: "type = any", flag: `["a", 1]`, want: []string{"a", "1"}},
	{name: "set", block: "type = set(string)", flag: `["b", "a", "b"]`, want: []string{"a", "b"}},
	{name: "found file over default", block: `default = "d"`, found: []string{"x = \"a\"", "x = \"b\""}, want: []string{"b"}},
	{name: "environment over found file", env: "e", found: []string{"x = \"a\""}, want: []string{"e"}},
	{name: "given file over environment", env: "e", given: []string{"x = \"a\"", "x = \"b\""}, found: []string{"x = \"c\""}, want: []string{"b"}},
	{name: "flag over given file", flag: "f", given: []string{"x = \"a\""}, want: []string{"f"}},
	{name: "type of a file's value", block: `type = list(string)`, given: []string{"x = [1, true]"}, want: []string{"1", "true"}},
	{name: "null is a value", block: `default = "d"`, given: []string{"x = null"}, want: []string{}},
	{name: "null is none", block: "default = \"d\"\nnullable = false", given: []string{"x = null"}, want: []string{"d"}},
	{name: "validated", block: "validation {\n  condition = var.x == \"f\"\n  error_message = \"no\"\n}", flag: "f", want: []string{"f"}},
	{name: "default with functions", block: `default = join("-", [platform.os, env("NOPE", "n")])`, want: []string{"linux-n"}},
}

func TestVariables(t *testing.T) {
	for _, c := range variableCases {
		t.Run(c.name, func(t *testing.T) {
			in := testInputs(t)
			if c.env != "" {
				in = inputsIn(in.Root, map[string]string{"TASKS_VAR_x": c.env})
			}
			if c.flag != "" {
				in.Vars = map[string]string{"x": c.flag}
			}
			text := "variable \"x\" {\n" + c.block + "\n}\n\ntask \"t\" {\n  command = [\"run\", var.x]\n}\n"
			f, diags := Parser{VariableFiles: VariableFiles{Explicit: valueFiles("given", c.given), Automatic: valueFiles("found", c.found)}}.Parse([]Source{source(in, text)})
			if diags.HasErrors() {
				t.Fatal(diagnosticsText(f, diags))
			}
			spec, diags := f.Evaluate(in, []Target{{Name: "t"}})
			if diags.HasErrors() {
				t.Fatal(diagnosticsText(f, diags))
			}
			task := spec.Tasks["t"]
			if diff := cmp.Diff(c.want, task.Command[1:]); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func valueFiles(name string, texts []string) []Source {
	var sources []Source
	for i, text := range texts {
		sources = append(sources, Source{Name: fmt.Sprint(name, i), Bytes: []byte(text + "\n")})
	}
	return sources
}

func TestOptionalAttributesOfAVariable(t *testing.T) {
	in := testInputs(t)
	in.Vars = map[string]string{"x": `{ name = "n" }`}
	task := evaluateOne(t, in, `
variable "x" {
  type = object({ name = string, port = optional(number, 80) })
}

task "t" {
  command = [var.x.name, var.x.port, var["x"].name]
}
`, "t")
	if diff := cmp.Diff([]string{"n", "80", "n"}, task.Command); diff != "" {
		t.Error(diff)
	}
}

func TestUnknownVariableOfTheEnvironmentIsAWarning(t *testing.T) {
	in := inputsIn(t.TempDir(), map[string]string{"TASKS_VAR_tga": "x", "OTHER": "y"})
	f := parseFile(t, in, "variable \"tag\" {\n  default = \"d\"\n}\n\ntask \"t\" {\n  command = [var.tag]\n}\n")
	spec, diags := f.Evaluate(in, []Target{{Name: "t"}})
	if spec == nil || len(diags) != 1 || diags[0].Severity != hcl.DiagWarning {
		t.Fatalf("spec %v with\n%s", spec, diagnosticsText(f, diags))
	}
}

func TestCompose(t *testing.T) {
	in := inputsIn("/project", map[string]string{"STAGE": "ci"})
	f := parseFile(t, in, `
variable "project" {
  default = "shop"
}

locals {
  stage = env("STAGE")
}

compose {
  files             = ["compose.yaml", "../other/compose.${local.stage}.yaml", "/abs.yaml", null]
  project           = var.project
  profiles          = [local.stage]
  env_files         = [".env"]
  project_directory = "sub"
}
`)
	got, diags := f.Compose(in)
	if len(diags) > 0 {
		t.Fatal(diagnosticsText(f, diags))
	}
	want := Compose{
		Dir:     "/project",
		Files:   []string{"/project/compose.yaml", "/other/compose.ci.yaml", "/abs.yaml"},
		Project: "shop", Profiles: []string{"ci"}, EnvFiles: []string{"/project/.env"}, ProjectDirectory: "/project/sub",
	}
	if diff := cmp.Diff(want, got, ignoreRanges()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got := diag.PosText(got.Range); got != "Tasks.hcl:10:1" {
		t.Errorf("the block is at %s", got)
	}
}

func TestComposeWithoutBlock(t *testing.T) {
	in := testInputs(t)
	f := parseFile(t, in, `task "t" { command = "x" }`)
	got, diags := f.Compose(in)
	if diff := cmp.Diff(Compose{Dir: in.Root}, got); diff != "" || len(diags) > 0 {
		t.Errorf("%s%s", diff, diagnosticsText(f, diags))
	}
}

func TestComposeCallsOnlyNeededInputs(t *testing.T) {
	in := testInputs(t)
	f := parseFile(t, in, "variable \"needed\" {}\n\ncompose {\n  project = \"p\"\n}\n\ntask \"t\" {\n  command = [var.needed]\n}\n")
	if got, diags := f.Compose(in); len(diags) > 0 || got.Project != "p" {
		t.Errorf("%+v\n%s", got, diagnosticsText(f, diags))
	}
}

// TestValidateChecksGivenValues: wherever they come from, though no task uses the variable.
func TestValidateChecksGivenValues(t *testing.T) {
	in := testInputs(t)
	for name, p := range map[string]Parser{
		"a given file": {VariableFiles: VariableFiles{Explicit: valueFiles("given", []string{"n = \"no\""})}},
		"a found file": {VariableFiles: VariableFiles{Automatic: valueFiles("found", []string{"n = \"no\""})}},
		"environment":  {},
	} {
		if name == "environment" {
			in = inputsIn(in.Root, map[string]string{"TASKS_VAR_n": "no"})
		} else {
			in = inputsIn(in.Root, nil)
		}
		f, diags := p.Parse([]Source{source(in, "variable \"n\" {\n  type = number\n}\n")})
		if diags.HasErrors() {
			t.Fatal(diagnosticsText(f, diags))
		}
		if _, diags := f.Validate(in); !diags.HasErrors() {
			t.Errorf("%s: nothing is said", name)
		}
	}
}
