package hclspec

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEngineBlock(t *testing.T) {
	in := testInputs(t)
	f := parseFile(t, in, `
variable "machine" {
  default = "build1"
}
engine "ci" {
  host  = "ssh://deploy@${var.machine}"
  binds = ["/srv/data/", "/opt"]
}
engine "lab.2" {
  context = "lab"
  binds   = null
}
task "t" {
  command = ["true"]
}
`)
	if names := f.EngineNames(); !cmp.Equal(names, []string{"ci", "lab.2"}) {
		t.Errorf("the engines are %q", names)
	}
	for _, want := range []Engine{
		{Name: "ci", Host: "ssh://deploy@build1", Binds: []string{"/srv/data", "/opt"}},
		{Name: "lab.2", Context: "lab"},
	} {
		got, diags := f.Engine(in, want.Name)
		if diff := cmp.Diff(want, got); diff != "" || diags.HasErrors() {
			t.Errorf("-want +got\n%s%s", diff, diagnosticsText(f, diags))
		}
	}
}

func TestWrongEngineBlocks(t *testing.T) {
	for text, want := range map[string]string{
		"engine \"x\" {\n}\n": `Tasks.hcl:1:1: error: engine "x" has no address`,
		"engine \"x\" {\n  host = \"ssh://a\"\n  context = \"b\"\n}\n":                 "Tasks.hcl:3:3: error: host and context together",
		"engine \"x\" {\n  host = \"build1\"\n}\n":                                     "Tasks.hcl:2:10: ",
		"engine \"x\" {\n  hots = \"ssh://a\"\n}\n":                                    `Did you mean "host"?`,
		"engine \"x\" {\n  host = \"ssh://a\"\n  binds = [\"data\"]\n}\n":              "absolute path",
		"engine \"x\" {\n  host = \"ssh://${task.a.stdout}\"\n}\n":                     "engine block",
		"engine \"x\" {\n  context = \"a\"\n}\nengine \"x\" {\n  context = \"b\"\n}\n": `duplicate engine "x"`,
		"engine \"a b\" {\n  context = \"a\"\n}\n":                                     "invalid name of an engine",
	} {
		in := testInputs(t)
		f, diags := Parse([]Source{{Name: "Tasks.hcl", Path: "/project/Tasks.hcl", Bytes: []byte(text + "task \"a\" {\n  command = [\"true\"]\n}\n")}})
		if !diags.HasErrors() {
			_, diags = f.Validate(in)
		}
		if got := diagnosticsText(f, diags); !strings.Contains(got, want) {
			t.Errorf("%s\ngives %q\nand not %q", text, got, want)
		}
	}
}
