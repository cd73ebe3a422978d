package planner

import (
	"slices"
	"testing"

	"tasks/hclspec"
	"tasks/planner/observed"
)

// needOf finds a need of a step.
func needOf(t *testing.T, s *Step, id StepID) Need {
	t.Helper()
	i := slices.IndexFunc(s.Needs, func(n Need) bool { return n.Step == id })
	if i < 0 {
		t.Fatalf("%s does not need %s: %v", s.ID, id, s.Needs)
	}
	return s.Needs[i]
}

// TestFinallyIsPlanned: a finally task and its container wait for the end of the task, without a target of their
// own.
func TestFinallyIsPlanned(t *testing.T) {
	test := hostTask("test")
	test.Finally = []hclspec.Dependency{onTask("clean")}
	plan := mustBuild(t, Input{Spec: spec(test, serviceTask("clean", "web")), Project: load(t, full, "web"), Snapshot: &observed.Snapshot{}})
	for _, id := range []StepID{"task/clean", "create/clean"} {
		if n := needOf(t, step(t, plan, id), "task/test"); !n.EndOnly || n.Optional {
			t.Errorf("%s: need %+v", id, n)
		}
	}
	if !slices.Equal(plan.Targets, []StepID{"task/test"}) {
		t.Errorf("wanted %q", plan.Targets)
	}
	if reason := step(t, plan, "task/clean").Reason.String(); reason != "after test, however it ends" {
		t.Errorf("reason %q", reason)
	}
}

// TestFinallyOfAGroup: a finally task waits for all members of a group, also for members that never begin.
func TestFinallyOfAGroup(t *testing.T) {
	all := &hclspec.Task{Name: "all", Kind: hclspec.GroupTask, DependsOn: []hclspec.Dependency{onTask("a"), onTask("b")}}
	all.Finally = []hclspec.Dependency{onTask("clean")}
	plan := mustBuild(t, Input{Spec: spec(all, hostTask("a"), hostTask("b"), hostTask("clean"))})
	clean := step(t, plan, "task/clean")
	if n := needOf(t, clean, "task/all"); !n.EndOnly || n.Optional {
		t.Errorf("need of the group %+v", n)
	}
	for _, member := range []StepID{"task/a", "task/b"} {
		if n := needOf(t, clean, member); !n.EndOnly || !n.Optional {
			t.Errorf("need of %s %+v", member, n)
		}
	}
}

// TestFinallyOfADisabledTask: a skipped task has no end.
func TestFinallyOfADisabledTask(t *testing.T) {
	test := hostTask("test")
	test.DisabledReason, test.Finally = "not today", []hclspec.Dependency{onTask("clean")}
	plan := mustBuild(t, Input{Spec: spec(test, hostTask("clean"))})
	if len(plan.Steps) != 1 {
		t.Errorf("steps:\n%s", plan)
	}
}

// TestFinallyDependenciesAreDeferred: the dependencies of a cleanup wait for the same end, their containers too.
// Dependencies of the run itself do not wait.
func TestFinallyDependenciesAreDeferred(t *testing.T) {
	test := hostTask("test", onTask("shared"))
	test.Finally = []hclspec.Dependency{onTask("clean")}
	clean := hostTask("clean", onTask("shared"), onTask("report"))
	plan := mustBuild(t, Input{
		Spec:    spec(test, clean, serviceTask("report", "web", onTask("collect")), hostTask("collect"), hostTask("shared")),
		Project: load(t, full, "web"), Snapshot: &observed.Snapshot{},
	})
	for _, id := range []StepID{"task/report", "create/report", "task/collect"} {
		if n := needOf(t, step(t, plan, id), "task/test"); !n.EndOnly || n.Optional {
			t.Errorf("%s: need %+v", id, n)
		}
	}
	if needs := step(t, plan, "task/shared").Needs; len(needs) > 0 {
		t.Errorf("needs of what the run needs too: %v", needs)
	}
}

// TestFinallyDependencyOfSeveralTasks: a dependency of two finally tasks waits for both ends, though a task may
// never begin.
func TestFinallyDependencyOfSeveralTasks(t *testing.T) {
	a, b := hostTask("a"), hostTask("b", onTask("a"))
	a.Finally, b.Finally = []hclspec.Dependency{onTask("clean-a")}, []hclspec.Dependency{onTask("clean-b")}
	plan := mustBuild(t, Input{Spec: spec(b, a, hostTask("clean-a", onTask("report")), hostTask("clean-b", onTask("report")), hostTask("report"))})
	for _, end := range []StepID{"task/a", "task/b"} {
		if n := needOf(t, step(t, plan, "task/report"), end); !n.EndOnly || !n.Optional {
			t.Errorf("need of %s: %+v", end, n)
		}
	}
}

// TestFinallyOfAFinally: a common dependency runs before the first finally task, without a cycle.
func TestFinallyOfAFinally(t *testing.T) {
	test, clean := hostTask("test"), hostTask("clean", onTask("report"))
	test.Finally, clean.Finally = []hclspec.Dependency{onTask("clean")}, []hclspec.Dependency{onTask("tell")}
	plan := mustBuild(t, Input{Spec: spec(test, clean, hostTask("tell", onTask("report")), hostTask("report"))})
	report := step(t, plan, "task/report")
	if n := needOf(t, report, "task/test"); !n.EndOnly || len(report.Needs) != 1 {
		t.Errorf("needs %+v", report.Needs)
	}
}

// TestFinallyBeforeALaterTurn: a dependency of the cleanups of two batches makes no cycle with the order of the
// batches.
func TestFinallyBeforeALaterTurn(t *testing.T) {
	a, b := hostTask("a"), hostTask("b")
	a.Finally, b.Finally = []hclspec.Dependency{onTask("clean-a")}, []hclspec.Dependency{onTask("clean-b")}
	s := spec(a, b, hostTask("clean-a", onTask("report")), hostTask("clean-b", onTask("report")), hostTask("report"))
	s.Targets, s.Sequence = []string{"a", "b"}, [][]string{{"a"}, {"b"}}
	plan := mustBuild(t, Input{Spec: s})
	if n := needOf(t, step(t, plan, "task/report"), "task/a"); !n.EndOnly {
		t.Errorf("need %+v", n)
	}
}

// TestFinallyKeepsNoImageWaiting: the build of an image for the run does not wait for a dependency of a cleanup.
func TestFinallyKeepsNoImageWaiting(t *testing.T) {
	first, test := hostTask("first"), serviceTask("test", "web")
	first.Finally = []hclspec.Dependency{onTask("clean")}
	all := &hclspec.Task{Name: "all", Kind: hclspec.GroupTask, DependsOn: []hclspec.Dependency{onTask("first"), onTask("test")}}
	plan := mustBuild(t, Input{
		Spec:    spec(all, first, test, serviceTask("clean", "web", onTask("report")), hostTask("report")),
		Project: load(t, "name: x\nservices: {web: {build: .}}\n", "web"), Snapshot: &observed.Snapshot{},
	})
	for _, s := range plan.Steps {
		if s.mayBuild() && slices.ContainsFunc(s.Needs, func(n Need) bool { return n.Step == "task/report" }) {
			t.Errorf("%s waits for what the cleanup needs: %v", s.ID, s.Needs)
		}
	}
}
