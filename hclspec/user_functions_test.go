package hclspec

import (
	"slices"
	"testing"
)

const withFunctions = `
variable "registry" {
  default = "r"
}

locals {
  tag = tag(self.name)
}

function "tag" {
  params = [name]
  result = upper(name)
}

function "image" {
  params         = [name]
  variadic_param = parts
  result         = join("/", concat([var.registry], parts, ["${name}:${local.tag}"]))
}

function "none" {
  result = null
}

function "first_word" {
  result = try(args[0], "no word")
}

function "twice" {
  params = [text]
  result = "${text}${text}"
}

function "of_v" {
  params = [n]
  result = "${task.v.stdout}${n}"
}

task "v" {
  command = "v"
}
`

func TestUserFunctions(t *testing.T) {
	for call, want := range map[string][]string{
		`image("app")`:                     {"r/app:T"},
		`image("app", "a", "b")`:           {"r/a/b/app:T"},
		`image(["app", "a"]...)`:           {"r/a/app:T"},
		`[none(), "x"]`:                    {"x"},
		`first_word()`:                     {"word"},
		`twice(twice("ab"))`:               {"abababab"},
		`[for x in ["a", "b"] : twice(x)]`: {"aa", "bb"},
		`try(twice([]), "else")`:           {"else"},
		`twice(sensitive("abc"))`:          {"abcabc"},
	} {
		task := evaluateOne(t, testInputs(t), withFunctions+"task \"t\" {\n  command = flatten([\"run\", "+call+"])\n}\n", "t", wordsOf(call)...)
		if !slices.Equal(task.Command[1:], want) {
			t.Errorf("%s: %q, not %q", call, task.Command[1:], want)
		}
	}
}

func wordsOf(call string) []string {
	if call == "first_word()" {
		return []string{"word"}
	}
	return nil
}

// TestUserFunctionOfDeferredValue: what a function uses of a task makes a dependency, and waits for it.
func TestUserFunctionOfDeferredValue(t *testing.T) {
	task := evaluateOne(t, testInputs(t), withFunctions+"task \"t\" {\n  command = [\"run\", of_v(1)]\n}\n", "t")
	if len(task.DependsOn) != 1 || task.DependsOn[0].Task != "v" || !slices.Equal(task.Deferred, []string{"command"}) {
		t.Fatalf("dependencies %v, deferred %q", task.DependsOn, task.Deferred)
	}
	done, diags := task.Resolve(RunResults{Tasks: map[string]TaskResult{"v": {Stdout: "out\n"}}})
	if diags.HasErrors() || done.Command[1] != "out1" {
		t.Errorf("%q, %v", done.Command, diags)
	}
}
