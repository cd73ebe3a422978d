package planner

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/planner/observed"
)

// stepsTask makes a task with steps. An entry with a "." is a service with a condition.
func stepsTask(name string, entries ...string) *hclspec.Task {
	t := &hclspec.Task{Name: name, DeclaredName: name, Kind: hclspec.GroupTask}
	t.DeclRange = hcl.Range{Filename: "Tasks.hcl", Start: hcl.Pos{Line: 1, Column: 1}}
	for i, entry := range entries {
		d := hclspec.Dependency{Task: entry, Position: i + 1}
		if service, condition, isService := strings.Cut(entry, "."); isService {
			d = hclspec.Dependency{Service: service, Condition: hclspec.Condition("service_" + condition), Position: i + 1}
		}
		t.DependsOn = append(t.DependsOn, d)
	}
	return t
}

// needsOf returns the tasks, services and images before a step, directly or indirectly.
func needsOf(plan *Plan, id StepID) []string {
	steps := plan.stepsByID()
	var all []string
	for needed := range reachable(id, func(id StepID, visit func(StepID)) {
		for _, n := range steps[id].Needs {
			visit(n.Step)
		}
	}) {
		if needed != id {
			all = append(all, string(needed))
		}
	}
	slices.Sort(all)
	return all
}

const servicesForSteps = `
services:
  web: {image: w, depends_on: [db]}
  db: {image: d}
  tool: {image: t}
`

func TestSteps(t *testing.T) {
	tests := []struct {
		name  string
		tasks []*hclspec.Task
		here  []string
		// before lists pairs "a < b": a is before b. "a | b": neither is before the other.
		pairs []string
	}{
		{"tasks", []*hclspec.Task{stepsTask("s", "a", "b", "c"), hostTask("a"), hostTask("b"), hostTask("c")}, nil,
			[]string{"task/a < task/b", "task/b < task/c", "task/c < task/s"}},
		{"a dependency of a later entry", []*hclspec.Task{stepsTask("s", "a", "b"), hostTask("a"), hostTask("b", onTask("lint")), hostTask("lint")}, nil,
			[]string{"task/a < task/lint", "task/lint < task/b"}},
		{"a dependency of both", []*hclspec.Task{stepsTask("s", "a", "b"), hostTask("a", onTask("lint")), hostTask("b", onTask("lint")), hostTask("lint")}, nil,
			[]string{"task/lint < task/a", "task/a < task/b"}},
		{"an entry that an earlier entry needs", []*hclspec.Task{stepsTask("s", "a", "b", "c"), hostTask("a", onTask("b")), hostTask("b"), hostTask("c")}, nil,
			[]string{"task/b < task/a", "task/a < task/c"}},
		{"a service after a task", []*hclspec.Task{stepsTask("s", "a", "web.started"), hostTask("a")}, []string{"w", "d"},
			[]string{"task/a < container/web", "task/a < start/web", "task/a < start/db", "task/a | network/default"}},
		{"a service of an earlier entry", []*hclspec.Task{stepsTask("s", "a", "web.started"), hostTask("a", onService("db", hclspec.Started))}, []string{"w", "d"},
			[]string{"start/db < task/a", "task/a < start/web"}},
		{"a task after a service", []*hclspec.Task{stepsTask("s", "web.started", "a"), hostTask("a")}, []string{"w", "d"},
			[]string{"start/web < task/a"}},
		{"the container of a task is created early", []*hclspec.Task{stepsTask("s", "a", "b"), hostTask("a"), serviceTask("b", "tool")}, []string{"w"},
			[]string{"task/a < task/b"}},
		{"a list in a list", []*hclspec.Task{stepsTask("s", "inner", "c"), stepsTask("inner", "a", "b"), hostTask("a"), hostTask("b"), hostTask("c")}, nil,
			[]string{"task/a < task/b", "task/b < task/c"}},
		{"depends_on comes first", []*hclspec.Task{func() *hclspec.Task {
			s := stepsTask("s", "a")
			s.DependsOn = append(s.DependsOn, onTask("first"))
			return s
		}(), hostTask("a"), hostTask("first")}, nil, []string{"task/first < task/a"}},
		{"a group of parallel tasks", []*hclspec.Task{stepsTask("s", "g", "c"), {Name: "g", Kind: hclspec.GroupTask, DependsOn: []hclspec.Dependency{onTask("a"), onTask("b")}},
			hostTask("a"), hostTask("b"), hostTask("c")}, nil, []string{"task/a | task/b", "task/a < task/c", "task/b < task/c"}},
		{"a target that reaches the steps", []*hclspec.Task{{Name: "all", Kind: hclspec.GroupTask, DependsOn: []hclspec.Dependency{onTask("b"), onTask("s")}},
			stepsTask("s", "a", "b"), hostTask("a"), hostTask("b")}, nil, []string{"task/a < task/b"}},
		{"another target", []*hclspec.Task{{Name: "all", Kind: hclspec.GroupTask, DependsOn: []hclspec.Dependency{onTask("b"), onTask("a")}},
			hostTask("a"), hostTask("b")}, nil, []string{"task/a | task/b"}},
		{"finally", []*hclspec.Task{stepsTask("s", "a", "b"), func() *hclspec.Task {
			a := hostTask("a")
			a.Finally = []hclspec.Dependency{onTask("clean")}
			return a
		}(), hostTask("b"), hostTask("clean")}, nil, []string{"task/a < task/clean", "task/clean < task/b"}},
		{"a service of finally and of a later entry", []*hclspec.Task{stepsTask("s", "a", "b"), func() *hclspec.Task {
			a := hostTask("a")
			a.Finally = []hclspec.Dependency{onTask("clean")}
			return a
		}(), hostTask("b", onService("db", hclspec.Started)), hostTask("clean", onService("db", hclspec.Started))}, []string{"d", "w"},
			[]string{"start/db < task/clean", "task/clean < task/b"}},
		{"cells of a matrix", []*hclspec.Task{func() *hclspec.Task {
			s := stepsTask("s", "a", "m@x=1", "c")
			s.DependsOn = slices.Insert(s.DependsOn, 2, hclspec.Dependency{Task: "m@x=2", Position: 2})
			return s
		}(), hostTask("a"), hostTask("m@x=1"), hostTask("m@x=2"), hostTask("c")}, nil,
			[]string{"task/a < task/m@x=1", "task/a < task/m@x=2", "task/m@x=1 | task/m@x=2", "task/m@x=1 < task/c", "task/m@x=2 < task/c"}},
		{"a missing image", []*hclspec.Task{stepsTask("s", "a", "b"), hostTask("a"), serviceTask("b", "tool")}, nil, []string{"task/a < image/t", "task/a < create/b"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			plan := mustBuild(t, Input{Spec: spec(test.tasks...), Project: load(t, servicesForSteps, "web", "tool"), Snapshot: localImages(test.here...)})
			for _, pair := range test.pairs {
				first, second, ordered := strings.Cut(pair, " < ")
				if !ordered {
					first, second, _ = strings.Cut(pair, " | ")
				}
				step(t, plan, StepID(first))
				step(t, plan, StepID(second))
				isBefore := slices.Contains(needsOf(plan, StepID(second)), first)
				isAfter := slices.Contains(needsOf(plan, StepID(first)), second)
				if isBefore != ordered || isAfter {
					t.Errorf("%s is not true:\n%s", pair, plan)
				}
			}
		})
	}
}

