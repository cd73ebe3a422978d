package hclspec_test

import (
	"testing"

	"tasks/hclspec"
)

// TestProjectName: errors beside the name do not hide the name, and a name without a value is no name.
func TestProjectName(t *testing.T) {
	for name, test := range map[string]struct {
		file, want string
		isUnknown  bool
	}{
		"no block":        {file: `task "a" { command = ["x"] }`},
		"no name":         {file: `compose { files = ["x.yaml"] }`},
		"a literal":       {file: `compose { project = "shop" }`, want: "shop"},
		"a default":       {file: "variable \"p\" { default = \"shop\" }\ncompose { project = var.p }", want: "shop"},
		"a local":         {file: "locals { p = \"shop\" }\ncompose { project = \"${local.p}-x\" }", want: "shop-x"},
		"no value":        {file: "variable \"p\" { type = string }\ncompose { project = var.p }", isUnknown: true},
		"an unknown name": {file: "compose { project = var.nosuch }", isUnknown: true},
		"another attribute": {
			file: "compose {\n  files = [var.nosuch]\n  project = \"shop\"\n}", want: "shop",
		},
		"an unknown block":       {file: "tusk \"a\" {}\ncompose { project = \"shop\" }", want: "shop"},
		"a required version":     {file: "tasks { required_version = \">= 99\" }\ncompose { project = \"shop\" }", want: "shop"},
		"a cycle":                {file: "locals {\n  a = local.b\n  b = local.a\n}\ncompose { project = local.a }", isUnknown: true},
		"behind an open quote":   {file: "task \"a\" { command = [\"x }\n\ncompose {\n  project = \"shop\"\n}\n", want: "shop"},
		"behind an open bracket": {file: "task \"a\" {\n  command = [\"x\"\n}\ncompose { project = \"shop\" }", want: "shop"},
		"behind an open brace":   {file: "task \"a\" {\n\ncompose {\n  files = [\"x\"]\n  project = \"shop\"\n}\n", want: "shop"},
		"an error in the block":  {file: "compose {\n  files = [\n  project = \"shop\"\n}\n", want: "shop"},
		"computed behind an error": {
			file: "task \"a\" { command = [\"x }\n\ncompose {\n  project = var.p\n}\n", isUnknown: true,
		},
		"another block behind an error": {file: "task \"a\" { command = [\"x }\n\ncompose {\n}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			file, _ := hclspec.Parse([]hclspec.Source{{Name: "Tasks.hcl", Path: "/x/Tasks.hcl", Bytes: []byte(test.file)}})
			in := hclspec.Inputs{Root: "/x", Env: func(string) (string, bool) { return "", false }}
			got, isKnown := file.ProjectName(in)
			if got != test.want || isKnown == test.isUnknown {
				t.Errorf("%q, %t; want %q, %t", got, isKnown, test.want, !test.isUnknown)
			}
			file.KnownSecrets(in) // must end, whatever the errors
		})
	}
}
