package hclspec

import (
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// resolveCases are bodies of task "t" that use what task.b and task.c give.
var resolveCases = []struct {
	name, body string
	deferred   []string
	captured   bool
}{
	{"command", `command = ["x", task.b.stdout, args]`, []string{"command"}, true},
	{"exit code", `command = ["x", task.b.exit_code]`, []string{"command"}, false},
	{"both", `command = task.b.exit_code == 0 ? ["x", task.b.stdout] : ["y"]`, []string{"command"}, true},
	{"script", "script = \"echo ${task.b.stdout}\"\nshell = [\"bash\", \"-c\"]", []string{"script"}, true},
	{"env", "command = [\"x\"]\nenv = { A = task.b.stdout, B = var.v, C = null }", []string{"env"}, true},
	{"several", "script = task.c.stdout\nenv = { A = task.b.stdout }\nservice = \"web\"", []string{"env", "script"}, true},
	{"through locals", `command = ["x", local.both]`, []string{"command"}, true},
	{"functions", `command = ["x", [for l in split("\n", task.b.stdout) : upper(l)], length(task.b.stdout)]`, []string{"command"}, true},
	{"shellsplit", `command = ["x", shellsplit(task.b.stdout)]`, []string{"command"}, true},
	{"project", `command = ["x", project.name, task.b.stdout, file("f.txt"), self.name]`, []string{"command"}, true},
	{"try", `command = ["x", try(tonumber(task.b.stdout), 7)]`, []string{"command"}, true},
	{"known all the same", `command = ["x", 1 > 2 ? task.b.stdout : "y"]`, nil, true},
}

func resolveFile(body string) string {
	return `
variable "v" {
  default = "vv"
}

locals {
  both  = [local.inner, task.c.stdout, args]
  inner = "<${task.b.stdout}>"
}

task "b" {
  command = ["b"]
}

task "c" {
  image = "c"
}

task "t" {
` + body + "\n}\n"
}

// TestResolveEqualsDirectEvaluation compares a task that was completed after its dependencies with one that was evaluated
// when they were known already.
func TestResolveEqualsDirectEvaluation(t *testing.T) {
	results := RunResults{Tasks: map[string]TaskResult{"b": {Stdout: "one\ntwo\n\n", ExitCode: 3}, "c": {Stdout: "see"}}}
	for _, c := range resolveCases {
		t.Run(c.name, func(t *testing.T) {
			in := testInputs(t)
			writeFile(t, in.Root+"/f.txt", "file")
			f := parseFile(t, in, resolveFile(c.body))
			words := []string{"w"}
			if !f.config.TakesArgs(f.config.TaskByName["t"]) {
				words = nil
			}
			spec, diags := f.Evaluate(in, []Target{{Name: "t", Args: words}})
			if len(diags) > 0 {
				t.Fatal(diagnosticsText(f, diags))
			}
			task := spec.Tasks["t"]
			if diff := cmp.Diff(c.deferred, task.Deferred); diff != "" {
				t.Errorf("deferred: %s", diff)
			}
			if spec.Tasks["b"].IsCaptured != c.captured {
				t.Errorf("captured: %t", spec.Tasks["b"].IsCaptured)
			}
			got, diags := task.Resolve(results)
			if len(diags) > 0 {
				t.Fatal(diagnosticsText(f, diags))
			}
			if diff := cmp.Diff(evaluateDirectly(t, f, in, words, results), got, ignoreRanges()); diff != "" {
				t.Errorf("-direct +resolved\n%s", diff)
			}
		})
	}
}

// evaluateDirectly evaluates task t with results that are known from the start.
func evaluateDirectly(t *testing.T, f *File, in Inputs, words []string, results RunResults) *Task {
	t.Helper()
	e := newEvaluation(f.config, in)
	task := e.evaluateTaskWith(&taskRun{block: f.config.TaskByName["t"], name: "t", parsedArgs: parsedArgs{rest: words}, policy: reusePolicy()}, results)
	if len(e.diags) > 0 {
		t.Fatal(diagnosticsText(f, e.diags))
	}
	if len(task.Deferred) > 0 {
		t.Fatalf("%v is deferred although all is known", task.Deferred)
	}
	return task
}

func TestResolveValues(t *testing.T) {
	in := testInputs(t)
	task := evaluateOne(t, in, resolveFile(`command = ["x", local.both, task.b.exit_code]`), "t", "w")
	if task.Command != nil {
		t.Errorf("command is %q before it is known", task.Command)
	}
	want := []Dependency{{Task: "b", IsRunTime: true}, {Task: "c", IsRunTime: true}}
	if diff := cmp.Diff(want, task.DependsOn, ignoreRanges()); diff != "" {
		t.Errorf("dependencies: %s", diff)
	}
	got, diags := task.Resolve(RunResults{Tasks: map[string]TaskResult{"b": {Stdout: "1\r\n", ExitCode: 4}, "c": {}}})
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	if diff := cmp.Diff([]string{"x", "<1>", "", "w", "4"}, got.Command); diff != "" {
		t.Error(diff)
	}
	if got.Deferred != nil || len(task.Deferred) != 1 {
		t.Errorf("deferred after: %v, and of the task itself: %v", got.Deferred, task.Deferred)
	}
}

func TestResolveKeepsWrittenDependency(t *testing.T) {
	in := testInputs(t)
	task := evaluateOne(t, in, resolveFile("command = [\"x\", task.b.stdout]\ndepends_on = [task.b]"), "t")
	if diff := cmp.Diff([]Dependency{{Task: "b"}}, task.DependsOn, ignoreRanges()); diff != "" {
		t.Error(diff)
	}
}

func TestResolveWithoutDeferred(t *testing.T) {
	in := testInputs(t)
	task := evaluateOne(t, in, resolveFile(`command = ["x"]`), "t")
	if got, diags := task.Resolve(RunResults{}); got != task || len(diags) > 0 {
		t.Errorf("resolved to %v, %v", got, diags)
	}
}

func TestResolveFailures(t *testing.T) {
	for name, c := range map[string]struct {
		body    string
		results RunResults
		want    string
	}{
		"no result":   {`command = ["x", local.both]`, RunResults{Tasks: map[string]TaskResult{"b": {}}}, "Task \"c\" has not run"},
		"wrong value": {`command = ["x", tonumber(task.b.stdout)]`, RunResults{Tasks: map[string]TaskResult{"b": {Stdout: "many"}}}, "Tasks.hcl:20:"},
		"wrong type":  {`command = jsondecode(task.b.stdout)`, RunResults{Tasks: map[string]TaskResult{"b": {Stdout: "{}"}}}, "It must be a list or a string"},
		"operator":    {`command = "${task.b.stdout} x"`, RunResults{Tasks: map[string]TaskResult{"b": {Stdout: "a; b"}}}, `so ";" has no effect`},
	} {
		t.Run(name, func(t *testing.T) {
			in := testInputs(t)
			f := parseFile(t, in, resolveFile(c.body))
			spec, diags := f.Evaluate(in, []Target{{Name: "t"}})
			if len(diags) > 0 {
				t.Fatal(diagnosticsText(f, diags))
			}
			got, diags := spec.Tasks["t"].Resolve(c.results)
			if got != nil || !diags.HasErrors() {
				t.Fatalf("resolved to %v, %v", got, diags)
			}
			if said := diagnosticsText(f, diags); !strings.Contains(said, c.want) {
				t.Errorf("no %q in\n%s", c.want, said)
			}
		})
	}
}

func TestResolveFromManyGoroutines(t *testing.T) {
	in := testInputs(t)
	task := evaluateOne(t, in, resolveFile(`command = ["x", local.both, var.v, project.name]`), "t")
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			got, diags := task.Resolve(RunResults{Tasks: map[string]TaskResult{"b": {Stdout: strings.Repeat("b", i)}, "c": {}}})
			if len(diags) > 0 || got.Command[1] != "<"+strings.Repeat("b", i)+">" {
				t.Errorf("goroutine %d: %v, %v", i, got, diags)
			}
		})
	}
	group.Wait()
}
