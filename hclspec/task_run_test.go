package hclspec

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// names are the runs of a Spec in the order asked, and after each what it depends on.
func commandsOf(t *testing.T, file string, targets ...Target) map[string][]string {
	t.Helper()
	in := testInputs(t)
	f := parseFile(t, in, file)
	spec, diags := f.Evaluate(in, targets)
	if diags.HasErrors() {
		t.Fatalf("evaluate:\n%s", diagnosticsText(f, diags))
	}
	commands := map[string][]string{}
	for name, task := range spec.Tasks {
		if name != task.Name {
			t.Errorf("task %q is called %q", name, task.Name)
		}
		commands[name] = task.Command
	}
	return commands
}

const deploy = `
task "deploy" {
  command = ["x", arg.place, flag.level, flag.host, flag.dry ? "dry" : null, arg.files, args]

  arg "place" {
    enum = ["here", "there"]
    env  = "PLACE"
  }

  arg "files" {
    variadic = true
    default  = []
  }

  flag "level" {
    type    = number
    short   = "l"
    default = 1
  }

  flag "host" {
    type    = list(string)
    short   = "H"
    default = []
  }

  flag "dry" {
    type  = bool
    short = "n"
  }

  flag "quiet" {
    type  = bool
    short = "q"
  }
}
`

// TestTaskArguments: the words behind a task's name, and what becomes of them.
func TestTaskArguments(t *testing.T) {
	for _, test := range []struct{ words, want []string }{
		{[]string{"here"}, []string{"x", "here", "1"}},
		{[]string{"here", "a", "b"}, []string{"x", "here", "1", "a", "b"}},
		{[]string{"--level", "3", "here"}, []string{"x", "here", "3"}},
		{[]string{"here", "--level=3"}, []string{"x", "here", "3"}},
		{[]string{"-l", "3", "here"}, []string{"x", "here", "3"}},
		{[]string{"-l3", "here"}, []string{"x", "here", "3"}},
		{[]string{"-l=3", "here"}, []string{"x", "here", "3"}},
		{[]string{"-l3", "--level", "4", "here"}, []string{"x", "here", "4"}},
		{[]string{"-H", "a", "--host=b", "here"}, []string{"x", "here", "1", "a", "b"}},
		{[]string{"-nq", "here"}, []string{"x", "here", "1", "dry"}},
		{[]string{"-nql2", "here"}, []string{"x", "here", "2", "dry"}},
		{[]string{"--dry", "here"}, []string{"x", "here", "1", "dry"}},
		{[]string{"--dry=false", "here"}, []string{"x", "here", "1"}},
		{[]string{"-n=false", "here"}, []string{"x", "here", "1"}},
		{[]string{"here", "-1"}, []string{"x", "here", "1", "-1"}},
		{[]string{"here", "-"}, []string{"x", "here", "1", "-"}},
		{[]string{"here", "--", "--dry", "b"}, []string{"x", "here", "1", "--dry", "b"}},
		{[]string{"here", "a", "--", "--"}, []string{"x", "here", "1", "a", "--"}},
	} {
		got := commandsOf(t, deploy, Target{Name: "deploy", Args: test.words})
		if diff := cmp.Diff(test.want, got["deploy"]); diff != "" {
			t.Errorf("%q: %s", test.words, diff)
		}
	}
}

func TestArgumentFromTheEnvironment(t *testing.T) {
	in := inputsIn(t.TempDir(), map[string]string{"PLACE": "there"})
	f := parseFile(t, in, deploy)
	for _, words := range [][]string{nil, {"here"}} {
		spec, diags := f.Evaluate(in, []Target{{Name: "deploy", Args: words}})
		if diags.HasErrors() {
			t.Fatal(diagnosticsText(f, diags))
		}
		want := append(words, "there")[0]
		if got := spec.Tasks["deploy"].Command[1]; got != want {
			t.Errorf("%q: %q", words, got)
		}
	}
}

const workflow = `
locals {
  what = arg.target
}

task "version" {
  command = ["git", "describe"]
}

task "build" {
  command = ["make", local.what, flag.tag]

  arg "target" {
    default = "native"
  }

  flag "tag" {
  }
}

task "dist" {
  command = ["tar", arg.os]

  arg "os" {
    default = "linux"
  }

  depends {
    task = task.build
    args = [arg.os]
  }

  depends {
    task = task.build
    args = ["--tag", task.version.stdout, "late"]
  }
}

task "plain" {
  command    = ["p"]
  depends_on = [task.build]
}
`

