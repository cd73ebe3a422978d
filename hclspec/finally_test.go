package hclspec

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const withFinally = `
locals {
  how = result.reason
}

task "test" {
  command = ["./test"]
  finally = [task.report, task.clean]
}

task "group" {
  depends_on = [task.test]
  finally    = [task.clean]
}

task "each" {
  matrix  = { n = [1, 2] }
  command = ["./each"]
  finally = [task.note]
}

task "heir" {
  extends = [task.test]
  finally = [task.report]
}

task "report" {
  command = ["./report", local.how, result.exit_code]
  env     = { CODE = result.exit_code }
  finally = [task.sent]
}

task "sent" {
  script = "echo ${result.exit_code == null ? "alone" : result.reason}"
}

task "clean" {
  command = ["./clean"]
}

task "note" {
  command = ["./note"]

  depends {
    task = task.say
    args = [result.reason]
  }
}

task "say" {
  command = ["echo", args]
}

task "needs" {
  depends_on = [task.clean, task.test]
  command    = ["./needs"]
}
`

// finallyOfRuns gives, of each run, the run that it follows.
func finallyOfRuns(spec *Spec) map[string]string {
	after := map[string]string{}
	for name, task := range spec.Tasks {
		after[name] = task.FinallyOf
		for _, d := range task.Finally {
			if spec.Tasks[d.Task].FinallyOf != name {
				after[d.Task] += " and " + name
			}
		}
	}
	return after
}

func evaluateFinally(t *testing.T, targets ...Target) *Spec {
	t.Helper()
	f := parseFile(t, testInputs(t), withFinally)
	spec, diags := f.Evaluate(testInputs(t), targets)
	if diags.HasErrors() {
		t.Fatal(diagnosticsText(f, diags))
	}
	return spec
}

func TestFinally(t *testing.T) {
	for target, want := range map[string]map[string]string{
		"heir": {"heir": "", "report(after heir)": "heir", "sent": "report(after heir)"},
		"test": {"test": "", "report(after test)": "test", "sent": "report(after test)", "clean(after test)": "test"},
		"group": {
			"group": "", "test": "", "report(after test)": "test", "sent": "report(after test)", "clean(after test)": "test",
			"clean(after group)": "group",
		},
		"each": {
			"each@n=1": "", "each@n=2": "", "note(after each@n=1)": "each@n=1", "note(after each@n=2)": "each@n=2",
			"say(result.reason)": "each@n=1", "say(result.reason)#2": "each@n=2",
		},
		"needs": {
			"needs": "", "clean": "", "test": "", "report(after test)": "test", "sent": "report(after test)", "clean(after test)": "test",
		},
		"report": {"report": "", "sent": "report"},
	} {
		if diff := cmp.Diff(want, finallyOfRuns(evaluateFinally(t, Target{Name: target}))); diff != "" {
			t.Errorf("%s: -want +got\n%s", target, diff)
		}
	}
}

// TestFinallyWithoutDependencies: --only leaves out what comes first, not what follows.
func TestFinallyWithoutDependencies(t *testing.T) {
	spec := evaluateFinally(t, Target{Name: "needs", SkipDependencies: true}, Target{Name: "test", SkipDependencies: true})
	want := []string{"clean(after test)", "needs", "report(after test)", "sent", "test"}
	if got := slices.Sorted(maps.Keys(spec.Tasks)); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// TestFinallyOfATarget: who names the cleanup gets a run of its own.
func TestFinallyOfATarget(t *testing.T) {
	spec := evaluateFinally(t, Target{Name: "heir"}, Target{Name: "sent"})
	want := map[string]string{"heir": "", "report(after heir)": "heir", "sent(after report(after heir))": "report(after heir)", "sent": ""}
	if diff := cmp.Diff(want, finallyOfRuns(spec)); diff != "" {
		t.Error(diff)
	}
}

func TestResultOfFinally(t *testing.T) {
	spec := evaluateFinally(t, Target{Name: "test"})
	report := spec.Tasks["report(after test)"]
	if diff := cmp.Diff([]string{"command", "env"}, report.Deferred); diff != "" {
		t.Fatal(diff)
	}
	if _, diags := report.Resolve(RunResults{Tasks: map[string]TaskResult{}}); !diags.HasErrors() {
		t.Error("resolved before the task has ended")
	}
	done, diags := report.Resolve(RunResults{Tasks: map[string]TaskResult{"test": {ExitCode: 124, Reason: TimedOut}}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if !slices.Equal(done.Command, []string{"./report", "timeout", "124"}) || *done.Env["CODE"] != "124" || len(done.Finally) != 1 || done.FinallyOf != "test" {
		t.Errorf("%+v", done)
	}
}

// TestResultAlone: a task that follows nothing sees null.
func TestResultAlone(t *testing.T) {
	spec := evaluateFinally(t, Target{Name: "report"})
	report := spec.Tasks["report"]
	if len(report.Deferred) > 0 || !slices.Equal(report.Command, []string{"./report"}) || report.Env["CODE"] != nil {
		t.Errorf("%+v", report)
	}
	if _, unset := report.Env["CODE"]; !unset {
		t.Error("null does not unset")
	}
	if sent := spec.Tasks["sent"]; !slices.Equal(sent.Deferred, []string{"script"}) {
		t.Errorf("%+v", sent)
	}
}

// TestResultAsArguments: a task that is given the result waits for it too.
func TestResultAsArguments(t *testing.T) {
	spec := evaluateFinally(t, Target{Name: "each@n=2"})
	say := spec.Tasks["say(result.reason)"]
	if say == nil || say.FinallyOf != "each@n=2" {
		t.Fatalf("%+v", say)
	}
	done, diags := say.Resolve(RunResults{Tasks: map[string]TaskResult{"each@n=2": {ExitCode: 1, Reason: Failed}}})
	if diags.HasErrors() || !slices.Equal(done.Command, []string{"echo", "failure"}) {
		t.Errorf("%+v, %v", done, diags)
	}
}

// TestShowOfAFinallyTask: what a run alone would see as null is shown as what it stands for.
func TestShowOfAFinallyTask(t *testing.T) {
	in := testInputs(t)
	f := parseFile(t, in, "task \"t\" {\n  command = [\"x\"]\n  finally = [task.f]\n}\n\ntask \"f\" {\n  command = [\"y\", \"it was ${result.reason}\"]\n  env = { CODE = result.exit_code, PLAIN = 1 }\n}\n")
	shown, diags := f.Show(in, "f")
	if diags.HasErrors() {
		t.Fatal(diagnosticsText(f, diags))
	}
	if !slices.Equal(shown.Task.Command, []string{"y", "it was <result.reason>"}) || !slices.Equal(shown.Deferred, []string{"command", "env"}) {
		t.Errorf("%q, %q", shown.Task.Command, shown.Deferred)
	}
	if code, plain := shown.Env[0], shown.Env[1]; !code.IsDeferred || code.Value == nil || plain.IsDeferred {
		t.Errorf("%+v", shown.Env)
	}
	if _, diags := f.Validate(in); diags.HasErrors() {
		t.Error(diagnosticsText(f, diags))
	}
}