// TestOppositeSteps: the error names both tasks with steps, and the places of the tasks in between.
func TestOppositeSteps(t *testing.T) {
	all := &hclspec.Task{Name: "all", Kind: hclspec.GroupTask, DependsOn: []hclspec.Dependency{onTask("one"), onTask("two")}}
	a, b := hostTask("a"), hostTask("b")
	a.DeclRange = hcl.Range{Filename: "Tasks.hcl", Start: hcl.Pos{Line: 7, Column: 1}, End: hcl.Pos{Line: 7, Column: 5}}
	b.DeclRange = hcl.Range{Filename: "Tasks.hcl", Start: hcl.Pos{Line: 9, Column: 1}, End: hcl.Pos{Line: 9, Column: 5}}
	_, diags := Build(Input{Spec: spec(all, stepsTask("one", "a", "b"), stepsTask("two", "b", "a"), a, b)})
	want := "task/a (Tasks.hcl:7,1-5) → by the steps of task two: task/b (Tasks.hcl:9,1-5) → by the steps of task one: task/a (Tasks.hcl:7,1-5)"
	if len(diags) != 1 || !strings.Contains(diags[0].Detail, want) {
		t.Errorf("diagnostics %v; want one with %s", diags, want)
	}
}

// TestStepsLookAgainAtImages: a task before may make or replace the image of a later service.
func TestStepsLookAgainAtImages(t *testing.T) {
	p := load(t, servicesForSteps, "web", "tool")
	o := upToDate(t, p)
	delete(o.Images, "t")
	plan := mustBuild(t, Input{Spec: spec(stepsTask("s", "a", "web.started", "b"), hostTask("a"), serviceTask("b", "tool")), Project: p, Snapshot: o})
	web, tool := step(t, plan, "image/w"), step(t, plan, "image/t")
	if web.Reason.String() != "present; looked at again after task a" || step(t, plan, "container/web").Reason.String() != "its configuration is unchanged; recreated if the image changes" {
		t.Errorf("image w is not looked at again:\n%s", plan)
	}
	if diff := cmp.Diff([]string{"task a"}, tool.Action.(*Image).MadeBy); diff != "" {
		t.Errorf("image t is made by:\n%s", diff)
	}
	before := mustBuild(t, Input{Spec: spec(stepsTask("s", "web.started", "a"), hostTask("a")), Project: p, Snapshot: o})
	if len(step(t, before, "image/w").Action.(*Image).MadeBy) > 0 {
		t.Errorf("no task comes before the service:\n%s", before)
	}
}

// TestEntryWith: the entry of a failed step is the first entry that needs the step.
func TestEntryWith(t *testing.T) {
	tasks := []*hclspec.Task{stepsTask("s", "a", "b", "web.started"), hostTask("a"), hostTask("b", onTask("lint")), hostTask("lint")}
	plan := mustBuild(t, Input{Spec: spec(tasks...), Project: load(t, servicesForSteps, "web"), Snapshot: &observed.Snapshot{}})
	for failed, want := range map[StepID]string{
		"task/a": "1 of 3: task a", "task/lint": "2 of 3: task b", "task/b": "2 of 3: task b", "start/db": "3 of 3: service web",
	} {
		entry, count, _ := plan.EntryWith(step(t, plan, "task/s"), failed)
		if got := fmt.Sprintf("%d of %d: %s", entry.Position, count, entry.Name); got != want {
			t.Errorf("%s: %s; want %s", failed, got, want)
		}
	}
	if _, _, ok := plan.EntryWith(step(t, plan, "task/a"), "task/lint"); ok {
		t.Error("a task without steps has an entry")
	}
}
