package hclspec

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const withShards = `
variable "n" { default = 2 }

task "test" {
  command     = flatten(["t", shard.index, shard.count, shard.items])
  shards      = var.n
  shard_items = ["c", "a", "b", "a", ""]
}

task "each" {
  command = [matrix.db, "${shard.index}/${shard.count}", self.name]
  shards  = matrix.db == "15" ? 1 : 2
  matrix  = { db = ["15", "16"] }
}

task "plain" {
  command = ["p", "${shard.index}/${shard.count}", arg.word]
  arg "word" { default = "w" }
}

task "all" {
  depends_on = [task.test]
}

task "follows" {
  command = ["f"]
  shards  = 1
  finally = [task.plain]
}
`

func TestShardRuns(t *testing.T) {
	first, second := []string{"t", "1", "2", "c", "a"}, []string{"t", "2", "2", "b"} // in the order of the list
	tests := map[string]struct {
		targets []Target
		want    map[string][]string
	}{
		"of the file": {targets("test"), map[string][]string{"test 1/2": first, "test 2/2": second}},
		"a number on the command line": {[]Target{{Name: "plain", Args: []string{"x"}, Shards: Shard{Count: 2}}},
			map[string][]string{"plain 1/2": {"p", "1/2", "x"}, "plain 2/2": {"p", "2/2", "x"}}},
		"one of another number": {[]Target{{Name: "test", Shards: Shard{Index: 3, Count: 3}}},
			map[string][]string{"test 3/3": {"t", "3", "3", "c"}}},
		"a dependency": {targets("all"), map[string][]string{"all": nil, "test 1/2": first, "test 2/2": second}},
		"a dependency that is a target too": {[]Target{{Name: "all"}, {Name: "test", Shards: Shard{Index: 1, Count: 2}}},
			map[string][]string{"all": nil, "test 1/2": first}},
		"a matrix": {targets("each"), map[string][]string{
			"each@db=15 1/1": {"15", "1/1", "each"}, "each@db=16 1/2": {"16", "1/2", "each"}, "each@db=16 2/2": {"16", "2/2", "each"},
		}},
		"without shards": {targets("plain"), map[string][]string{"plain": {"p", "1/1", "w"}}},
		"a finally task": {targets("follows"), map[string][]string{"follows 1/1": {"f"}, "plain(after follows 1/1)": {"p", "1/1", "w"}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, commandsOf(t, withShards, test.targets...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestShardEnvironment: a shard has its place in its environment; the task's own env wins.
func TestShardEnvironment(t *testing.T) {
	in := testInputs(t)
	file := parseFile(t, in, `
task "t" {
  command = ["x"]
  shards  = 2
}
task "own" {
  command = ["x"]
  shards  = 1
  env     = { TASKS_SHARD_INDEX = "mine" }
}
task "none" { command = ["x"] }
`)
	spec, diags := file.Evaluate(in, targets("t", "own", "none"))
	if diags.HasErrors() {
		t.Fatal(diagnosticsText(file, diags))
	}
	got := map[string]string{}
	for name, task := range spec.Tasks {
		for _, key := range slices.Sorted(maps.Keys(task.Env)) {
			got[name] += key + "=" + *task.Env[key] + " "
		}
	}
	want := map[string]string{
		"t 1/2": "TASKS_SHARD_COUNT=2 TASKS_SHARD_INDEX=1 ", "t 2/2": "TASKS_SHARD_COUNT=2 TASKS_SHARD_INDEX=2 ",
		"own 1/1": "TASKS_SHARD_COUNT=1 TASKS_SHARD_INDEX=mine ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestShardPolicies: each shard has a private project, with its dependencies, also below a private project. A policy of
// the task wins, and so does a caller that starts nothing.
func TestShardPolicies(t *testing.T) {
	in := testInputs(t)
	file := parseFile(t, in, `
task "test" {
  service    = "web"
  shards     = 2
  depends_on = [task.schema, task.lint]
}
task "shared" {
  service           = "web"
  shards            = 2
  dependency_policy = "reuse"
}
task "around" {
  depends_on        = [task.test]
  dependency_policy = "ephemeral"
}
task "outside" {
  depends_on        = [task.test]
  dependency_policy = "external"
}
task "schema" { service = "web" }
task "lint" { command = ["lint"] }
task "local" {
  command = ["x"]
  shards  = 2
}
`)
	own := map[string]string{
		"test 1/2": "ephemeral test 1/2", "test 2/2": "ephemeral test 2/2", "schema": "ephemeral test 1/2",
		"schema(for test 2/2)": "ephemeral test 2/2", "lint": "reuse",
	}
	around := maps.Clone(own)
	around["around"] = "ephemeral around"
	for target, want := range map[string]map[string]string{
		"test":    own,
		"around":  around,
		"shared":  {"shared 1/2": "reuse", "shared 2/2": "reuse"},
		"local":   {"local 1/2": "reuse", "local 2/2": "reuse"},
		"outside": {"outside": "external", "test 1/2": "external", "test 2/2": "external", "schema": "external", "lint": "reuse"},
	} {
		spec, diags := file.Evaluate(in, targets(target))
		if diags.HasErrors() {
			t.Fatal(diagnosticsText(file, diags))
		}
		if diff := cmp.Diff(want, policies(spec)); diff != "" {
			t.Errorf("%s: %s", target, diff)
		}
	}
	spec, _ := file.Evaluate(in, []Target{{Name: "test"}, {Name: "schema", Shards: Shard{Index: 1, Count: 2}}})
	if a, b := spec.Tasks["test 1/2"], spec.Tasks["schema 1/2"]; a.PolicySource != "shards" || PlaceText(a.PolicyRange) != "Tasks.hcl:4:16" ||
		b.PolicySource != "--shard" || PlaceText(b.PolicyRange) != "" {
		t.Errorf("policies of %s %q and %s %q", a.PolicySource, PlaceText(a.PolicyRange), b.PolicySource, PlaceText(b.PolicyRange))
	}
}

// TestShardTimings: the times of JUnit files balance the items. A file that is none is a warning, and counts for nothing.
func TestShardTimings(t *testing.T) {
	in := testInputs(t)
	writeFile(t, filepath.Join(in.Root, "reports/1.xml"), `<testsuite><testcase classname="c" name="a" time="10"/></testsuite>`)
	writeFile(t, filepath.Join(in.Root, "reports/2.xml"), `<testsuite><testcase name="b" time="6"/><testcase name="c" time="3"/></testsuite>`)
	writeFile(t, filepath.Join(in.Root, "reports/3.xml"), `<testsuite><testcase name="c" time="30"/>`)
	text := `
task "t" {
  command       = flatten(["t", shard.items])
  shards        = 2
  shard_items   = [for x in split(" ", "a b c") : x]
  shard_timings = ["reports/*.xml"]
}
`
	file := parseFile(t, in, text)
	spec, diags := file.Evaluate(in, targets("t"))
	if spec == nil {
		t.Fatal(diagnosticsText(file, diags))
	}
	if got := spec.Tasks["t 1/2"].Command; !slices.Equal(got, []string{"t", "a"}) {
		t.Errorf("first shard %q", got)
	}
	if got := spec.Tasks["t 2/2"].Command; !slices.Equal(got, []string{"t", "b", "c"}) {
		t.Errorf("second shard %q", got)
	}
	want := `Tasks.hcl:6:19: warning: reports/3.xml is no JUnit file
  6 |   shard_timings = ["reports/*.xml"]
    |                   ^^^^^^^^^^^^^^^^^
  XML syntax error on line 1: unexpected EOF. Its times do not count.
`
	if got := diagnosticsText(file, diags); got != want {
		t.Errorf("warnings\n%s\nwant\n%s", got, want)
	}
}

// TestLateShardItems: items that a task writes are divided when they are known, by the times of the plan, so that all
// shards agree. A shard without items is disabled.
func TestLateShardItems(t *testing.T) {
	in := testInputs(t)
	report := filepath.Join(in.Root, "report.xml")
	writeFile(t, report, `<testsuite>
  <testcase name="a" time="1"/><testcase name="b" time="1"/><testcase name="c" time="9"/>
</testsuite>`)
	file := parseFile(t, in, `
task "list" { command = ["list"] }
task "t" {
  command       = flatten(["t", shard.items])
  shards        = 2
  shard_items   = task.list.stdout
  shard_timings = ["report.xml"]
}
`)
	spec, diags := file.Evaluate(in, targets("t"))
	if diags.HasErrors() {
		t.Fatal(diagnosticsText(file, diags))
	}
	if got := spec.Tasks["t 1/2"].DeferredAttributes; len(got) != 2 || got[0].Name != "command" ||
		!slices.Equal(got[0].WaitsFor, []string{"task.list.stdout"}) {
		t.Errorf("deferred %v", got)
	}
	writeFile(t, report, `<testsuite><testcase name="a" time="99"/></testsuite>`)
	for stdout, want := range map[string][2]string{"a\r\nb\nc\n\n": {"c", "a b"}, "b": {"b", ""}, "": {"", ""}} {
		for i, items := range want {
			results := RunResults{Tasks: map[string]TaskResult{"list": {Stdout: stdout}}}
			resolved, diags := spec.Tasks["t "+Shard{Index: i + 1, Count: 2}.String()].Resolve(results)
			if diags.HasErrors() {
				t.Fatal(diagnosticsText(file, diags))
			}
			if got := strings.Join(resolved.Command[1:], " "); got != items {
				t.Errorf("shard %d of %q: %q; want %q", i+1, stdout, got, items)
			}
			if isIdle := strings.HasPrefix(resolved.DisabledReason, "shard_items has no item for shard"); isIdle != (items == "") {
				t.Errorf("shard %d of %q: %q", i+1, stdout, resolved.DisabledReason)
			}
		}
	}
}

// TestIdleShard: a shard without items is skipped when it is planned, with the reason.
func TestIdleShard(t *testing.T) {
	in := testInputs(t)
	file := parseFile(t, in, `
task "t" {
  command     = flatten(["t", shard.items])
  shards      = 2
  shard_items = ["a"]
}
`)
	spec, diags := file.Evaluate(in, targets("t"))
	if diags.HasErrors() {
		t.Fatal(diagnosticsText(file, diags))
	}
	if want := "shard_items has no item for shard 2/2 (Tasks.hcl:5:17)"; spec.Tasks["t 2/2"].DisabledReason != want {
		t.Errorf("%q; want %q", spec.Tasks["t 2/2"].DisabledReason, want)
	}
	if spec.Tasks["t 1/2"].DisabledReason != "" {
		t.Errorf("%q", spec.Tasks["t 1/2"].DisabledReason)
	}
}

// TestSensitiveShardItems stay secrets in the command.
func TestSensitiveShardItems(t *testing.T) {
	in := testInputs(t)
	file := parseFile(t, in, `
task "t" {
  command     = flatten(["t", shard.items])
  shards      = 1
  shard_items = sensitive(["hidden-item"])
}
`)
	spec, diags := file.Evaluate(in, targets("t"))
	if diags.HasErrors() {
		t.Fatal(diagnosticsText(file, diags))
	}
	if got := spec.Secrets.Mask(strings.Join(spec.Tasks["t 1/1"].Command, " ")); got != "t ***" {
		t.Errorf("%q", got)
	}
}

// TestShardRequests: wrong shards on the command line.
func TestShardRequests(t *testing.T) {
	in := testInputs(t)
	file := parseFile(t, in, withShards+`
task "uses" { command = [task.plain.stdout] }
`)
	tests := map[string]struct {
		targets []Target
		want    string
	}{
		"a group": {[]Target{{Name: "all", Shards: Shard{Count: 2}}}, `error: --shards cannot act on group task "all"
  It acts on host, service and image tasks. Name the tasks with the commands.
`},
		"a result": {[]Target{{Name: "plain", Shards: Shard{Index: 1, Count: 2}}, {Name: "uses"}},
			`Tasks.hcl:31:26: error: task "plain" runs several times
  31 | task "uses" { command = [task.plain.stdout] }
     |                          ^^^^^^^^^^^^^^^^^
  It has shards by a flag, so that there is no single stdout. To run it first, name it in
  depends_on.
`},
	}
	for name, test := range tests {
		_, diags := file.Evaluate(in, test.targets)
		if diff := cmp.Diff(test.want, diagnosticsText(file, diags)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for text, want := range map[string]string{
		"0": "write a number", "x": "write a number", "1001": "write a number", "8": "", "3/8": "write a number",
	} {
		var s Shard
		if err := s.SetCount(text); (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("--shards %s: %v", text, err)
		}
	}
	for text, isRight := range map[string]bool{"3/8": true, "8/8": true, "9/8": false, "0/8": false, "3": false, "/8": false, "1/1001": false} {
		var s Shard
		if err := s.SetOne(text); (err == nil) != isRight || isRight && s.String() != text {
			t.Errorf("--shard %s: %v", text, err)
		}
	}
	s := Shard{}
	if err := s.SetOne("3/8"); err != nil {
		t.Fatal(err)
	}
	if err := s.SetCount("8"); err == nil {
		t.Error("--shards beside --shard")
	}
}
