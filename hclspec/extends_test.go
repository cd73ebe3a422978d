package hclspec

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// extendCases have a task "t" that extends others, and an equal task written out.
var extendCases = map[string]struct{ file, same string }{
	"takes over": {
		`task "base" {
		  service = "web"
		  user    = "u"
		}
		task "t" {
		  extends = [task.base]
		  command = ["x"]
		}`,
		"service = \"web\"\nuser = \"u\"\ncommand = [\"x\"]"},
	"maps merge by key, lists do not": {
		`task "base" {
		  service  = "web"
		  env      = { A = 1, B = 1 }
		  labels   = { a = 1, b = 1 }
		  cap_add  = ["X"]
		  env_files = []
		}
		task "t" {
		  extends = [task.base]
		  env     = { B = 2, C = 2 }
		  labels  = { b = 2 }
		  cap_add = ["Y"]
		}`,
		"service = \"web\"\nenv = { A = 1, B = 2, C = 2 }\nlabels = { a = 1, b = 2 }\ncap_add = [\"Y\"]"},
	"later bases win, own wins": {
		`task "one" {
		  image = "one"
		  user  = "one"
		  workdir = "/one"
		  env   = { A = "one", B = "one", C = "one" }
		}
		task "two" {
		  user  = "two"
		  workdir = "/two"
		  env   = { B = "two", C = "two" }
		}
		task "t" {
		  extends = [task.one, task.two]
		  user    = "own"
		  env     = { C = "own" }
		}`,
		"image = \"one\"\nuser = \"own\"\nworkdir = \"/two\"\nenv = { A = \"one\", B = \"two\", C = \"own\" }"},
	"chains": {
		`task "a" {
		  image = "a"
		  env   = { A = "a", B = "a" }
		}
		task "b" {
		  extends = [task.a]
		  env     = { B = "b" }
		}
		task "t" {
		  extends = [task.b]
		}`,
		"image = \"a\"\nenv = { A = \"a\", B = \"b\" }"},
	"null takes away": {
		`task "base" {
		  service = "web"
		  user    = "u"
		  env     = { A = 1 }
		}
		task "t" {
		  extends = [task.base]
		  service = null
		  image   = "i"
		  user    = null
		  env     = null
		}`,
		"image = \"i\""},
	"what excludes takes the place": {
		`task "base" {
		  service       = "web"
		  script        = "echo"
		  shell         = ["bash", "-c"]
		  service_ports = true
		}
		task "t" {
		  extends = [task.base]
		  image   = "i"
		  command = ["x"]
		  ports   = ["1:1"]
		}`,
		"image = \"i\"\ncommand = [\"x\"]\nports = [\"1:1\"]"},
	"expressions see the extending task": {
		`locals {
		  me = self.name
		}
		task "base" {
		  env = { ME = local.me, WHAT = arg.what }
		  arg "what" {
		    default = "base"
		  }
		}
		task "t" {
		  extends = [task.base]
		  command = ["x", self.name]
		  arg "what" {
		    default = "own"
		  }
		}`,
		"command = [\"x\", \"t\"]\nenv = { ME = \"t\", WHAT = \"own\" }"},
	"blocks and dependencies": {
		`task "base" {
		  depends_on = [service.db, task.other]
		  watch {
		    paths = ["a"]
		  }
		}
		task "t" {
		  extends = [task.base]
		  command = ["x"]
		}
		task "other" {
		  command = ["y"]
		}`,
		"command = [\"x\"]\ndepends_on = [service.db, task.other]\nwatch {\n  paths = [\"a\"]\n}"},
	"attributes that mean nothing for the base": {
		`task "base" {
		  user    = "u"
		  workdir = "relative"
		  volumes = ["./a:/a"]
		  tty     = false
		}
		task "t" {
		  extends = [task.base]
		  image   = "i"
		  workdir = "/w"
		}`,
		"image = \"i\"\nuser = \"u\"\nworkdir = \"/w\"\nvolumes = [\"./a:/a\"]\ntty = false"},
}

// TestExtends compares a task that extends others with one that says the same itself.
func TestExtends(t *testing.T) {
	for name, c := range extendCases {
		t.Run(name, func(t *testing.T) {
			in := testInputs(t)
			got := evaluateOne(t, in, c.file, "t")
			want := evaluateOne(t, in, attributeFile(c.same), "t")
			if diff := cmp.Diff(want, got, ignoreRanges()); diff != "" {
				t.Errorf("-written out +extended\n%s", diff)
			}
			f := parseFile(t, in, c.file)
			if _, diags := f.Validate(in); diags.HasErrors() {
				t.Errorf("validate:\n%s", diagnosticsText(f, diags))
			}
		})
	}
}

func TestExtendsDisplayAttributes(t *testing.T) {
	f := parseFile(t, testInputs(t), `
task "base" {
  description = "The base"
  group       = "G"
  aliases     = ["b"]
  hidden      = true
  command     = ["x"]
}

task "t" {
  extends = [task.base]
}
`)
	decl := f.Tasks()[1]
	if decl.Description != "" || decl.Hidden || decl.Aliases != nil || decl.Group != "G" {
		t.Errorf("%+v", decl)
	}
}

// TestExtendsKeepsRanges: paths start at the file that they are written in, and path.module is its directory.
func TestExtendsKeepsRanges(t *testing.T) {
	in := testInputs(t)
	other := filepath.Join(in.Root, "more")
	f, diags := Parse([]Source{
		source(in, "task \"t\" {\n  extends = [task.base]\n  image   = \"i\"\n}\n"),
		{Name: "more/b.tasks.hcl", Path: filepath.Join(other, "b.tasks.hcl"),
			Bytes: []byte("task \"base\" {\n  command = [path.module]\n  volumes = [\"./a:/a\"]\n  image   = \"j\"\n}\n")},
	})
	if diags.HasErrors() {
		t.Fatal(diagnosticsText(f, diags))
	}
	spec, diags := f.Evaluate(in, []Target{{Name: "t"}})
	if diags.HasErrors() {
		t.Fatal(diagnosticsText(f, diags))
	}
	got := spec.Tasks["t"]
	if got.Command[0] != other || got.Volumes[0].Dir != other || got.Image != "i" {
		t.Errorf("command %q, volumes %v, image %q", got.Command, got.Volumes, got.Image)
	}
}
