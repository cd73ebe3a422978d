package hclspec

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func pointerTo(s string) *string { return &s }

// attributeCases set attributes of task "t" and say what becomes of them.
var attributeCases = []struct {
	name, body string
	change     func(root string, want *Task)
}{
	{"defaults of a service", `service = "web"`, func(_ string, w *Task) { w.Kind, w.Service = ServiceTask, "web" }},
	{"service from a value", `service = "w${"eb"}"`, func(_ string, w *Task) { w.Kind, w.Service = ServiceTask, "web" }},
	{"image", `image = "alpine:3"`, func(_ string, w *Task) { w.Kind, w.Image = ImageTask, "alpine:3" }},
	{"env", "image = \"i\"\nenv = { A = 1, B = true, C = null, \"d.e\" = \"\" }", func(_ string, w *Task) {
		w.Kind, w.Image = ImageTask, "i"
		w.Env = map[string]*string{"A": pointerTo("1"), "B": pointerTo("true"), "C": nil, "d.e": pointerTo("")}
	}},
	{"labels without null", "image = \"i\"\nlabels = { a = 1, b = null }", func(_ string, w *Task) {
		w.Kind, w.Image, w.Labels = ImageTask, "i", map[string]string{"a": "1"}
	}},
	{"lists", "image = \"i\"\nports = [80, null, \"1:2\"]\nvolumes = [\"./a:/b\"]", func(_ string, w *Task) {
		w.Kind, w.Image, w.Ports, w.Volumes = ImageTask, "i", []string{"80", "1:2"}, []Volume{{Text: "./a:/b", Dir: w.Dir}}
	}},
	{"user and workdir", "image = \"i\"\nuser = 1000\nworkdir = \"/w\"", func(_ string, w *Task) {
		w.Kind, w.Image, w.User, w.Workdir = ImageTask, "i", "1000", "/w"
	}},
	{"bools", "image = \"i\"\nrm = false\ninteractive = \"false\"\nno_deps = true", func(_ string, w *Task) {
		w.Kind, w.Image, w.RM, w.Interactive, w.NoDeps = ImageTask, "i", false, false, true
	}},
	{"no-deps with a dash", "service = \"web\"\nno-deps = true", func(_ string, w *Task) {
		w.Kind, w.Service, w.NoDeps = ServiceTask, "web", true
	}},
	{"options of docker-compose run", "service = \"web\"\nservice_ports = true\nuse_aliases = true\ncap_add = [\"NET_ADMIN\"]\ncap_drop = [\"MKNOD\"]\ncontainer_name = \"one\"\ndetach = true", func(_ string, w *Task) {
		w.Kind, w.Service, w.ServicePorts, w.UseAliases, w.Detach = ServiceTask, "web", true, true, true
		w.CapAdd, w.CapDrop, w.ContainerName = []string{"NET_ADMIN"}, []string{"MKNOD"}, "one"
	}},
	{"tty", "image = \"i\"\ntty = true", func(_ string, w *Task) { w.Kind, w.Image, w.TTY = ImageTask, "i", TTYAlways }},
	{"no tty", "image = \"i\"\ntty = false", func(_ string, w *Task) { w.Kind, w.Image, w.TTY = ImageTask, "i", TTYNever }},
	{"auto tty", "image = \"i\"\ntty = \"auto\"", func(_ string, w *Task) { w.Kind, w.Image = ImageTask, "i" }},
	{"null leaves the default", "image = \"i\"\nrm = null\ntty = null\nenv = null\nports = null\nuser = null", func(_ string, w *Task) {
		w.Kind, w.Image = ImageTask, "i"
	}},
	{"stopping", "command = [\"x\"]\ntimeout = \"1h30m\"\nstop_signal = \"int\"\nstop_grace_period = \"500ms\"\nallow_failure = [1, 124]\nconfirm = \"Sure?\"",
		func(root string, w *Task) {
			w.Kind, w.Command, w.Workdir = HostTask, []string{"x"}, root
			w.Timeout, w.StopSignal, w.StopGracePeriod = 90*time.Minute, "SIGINT", 500*time.Millisecond
			w.AllowFailure, w.Confirm = AllowFailure{Codes: []int{1, 124}}, "Sure?"
		}},
	{"host", `command = ["x"]`, func(root string, w *Task) { w.Kind, w.Command, w.Workdir = HostTask, []string{"x"}, root }},
	{"host workdir", "command = [\"x\"]\nworkdir = \"a/../b\"", func(root string, w *Task) {
		w.Kind, w.Command, w.Workdir = HostTask, []string{"x"}, filepath.Join(root, "b")
	}},
	{"host workdir absolute", "command = [\"x\"]\nworkdir = \"/tmp\"", func(_ string, w *Task) {
		w.Kind, w.Command, w.Workdir = HostTask, []string{"x"}, "/tmp"
	}},
	{"group", `depends_on = [task.other, task["other"], service.db, service["db"], service.db.started, service.web.healthy, service.web.completed]`,
		func(_ string, w *Task) {
			w.DependsOn = []Dependency{
				{Task: "other"}, {Service: "db", Condition: Ready}, {Service: "db", Condition: Started},
				{Service: "web", Condition: Healthy}, {Service: "web", Condition: Completed},
			}
		}},
	{"watch", "service = \"web\"\nwatch {\n  paths = [\"a/**\"]\n  ignore = [\"b\", null]\n  debounce = \"1.5s\"\n}", func(_ string, w *Task) {
		w.Kind, w.Service = ServiceTask, "web"
		w.Watch = &Watch{Paths: []string{"a/**"}, Ignore: []string{"b"}, Debounce: 1500 * time.Millisecond, OnBusy: BusyRestart}
	}},
	{"all of watch", "service = \"web\"\nwatch {\n  graph = true\n  on_busy = \"queue\"\n  initial = false\n  clear = true\n  poll = true\n}",
		func(_ string, w *Task) {
			w.Kind, w.Service = ServiceTask, "web"
			w.Watch = &Watch{
				Debounce: defaultDebounce, Graph: true, OnBusy: BusyQueue, SkipInitial: true, Clear: true, Poll: true,
			}
		}},
	{"watch of a group", "depends_on = [task.other]\nwatch {\n}", func(_ string, w *Task) {
		w.DependsOn = []Dependency{{Task: "other"}}
		w.Watch = &Watch{Debounce: defaultDebounce, Graph: true, OnBusy: BusyRestart}
	}},
	{"empty watch", "service = \"web\"\nwatch {\n}", func(_ string, w *Task) {
		w.Kind, w.Service, w.Watch = ServiceTask, "web", &Watch{Debounce: defaultDebounce, OnBusy: BusyRestart}
	}},
	{"variables of compose files", `command = [compose.env.TAG, "${compose.env["REGISTRY"]}/x:${compose.env.TAG}", sensitive(compose.env.TAG)]`,
		func(root string, w *Task) {
			w.Kind, w.Workdir = HostTask, root
			w.Command = []string{"17", "example.org/x:17", "17"}
		}},
	{"names", `command = [self.name, path.root, path.module, path.cwd, platform.os, platform.arch, project.name, uid(), gid()]`,
		func(root string, w *Task) {
			w.Kind, w.Workdir = HostTask, root
			w.Command = []string{"t", root, root, filepath.Join(root, "sub"), "linux", "amd64", "shop", "1000", "1000"}
		}},
}

