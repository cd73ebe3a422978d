package planner

import (
	"slices"
	"strings"
	"testing"

	"tasks/hclspec"
)

// TestDisplayNamesAreMaskedAndDistinct: two task runs with different secrets keep different names, and all steps of
// a task run have the same number in any order.
func TestDisplayNamesAreMaskedAndDistinct(t *testing.T) {
	step := func(head, name, scope string, oneOff bool) *Step {
		task := &hclspec.Task{Name: name}
		s := &Step{ID: StepID(head + name), Scope: scope, Action: &RunHost{Task: task}}
		if oneOff {
			s.Action = &CreateOneOff{Task: task}
		}
		return s
	}
	steps := []*Step{
		step("create/", "login(first)", "ephemeral(login(first))", true), step("create/", "login(second)", "ephemeral(login(second))", true),
		step("task/", "login(second)", "ephemeral(login(second))", false), step("task/", "login(first)", "ephemeral(login(first))", false),
		step("task/", "plain", "", false),
	}
	mask := func(text string) string { return strings.NewReplacer("first", "***", "second", "***").Replace(text) }
	shown := (&Plan{Steps: steps}).DisplayNames(mask)
	var got []string
	for _, s := range steps {
		_, name := shown.Subject(s)
		got = append(got, strings.Join([]string{string(shown.ID(s)), name, shown.Scope(s.Scope)}, " "))
		if need := shown.NeedID(s.ID); need != shown.ID(s) {
			t.Errorf("step %s is called %s by those that need it, and %s itself", s.ID, need, shown.ID(s))
		}
	}
	want := []string{
		"create/login(***) login(***) ephemeral(login(***))", "create/login(***)#2 login(***)#2 ephemeral(login(***))#2",
		"task/login(***)#2 login(***)#2 ephemeral(login(***))#2", "task/login(***) login(***) ephemeral(login(***))",
		"task/plain plain ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the steps are shown as\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
