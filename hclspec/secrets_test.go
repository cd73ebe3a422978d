package hclspec

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const withSecret = `
variable "key" {
  sensitive = true
  type      = any
}

locals {
  header = "Bearer ${var.key}"
}

`

func TestSecrets(t *testing.T) {
	for name, c := range map[string]struct {
		key, command string
		want         Secrets
	}{
		"itself":           {`"open-sesame"`, `[var.key]`, Secrets{"open-sesame"}},
		"not reached":      {`"open-sesame"`, `["x"]`, nil},
		"part of a text":   {`"open-sesame"`, `["x", local.header]`, Secrets{"Bearer open-sesame", "open-sesame"}},
		"made of it":       {`"open"`, `["x", upper(var.key), length(var.key)]`, Secrets{"OPEN", "open"}},
		"numbers":          {`12345`, `["x", var.key + 1]`, Secrets{"12345", "12346"}},
		"short":            {`"abc"`, `["x", var.key]`, nil},
		"a bool":           {`true`, `["x", var.key]`, nil},
		"deep":             {`{ a = ["first", { b = "second" }], c = null }`, `["x", var.key.a[0]]`, Secrets{"second", "first"}},
		"several lines":    {`"one line\nx\nother\n"`, `["x", var.key]`, Secrets{`one line\nx\nother`, "one line\nx\nother", "one line", "other"}},
		"quotes":           {`"it's \"it\""`, `["x", var.key]`, Secrets{`it'\''s "it"`, `it's \"it\"`, `it's "it"`}},
		"declared no more": {`"open-sesame"`, `["x", nonsensitive(var.key), upper(var.key)]`, Secrets{"OPEN-SESAME"}},
		"by a function":    {`"x"`, `["x", sensitive("hidden")]`, Secrets{"hidden"}},
		"chosen by it":     {`"open"`, `["x", var.key == "open" ? "yes-it-is" : "no"]`, Secrets{"yes-it-is", "open"}},
	} {
		t.Run(name, func(t *testing.T) {
			in := testInputs(t)
			in.Vars = map[string]string{"key": c.key}
			f := parseFile(t, in, withSecret+"task \"t\" {\n  command = "+c.command+"\n}\n")
			spec, diags := f.Evaluate(in, []Target{{Name: "t"}})
			if diags.HasErrors() {
				t.Fatal(diagnosticsText(f, diags))
			}
			if diff := cmp.Diff(c.want, spec.Secrets); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestSecretsOfTheRun: what is made of a secret and of a task's output is a secret too.
func TestSecretsOfTheRun(t *testing.T) {
	in := testInputs(t)
	in.Vars = map[string]string{"key": `"open-sesame"`}
	text := withSecret + "task \"v\" {\n  command = \"v\"\n}\n\ntask \"t\" {\n  command = [\"x\", \"${task.v.stdout}:${var.key}\"]\n}\n"
	task := evaluateOne(t, in, text, "t")
	done, diags := task.Resolve(RunResults{Tasks: map[string]TaskResult{"v": {Stdout: "out\n"}}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if done.Command[1] != "out:open-sesame" || !slices.Equal(done.Secrets, Secrets{"out:open-sesame", "open-sesame"}) {
		t.Errorf("command %q, secrets %q", done.Command, done.Secrets)
	}
}

// TestSecretsInNames: a run that is given a secret among its words has none in its name, which is in labels and names of files.
func TestSecretsInNames(t *testing.T) {
	in := testInputs(t)
	in.Vars = map[string]string{"key": `"open-sesame"`}
	f := parseFile(t, in, withSecret+`
task "build" {
  arg "key" {}
  command = ["build", arg.key]
}

task "middle" {
  arg "key" {}
  command = ["middle"]

  depends {
    task = task.build
    args = ["pre-${arg.key}"]
  }
}

task "t" {
  command = ["x"]

  depends {
    task = task.middle
    args = [var.key]
  }

  depends {
    task = task.build
    args = [local.header]
  }

  depends {
    task = task.build
    args = [upper(var.key)]
  }
}
`)
	spec, diags := f.Evaluate(in, []Target{{Name: "t"}})
	if diags.HasErrors() {
		t.Fatal(diagnosticsText(f, diags))
	}
	got := slices.Sorted(maps.Keys(spec.Tasks))
	want := []string{"build('***')", "build(***)", "build(pre-***)", "middle(***)", "t"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestMaskingOfText(t *testing.T) {
	secrets := Secrets{"secret-and-more", "secret"}
	if got := secrets.Mask("a secret, secret-and-more, secre"); got != "a ***, ***, secre" {
		t.Error(got)
	}
	if got := Secrets(nil).Mask("a secret"); got != "a secret" {
		t.Error(got)
	}
}

// TestHiddenStdout: a task with a stdout that another task declares sensitive shows none, also through locals.
func TestHiddenStdout(t *testing.T) {
	in := testInputs(t)
	f := parseFile(t, in, `
locals {
  login = task.direct.stdout
}

task "direct" { command = ["x"] }
task "used" { command = ["x", task.direct.stdout] }
task "open" { command = ["x"] }
task "after" {
  command = ["x", sensitive("a ${task.used.stdout}"), sensitive(local.login), task.open.stdout]
}
`)
	spec, diags := f.Evaluate(in, []Target{{Name: "after"}})
	if diags.HasErrors() {
		t.Fatal(diagnosticsText(f, diags))
	}
	for name, want := range map[string]bool{"direct": true, "used": true, "open": false, "after": false} {
		if got := spec.Tasks[name].IsStdoutHidden; got != want {
			t.Errorf("the stdout of %s is hidden: %t", name, got)
		}
	}
	results := RunResults{Tasks: map[string]TaskResult{"direct": {Stdout: "x"}}}
	if resolved, diags := spec.Tasks["used"].Resolve(results); diags.HasErrors() || !resolved.IsStdoutHidden || !resolved.IsCaptured {
		t.Errorf("resolved: %+v, %v", resolved, diags)
	}
}