func attributeFile(body string) string {
	return "task \"t\" {\n" + body + "\n}\n\ntask \"other\" {\n  command = [\"y\"]\n}\n"
}

func TestAttributes(t *testing.T) {
	for _, c := range attributeCases {
		t.Run(c.name, func(t *testing.T) {
			in := testInputs(t)
			want := &Task{Name: "t", DeclaredName: "t", Interactive: true, RM: true, Policy: PolicyReuse, Dir: in.Root}
			c.change(in.Root, want)
			if diff := cmp.Diff(want, evaluateOne(t, in, attributeFile(c.body), "t"), ignoreRanges()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestOnlyReachedTasksAreEvaluated(t *testing.T) {
	in := testInputs(t)
	in.Project = func() (Project, error) {
		t.Error("the project is asked for, but no wanted task reaches a service")
		return fakeProject{}, nil
	}
	const file = `
variable "required" {}

locals {
  broken = tonumber("x")
  fine   = "a"
}

task "want" {
  command    = [local.fine]
  depends_on = [task.dep]
}

task "dep" {
  image   = "alpine"
  command = ["x", args]
}

task "other" {
  service = "nowhere"
  command = [var.required, local.broken, env("NOPE"), project.name]
}
`
	f := parseFile(t, in, file)
	spec, diags := f.Evaluate(in, []Target{{Name: "want"}})
	if len(diags) > 0 {
		t.Fatal(diagnosticsText(f, diags))
	}
	if len(spec.Tasks) != 2 || spec.Tasks["dep"] == nil {
		t.Errorf("reached %v, not want and dep", spec.Tasks)
	}
}

func TestArgumentsBelongToTargets(t *testing.T) {
	in := testInputs(t)
	const file = `
locals {
  words = [for w in args : upper(w)]
  me    = self.name
}

task "a" {
  command    = [local.me, local.words]
  depends_on = [task.b, task.c]
}

task "b" {
  command = [local.me, local.words]
}

task "c" {
  command = [local.me, local.words]
}
`
	f := parseFile(t, in, file)
	spec, diags := f.Evaluate(in, []Target{{Name: "c", Args: []string{"x"}}, {Name: "a", Args: []string{"--", "y"}}})
	if len(diags) > 0 {
		t.Fatal(diagnosticsText(f, diags))
	}
	if diff := cmp.Diff([]string{"c", "a"}, spec.Targets); diff != "" {
		t.Error(diff)
	}
	for name, want := range map[string][]string{"a": {"a", "Y"}, "b": {"b"}, "c": {"c", "X"}} {
		if diff := cmp.Diff(want, spec.Tasks[name].Command); diff != "" {
			t.Errorf("task %s: %s", name, diff)
		}
	}
}

func TestSeveralFiles(t *testing.T) {
	in := testInputs(t)
	other := filepath.Join(in.Root, "more")
	writeFile(t, filepath.Join(other, "x.sh"), "echo hi")
	sources := []Source{
		source(in, "task \"a\" {\n  command    = [path.module, local.here]\n  depends_on = [task.b]\n}\n"),
		{Name: "more/b.tasks.hcl", Path: filepath.Join(other, "b.tasks.hcl"),
			Bytes: []byte("locals {\n  here = path.module\n}\n\ntask \"b\" {\n  script  = file(\"x.sh\")\n  workdir = \"w\"\n}\n")},
	}
	f, diags := Parse(sources)
	if len(diags) > 0 {
		t.Fatal(diagnosticsText(f, diags))
	}
	spec, diags := f.Evaluate(in, []Target{{Name: "a"}})
	if len(diags) > 0 {
		t.Fatal(diagnosticsText(f, diags))
	}
	if diff := cmp.Diff([]string{in.Root, other}, spec.Tasks["a"].Command); diff != "" {
		t.Error(diff)
	}
	b := spec.Tasks["b"]
	if b.Dir != other || b.Workdir != filepath.Join(other, "w") || b.Command[2] != "echo hi" {
		t.Errorf("task b: dir %s, workdir %s, command %q", b.Dir, b.Workdir, b.Command)
	}
}
