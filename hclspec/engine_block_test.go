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
engine "farm" {
  hosts = ["ssh://deploy@a", "ssh://deploy@b"]
  slots = 2
}
engine "swarm" {
  swarm   = "ssh://deploy@manager1"
  connect = "ssh://deploy@{address}"
  nodes   = { ci = true }
  images  = "load"
  spread  = "stack"
}
task "t" {
  command = ["true"]
}
`)
	if names := f.EngineNames(); !cmp.Equal(names, []string{"ci", "lab.2", "farm", "swarm"}) {
		t.Errorf("the engines are %q", names)
	}
	for _, want := range []Engine{
		{Name: "ci", Host: "ssh://deploy@build1", Binds: []string{"/srv/data", "/opt"}},
		{Name: "lab.2", Context: "lab"},
		{Name: "farm", Hosts: []string{"ssh://deploy@a", "ssh://deploy@b"}, Slots: 2},
		{Name: "swarm", Swarm: "ssh://deploy@manager1", Connect: "ssh://deploy@{address}", Nodes: map[string]string{"ci": "true"}},
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
		"engine \"x\" {\n  host = \"ssh://a\"\n  context = \"b\"\n}\n":                   "Tasks.hcl:3:3: error: host and context together",
		"engine \"x\" {\n  host = \"build1\"\n}\n":                                       "Tasks.hcl:2:10: ",
		"engine \"x\" {\n  hots = \"ssh://a\"\n}\n":                                      `Did you mean "host"?`,
		"engine \"x\" {\n  host = \"ssh://a\"\n  binds = [\"data\"]\n}\n":                "absolute path",
		"engine \"x\" {\n  host = \"ssh://${task.a.stdout}\"\n}\n":                       "engine block",
		"engine \"x\" {\n  context = \"a\"\n}\nengine \"x\" {\n  context = \"b\"\n}\n":   `duplicate engine "x"`,
		"engine \"x\" {\n  hosts = [\"ssh://a\"]\n  swarm = \"ssh://b\"\n}\n":            "Tasks.hcl:3:3: error: hosts and swarm together",
		"engine \"x\" {\n  hosts = []\n}\n":                                              "It names no engine",
		"engine \"x\" {\n  hosts = [\"ssh://a\", \"build1\"]\n}\n":                       `"build1" must begin with`,
		"engine \"x\" {\n  hosts = [\"ssh://a\", \"ssh://a\"]\n}\n":                      "in the list twice",
		"engine \"x\" {\n  host = \"ssh://a\"\n  slots = 2\n}\n":                         "Tasks.hcl:3:3: error: slots without several engines",
		"engine \"x\" {\n  hosts = [\"ssh://a\"]\n  nodes = { a = \"b\" }\n}\n":          "nodes without swarm",
		"engine \"x\" {\n  hosts = [\"ssh://a\"]\n  slots = 0\n}\n":                      "0 is not a whole number from 1",
		"engine \"x\" {\n  hosts = [\"ssh://a\"]\n  images = \"registry.local/ci\"\n}\n": `"registry.local/ci" is not supported`,
		"engine \"x\" {\n  hosts = [\"ssh://a\"]\n  spread = \"service\"\n}\n":           `"service" is not supported: services that share`,
		"engine \"x\" {\n  swarm = \"ssh://a\"\n  connect = \"ssh://b\"\n}\n":            "It must contain {address} or {hostname}",
		"engine \"x\" {\n  swarm = \"ssh://a\"\n  nodes = { ci = null }\n}\n":            "Label ci needs a value",
		"engine \"a b\" {\n  context = \"a\"\n}\n":                                       "invalid name of an engine",
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
