package hclspec

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const withDefaults = `
defaults {
  user          = "1000"
  env           = { A = "d", B = "d" }
  labels        = { team = "x", level = "1" }
  shell         = ["bash", "-c"]
  service_ports = true
  volumes       = [".:/src"]
  no_deps       = true
}

task "image" {
  image  = "i"
  env    = { B = "own", C = null }
  labels = { level = null, own = "2" }
}

task "service" {
  service = "web"
  script  = "true"
  user    = null
  env     = null
  volumes = []
}

task "published" {
  service = "web"
  ports   = ["1:1"]
  labels  = local.none
}

task "host" {
  command = "true"
}

task "group" {
  depends_on = [task.host]
}

locals {
  none = null
}
`

func TestDefaults(t *testing.T) {
	in := testInputs(t)
	task := func(name string) *Task { return evaluateOne(t, in, withDefaults, name) }

	image := task("image")
	if image.User != "1000" || !image.NoDeps || image.ServicePorts {
		t.Errorf("image: %+v", image)
	}
	if diff := cmp.Diff(map[string]string{"A": "d", "B": "own", "C": "(unset)"}, plainEnv(image.Env)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"team": "x", "own": "2"}, image.Labels); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Volume{{Text: ".:/src", Dir: in.Root}}, image.Volumes); diff != "" {
		t.Error(diff)
	}

	service := task("service")
	if service.User != "" || service.Env != nil || service.Volumes != nil || !service.ServicePorts {
		t.Errorf("service: %+v", service)
	}
	if !slices.Equal(service.Command, []string{"bash", "-c", "true", "service"}) {
		t.Errorf("command %q", service.Command)
	}
	if published := task("published"); published.ServicePorts || published.Labels != nil {
		t.Errorf("published: %+v", published)
	}
	if host := task("host"); host.User != "" || plainEnv(host.Env)["A"] != "d" || host.Labels != nil {
		t.Errorf("host: %+v", host)
	}
	if group := task("group"); !group.NoDeps || group.Env != nil {
		t.Errorf("group: %+v", group)
	}
}

// TestDefaultsAtRunTime: layers that wait for a task keep their order, whichever of them waits.
func TestDefaultsAtRunTime(t *testing.T) {
	for name, env := range map[string][2]string{
		"beneath": {`{ V = self.name == "v" ? "" : task.v.stdout, W = "d" }`, `{ W = "own" }`},
		"above":   {`{ V = "d", W = "d" }`, `{ V = task.v.stdout, W = "own" }`},
	} {
		t.Run(name, func(t *testing.T) {
			text := "task \"v\" {\n  image = \"i\"\n}\n\ntask \"t\" {\n  command = \"true\"\n  env = " + env[1] + "\n}\n"
			if name == "above" {
				text += "defaults {\n  env = " + env[0] + "\n}\n"
			} else {
				text += "defaults {\n  env = local.e\n}\n\nlocals {\n  e = { V = \"d\", W = \"d\" }\n}\n"
			}
			task := evaluateOne(t, testInputs(t), text, "t")
			done, diags := task.Resolve(RunResults{Tasks: map[string]TaskResult{"v": {Stdout: "out\n"}}})
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			want := map[string]string{"V": "out", "W": "own"}
			if name == "beneath" {
				want["V"] = "d"
			}
			if diff := cmp.Diff(want, plainEnv(done.Env)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestDefaultsPathsStartAtTheirFile: paths of defaults in another directory than the task's.
func TestDefaultsPathsStartAtTheirFile(t *testing.T) {
	in := testInputs(t)
	f, diags := Parse([]Source{
		source(in, "task \"t\" {\n  command = \"true\"\n}\n"),
		{Name: "sub/x.tasks.hcl", Path: filepath.Join(in.Root, "sub", "x.tasks.hcl"), Bytes: []byte("defaults {\n  workdir = \"w\"\n}\n")},
	})
	if diags.HasErrors() {
		t.Fatal(diagnosticsText(f, diags))
	}
	spec, diags := f.Evaluate(in, []Target{{Name: "t"}})
	if diags.HasErrors() {
		t.Fatal(diagnosticsText(f, diags))
	}
	if want := filepath.Join(in.Root, "sub", "w"); spec.Tasks["t"].Workdir != want {
		t.Errorf("%s, not %s", spec.Tasks["t"].Workdir, want)
	}
}

func TestGroupAndMatrixOfDefaults(t *testing.T) {
	in := testInputs(t)
	f := parseFile(t, in, `
defaults {
  group  = "All"
  matrix = { v = ["1", "2"] }
  env    = { V = matrix.v }
}

task "t" {
  command = "x"
}

task "own" {
  group   = "Mine"
  matrix  = { v = ["3"] }
  command = "x"
}
`)
	for _, decl := range f.Tasks() {
		if want := map[string]string{"t": "All", "own": "Mine"}[decl.Name]; decl.Group != want {
			t.Errorf("%s is in %q", decl.Name, decl.Group)
		}
	}
	for name, want := range map[string]string{"t@v=2": "2", "own@v=3": "3"} {
		spec, diags := f.Evaluate(in, []Target{{Name: name}})
		if diags.HasErrors() {
			t.Fatal(diagnosticsText(f, diags))
		}
		if got := *spec.Tasks[name].Env["V"]; got != want {
			t.Errorf("%s has %q", name, got)
		}
	}
}

// TestDefaultsWithDetach: what needs somebody who stays means nothing to a detached task, whoever detaches it. Written in
// the task itself it stays a mistake.
func TestDefaultsWithDetach(t *testing.T) {
	in := testInputs(t)
	f := parseFile(t, in, `
defaults {
  timeout       = "1m"
  allow_failure = [1]
}

task "detached" {
  image  = "i"
  detach = true
}

task "own" {
  image   = "i"
  detach  = true
  timeout = "1m"
}

task "stays" {
  image   = "i"
  command = [task.v.stdout]
}

task "v" {
  command = "v"
}
`)
	for name, c := range map[string]struct {
		wrong bool
		want  time.Duration
	}{
		"detached": {},
		"own":      {wrong: true},
		"stays":    {want: time.Minute},
	} {
		spec, diags := f.Evaluate(in, []Target{{Name: name}})
		if diags.HasErrors() != c.wrong {
			t.Errorf("%s:\n%s", name, diagnosticsText(f, diags))
			continue
		}
		if !c.wrong && (spec.Tasks[name].Timeout != c.want || spec.Tasks[name].AllowFailure.Allows(1) != (c.want > 0)) {
			t.Errorf("%s: %s, %v", name, spec.Tasks[name].Timeout, spec.Tasks[name].AllowFailure)
		}
	}
	spec, diags := f.Evaluate(in, []Target{{Name: "stays", Options: Options{Detach: new(true)}}})
	if diags.HasErrors() {
		t.Fatal(diagnosticsText(f, diags))
	}
	task, diags := spec.Tasks["stays"].Resolve(RunResults{Tasks: map[string]TaskResult{"v": {Stdout: "x"}}})
	if diags.HasErrors() || task.Timeout != 0 || task.AllowFailure.Allows(1) {
		t.Errorf("%s, %v, %v", task.Timeout, task.AllowFailure, diags)
	}
}
