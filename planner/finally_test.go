package planner

import (
	"slices"
	"testing"

	"tasks/hclspec"
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

// TestFinallyIsPlanned: it follows the task, and so does the making of its container; nobody asked for it.
func TestFinallyIsPlanned(t *testing.T) {
	test := hostTask("test")
	test.Finally = []hclspec.Dependency{onTask("clean")}
	plan := built(t, Input{Spec: spec(test, serviceTask("clean", "web")), Project: load(t, full, "web"), Observed: &Observed{}})
	for _, id := range []StepID{"task/clean", "create/clean"} {
		if n := needOf(t, step(t, plan, id), "task/test"); !n.Ended || n.Optional {
			t.Errorf("%s: need %+v", id, n)
		}
	}
	if !slices.Equal(plan.Wanted, []StepID{"task/test"}) {
		t.Errorf("wanted %q", plan.Wanted)
	}
	if reason := step(t, plan, "task/clean").Reason; reason != "after test, however it ends" {
		t.Errorf("reason %q", reason)
	}
}

// TestFinallyOfAGroup waits for all members, also for those that are never begun.
func TestFinallyOfAGroup(t *testing.T) {
	all := &hclspec.Task{Name: "all", Kind: hclspec.Group, DependsOn: []hclspec.Dependency{onTask("a"), onTask("b")}}
	all.Finally = []hclspec.Dependency{onTask("clean")}
	plan := built(t, Input{Spec: spec(all, hostTask("a"), hostTask("b"), hostTask("clean"))})
	clean := step(t, plan, "task/clean")
	if n := needOf(t, clean, "task/all"); !n.Ended || n.Optional {
		t.Errorf("need of the group %+v", n)
	}
	for _, member := range []StepID{"task/a", "task/b"} {
		if n := needOf(t, clean, member); !n.Ended || !n.Optional {
			t.Errorf("need of %s %+v", member, n)
		}
	}
}

// TestFinallyOfADisabledTask: what is skipped has no end.
func TestFinallyOfADisabledTask(t *testing.T) {
	test := hostTask("test")
	test.Disabled, test.Finally = "not today", []hclspec.Dependency{onTask("clean")}
	plan := built(t, Input{Spec: spec(test, hostTask("clean"))})
	if len(plan.Steps) != 1 {
		t.Errorf("steps:\n%s", plan)
	}
}