// TestTaskRuns: the same task with other words is another run, with the same words the same.
func TestTaskRuns(t *testing.T) {
	native := []string{"make", "native"}
	for name, test := range map[string]struct {
		targets []Target
		want    map[string][]string
	}{
		"dependency": {[]Target{{Name: "plain"}}, map[string][]string{"plain": {"p"}, "build": native}},
		"named task is the dependency": {[]Target{{Name: "plain"}, {Name: "build", Args: []string{"arm"}}},
			map[string][]string{"plain": {"p"}, "build": {"make", "arm"}}},
		"twice with other words": {[]Target{{Name: "build", Args: []string{"a"}}, {Name: "build", Args: []string{"b c"}}},
			map[string][]string{"build": {"make", "a"}, "build('b c')": {"make", "b c"}}},
		"words in a file": {[]Target{{Name: "dist"}}, map[string][]string{
			"dist": {"tar", "linux"}, "build(linux)": {"make", "linux"}, "version": {"git", "describe"},
			"build(\"--tag\", task.version.stdout, \"late\")": nil,
		}},
		"words that were said": {[]Target{{Name: "build", Args: []string{"linux"}}, {Name: "dist"}}, map[string][]string{
			"dist": {"tar", "linux"}, "build": {"make", "linux"}, "version": {"git", "describe"},
			"build(\"--tag\", task.version.stdout, \"late\")": nil,
		}},
		"only": {[]Target{{Name: "plain", SkipDependencies: true}}, map[string][]string{"plain": {"p"}}},
		"only keeps what is used": {[]Target{{Name: "dist", SkipDependencies: true}}, map[string][]string{
			"dist": {"tar", "linux"}, "version": {"git", "describe"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, commandsOf(t, workflow, test.targets...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestDeferredArguments: words that a task gives are known once it has run.
func TestDeferredArguments(t *testing.T) {
	in := testInputs(t)
	f := parseFile(t, in, workflow)
	spec, diags := f.Evaluate(in, []Target{{Name: "dist"}})
	if diags.HasErrors() {
		t.Fatal(diagnosticsText(f, diags))
	}
	late := spec.Tasks[`build("--tag", task.version.stdout, "late")`]
	if diff := cmp.Diff([]Dependency{{Task: "version", IsRunTime: true}}, late.DependsOn, ignoreRanges()); diff != "" {
		t.Errorf("dependencies: %s", diff)
	}
	if !spec.Tasks["version"].IsCaptured {
		t.Error("the output that is used is not captured")
	}
	got, diags := late.Resolve(RunResults{Tasks: map[string]TaskResult{"version": {Stdout: "v1\n"}}})
	if diags.HasErrors() {
		t.Fatal(diagnosticsText(f, diags))
	}
	if diff := cmp.Diff([]string{"make", "late", "v1"}, got.Command); diff != "" {
		t.Error(diff)
	}
	if _, diags = late.Resolve(RunResults{}); !diags.HasErrors() {
		t.Error("resolved without the result that it needs")
	}
}

const matrices = `
task "test" {
  command = ["t", matrix.python, matrix.db, self.name]
  enabled = !(matrix.python == "3.9" && matrix.db == 16)

  matrix = {
    python = ["3.9", "3.10"]
    db     = [15, 16]
  }
}

task "all" {
  depends_on = [task.test]
}

task "one" {
  command = ["o", task["test@python=3.10,db=15"].stdout]
}
`

func TestMatrix(t *testing.T) {
	runs := map[string][]string{
		"test@db=15,python=3.9":  {"t", "3.9", "15", "test"},
		"test@db=15,python=3.10": {"t", "3.10", "15", "test"},
		"test@db=16,python=3.9":  nil,
		"test@db=16,python=3.10": {"t", "3.10", "16", "test"},
	}
	with := func(name string) map[string][]string {
		all := map[string][]string{name: nil}
		for run, command := range runs {
			all[run] = command
		}
		return all
	}
	for target, want := range map[string]map[string][]string{
		"test":                   runs,
		"all":                    with("all"),
		"test@db=16,python=3.10": {"test@db=16,python=3.10": runs["test@db=16,python=3.10"]},
		"test@python=3.10,db=16": {"test@db=16,python=3.10": runs["test@db=16,python=3.10"]},
		"one":                    {"one": nil, "test@db=15,python=3.10": runs["test@db=15,python=3.10"]},
	} {
		if diff := cmp.Diff(want, commandsOf(t, matrices, Target{Name: target})); diff != "" {
			t.Errorf("%s: %s", target, diff)
		}
	}
}

func TestMatrixIsOneTarget(t *testing.T) {
	in := testInputs(t)
	spec, _ := parseFile(t, in, matrices).Evaluate(in, []Target{{Name: "test"}, {Name: "all"}})
	want := [][]string{{"test@db=15,python=3.9", "test@db=15,python=3.10", "test@db=16,python=3.9", "test@db=16,python=3.10"}, {"all"}}
	if diff := cmp.Diff(want, spec.Sequence); diff != "" {
		t.Error(diff)
	}
	off := spec.Tasks["test@db=16,python=3.9"]
	if want := `enabled = !(matrix.python == "3.9" && matrix.db == 16) is false (Tasks.hcl:4:13)`; off.DisabledReason != want || off.Kind != GroupTask {
		t.Errorf("disabled: %q, kind %s", off.DisabledReason, off.Kind)
	}
}

// TestDisabledReason: the reason says a condition as it is written, and does not say that false is false.
func TestDisabledReason(t *testing.T) {
	for condition, want := range map[string]string{
		"false": "enabled is false (Tasks.hcl:2:13)",
		"1 > 2": "enabled = 1 > 2 is false (Tasks.hcl:2:13)",
	} {
		task := evaluateOne(t, testInputs(t), "task \"t\" {\n  enabled = "+condition+"\n  command = [\"x\"]\n}\n", "t")
		if task.DisabledReason != want {
			t.Errorf("%q, not %q", task.DisabledReason, want)
		}
	}
}

// TestResultOfADisabledTask is null: whoever uses it says what then.
func TestResultOfADisabledTask(t *testing.T) {
	got := commandsOf(t, `
task "off" {
  command    = ["x"]
  enabled    = false
  depends_on = [task.never]
}

task "never" {
  command = ["x"]
}

task "t" {
  command = ["x", coalesce(task.off.stdout, "nothing"), task.off.exit_code == null]
}
`, Target{Name: "t"})
	if diff := cmp.Diff(map[string][]string{"off": nil, "t": {"x", "nothing", "true"}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestUsage(t *testing.T) {
	f := parseFile(t, testInputs(t), deploy)
	want := `Usage:
  tasks run deploy [FLAGS] PLACE [FILES…] [-- ARGS…]

Arguments:
  PLACE  (one of here, there; from $PLACE; required)
  FILES  (default [])

Flags:
  -l, --level VALUE  (number; default 1)
  -H, --host VALUE   (list(string); default [])
  -n, --dry
  -q, --quiet
`
	if diff := cmp.Diff(want, f.HelpText("deploy")); diff != "" {
		t.Error(diff)
	}
	for words, asks := range map[string]bool{"--help": true, "-h": true, "here": false} {
		if f.IsHelpRequest(Target{Name: "deploy", Args: []string{words}}) != asks {
			t.Errorf("%s: asks for help: %t", words, !asks)
		}
	}
	if f.IsHelpRequest(Target{Name: "deploy", Args: []string{"--", "--help"}}) {
		t.Error("behind -- the word is the command's")
	}
}

// TestMatrixAtTheBound: the values of the largest matrix take linear time.
func TestMatrixAtTheBound(t *testing.T) {
	in := testInputs(t)
	f := parseFile(t, in, `
task "t" {
  matrix = {
    a = range(100)
    b = range(100)
  }
  command = ["x"]
}
`)
	start := time.Now()
	values, suffixes := f.Matrix(in, "t"), f.MatrixSuffixes(in, "t")
	if len(values["a"]) != 100 || len(values["b"]) != 100 || len(suffixes) != maxCombinations {
		t.Errorf("%v, and %d runs", values, len(suffixes))
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %s", took)
	}
}
