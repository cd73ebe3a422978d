package hclspec

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const withPolicies = `
variable "policy" {
  default = "external"
}

task "private" {
  service           = "web"
  depends_on        = [task.schema, task.lint, task.fixed, task.again]
  finally           = [task.dump]
  dependency_policy = "ephemeral"
}

task "again" {
  depends_on        = [task.schema]
  dependency_policy = "ephemeral"
}

task "schema" {
  service = "web"
}

task "dump" {
  service = "web"
}

task "lint" {
  command = ["lint"]
}

task "fixed" {
  service           = "web"
  dependency_policy = "reuse"
}

task "both" {
  depends_on = [task.private, task.schema]
}

task "heir" {
  extends = [task.private]
  finally = []
}

task "computed" {
  service           = "web"
  dependency_policy = var.policy
}

task "unset" {
  extends           = [task.computed]
  dependency_policy = null
}

task "group" {
  depends_on        = [task.schema, task.lint]
  dependency_policy = "transient"
}

task "each" {
  service           = "web"
  matrix            = { n = [1, 2] }
  depends_on        = [task.schema]
  dependency_policy = "ephemeral"
}

task "uses" {
  command           = [task.version.stdout]
  dependency_policy = "ephemeral"
}

task "version" {
  service = "web"
}

task "pure" {
  depends_on        = [task.lint]
  dependency_policy = "ephemeral"
}

task "off" {
  enabled           = false
  dependency_policy = "ephemeral"
}
`

// policies are the runs of a spec: the policy of each, with the run whose private project it is done in.
func policies(spec *Spec) map[string]string {
	all := map[string]string{}
	for name, t := range spec.Tasks {
		all[name] = string(t.Policy)
		if t.PrivateProjectRun != "" {
			all[name] += " " + t.PrivateProjectRun
		}
	}
	return all
}

func TestPolicies(t *testing.T) {
	in := testInputs(t)
	f := parseFile(t, in, withPolicies)
	tests := map[string]struct {
		targets []Target
		want    map[string]string
	}{
		"handed on": {targets("private"), map[string]string{
			"private": "ephemeral private", "schema": "ephemeral private", "dump": "ephemeral private", "again": "ephemeral private",
			"fixed": "reuse", "lint": "reuse",
		}},
		"two policies are two runs": {targets("both"), map[string]string{
			"both": "reuse", "private": "ephemeral private", "schema": "reuse", "schema(for private)": "ephemeral private",
			"dump": "ephemeral private", "again": "ephemeral private", "fixed": "reuse", "lint": "reuse",
		}},
		"extended": {targets("heir"), map[string]string{
			"heir": "ephemeral heir", "schema": "ephemeral heir", "again": "ephemeral heir", "fixed": "reuse", "lint": "reuse",
		}},
		"computed": {targets("computed", "unset"), map[string]string{"computed": "external", "unset": "reuse"}},
		"a group":  {targets("group"), map[string]string{"group": "transient", "schema": "transient", "lint": "reuse"}},
		"each of a matrix": {targets("each"), map[string]string{
			"each@n=1": "ephemeral each@n=1", "each@n=2": "ephemeral each@n=2",
			"schema": "ephemeral each@n=1", "schema(for each@n=2)": "ephemeral each@n=2",
		}},
		"a value's task": {targets("uses"), map[string]string{"uses": "ephemeral uses", "version": "ephemeral uses"}},
		"disabled":       {targets("off"), map[string]string{"off": ""}},
		"no services":    {append(targets("pure"), Target{Name: "lint", IsIsolated: true}), map[string]string{"pure": "reuse", "lint": "reuse"}},
		"isolated": {[]Target{{Name: "schema", IsIsolated: true}, {Name: "group", IsIsolated: true}, {Name: "fixed", IsIsolated: true}}, map[string]string{
			"schema": "ephemeral schema", "group": "ephemeral group", "schema(for group)": "ephemeral group", "lint": "reuse",
			"fixed": "ephemeral fixed",
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			spec, diags := f.Evaluate(in, test.targets)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			if diff := cmp.Diff(test.want, policies(spec)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func targets(names ...string) []Target {
	var all []Target
	for _, name := range names {
		all = append(all, Target{Name: name})
	}
	return all
}

// TestPolicyOfRunTimeValue: a value comes from the run under the same policy.
func TestPolicyOfRunTimeValue(t *testing.T) {
	in := testInputs(t)
	f := parseFile(t, in, withPolicies+`
task "plain" {
  command = [task.version.stdout]
}
`)
	spec, diags := f.Evaluate(in, targets("plain", "uses"))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	results := RunResults{Tasks: map[string]TaskResult{"version": {Stdout: "shared"}, "version(for uses)": {Stdout: "private"}}}
	for name, want := range map[string]string{"plain": "shared", "uses": "private"} {
		got, diags := spec.Tasks[name].Resolve(results)
		if diags.HasErrors() || got.Command[0] != want {
			t.Errorf("%s runs %v (%v), want %s; there are %v", name, got, diags, want, slices.Sorted(maps.Keys(spec.Tasks)))
		}
	}
	for _, name := range []string{"version", "version(for uses)"} {
		if !spec.Tasks[name].IsCaptured {
			t.Errorf("%s is not captured", name)
		}
	}
}

// TestDefaultPolicy: what defaults say is left to tasks that it means something to, and their place is told.
func TestDefaultPolicy(t *testing.T) {
	in := testInputs(t)
	f := parseFile(t, in, `
defaults {
  dependency_policy = "ephemeral"
}

task "test" {
  service    = "web"
  depends_on = [task.schema]
}

task "schema" {
  service = "web"
}

task "server" {
  service = "web"
  detach  = true
}
`)
	detach := true
	spec, diags := f.Evaluate(in, []Target{{Name: "test"}, {Name: "server"}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	want := map[string]string{"test": "ephemeral test", "schema": "ephemeral test", "server": "reuse"}
	if diff := cmp.Diff(want, policies(spec)); diff != "" {
		t.Error(diff)
	}
	if at := spec.Tasks["schema"].PolicyRange; at.Start.Line != 3 {
		t.Errorf("the policy is said at %v", at)
	}
	spec, diags = f.Evaluate(in, []Target{{Name: "schema", Options: Options{Detach: &detach}}})
	if diags.HasErrors() || spec.Tasks["schema"].Policy != PolicyReuse {
		t.Errorf("detached by a flag: %v %v", spec, diags)
	}
}
