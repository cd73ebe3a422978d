package hclspec

import (
	"slices"
	"testing"
)

func TestRequiredVersion(t *testing.T) {
	for _, c := range []struct {
		version, required string
		fits              bool
	}{
		{"v1.2.3", ">= 1.2", true},
		{"v1.2.3", "~> 1.2.0, != 1.2.4", true},
		{"v1.2.3", "1.2.3", true},
		{"v1.2.3", "< 1.2", false},
		{"v2.0.0", "~> 1.0", false},
		{"v1.3.0-rc.1", ">= 1.2", false}, // as in Terraform: an early version only where it is named
		{"v1.3.0-rc.1", ">= 1.3.0-rc.1", true},
		{"devel-0123456789ab", ">= 99", true},
		{"v0.0.0-20260101000000-0123456789ab", ">= 99", true},
		{"", ">= 99", true},
	} {
		text := "tasks {\n  required_version = \"" + c.required + "\"\n}\n"
		in := testInputs(t)
		f, diags := Parser{Version: c.version}.Parse([]Source{source(in, text)})
		if diags.HasErrors() == c.fits {
			t.Errorf("%s for %s: %s", c.version, c.required, diagnosticsText(f, diags))
		}
	}
}

func TestDefaultTask(t *testing.T) {
	in := testInputs(t)
	for text, want := range map[string][]string{
		"tasks {\n  default = task.lint\n}\n":                  {"lint"},
		"tasks {\n  default = task[\"a.b\"]\n}\n":              {"a.b"},
		"tasks {\n  default = [task.lint, task[\"a.b\"]]\n}\n": {"lint", "a.b"},
		"tasks {\n  required_version = \">= 1\"\n}\n":          nil,
		"": nil,
	} {
		f := parseFile(t, in, text+"task \"lint\" {\n  command = \"true\"\n}\n\ntask \"a.b\" {\n  command = \"true\"\n}\n")
		if got := f.DefaultTasks(); !slices.Equal(got, want) {
			t.Errorf("%q for\n%s", got, text)
		}
	}
}
