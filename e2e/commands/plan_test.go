//go:build unix

package commands_test

import (
	"encoding/json"
	"testing"

	"tasks/internal/testing/apptest"
)

// TestPlanReportsCreation: a first run has to create what a second one reuses; the one-off itself does not count.
func TestPlanReportsCreation(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, `
services:
  web:
    @offline
    command: ["sleep", "infinity"]
`, `
task "check" {
  service    = "web"
  depends_on = [service.web.started]
  command    = ["true"]
}
`)
	if r := a.Tasks("plan", "--detailed-exitcode", "check"); r.Code != 3 {
		t.Errorf("before: %d, want 3\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	a.Ok("run", "check")
	if r := a.Tasks("plan", "--detailed-exitcode", "check"); r.Code != 0 {
		t.Errorf("after: %d, want 0\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	var plan struct {
		FormatVersion int `json:"format_version"`
		Project       string
		Creates       bool
		Wanted        []string
		Steps         []struct {
			ID, Verb string
			Needs    []struct{ Step string }
		}
	}
	if err := json.Unmarshal([]byte(a.Ok("plan", "--json", "check")), &plan); err != nil {
		t.Fatal(err)
	}
	if plan.FormatVersion != 1 || plan.Project != a.Project || plan.Creates || len(plan.Wanted) != 1 || plan.Wanted[0] != "task/check" {
		t.Errorf("%+v", plan)
	}
	seen := map[string]string{}
	for _, step := range plan.Steps {
		for _, need := range step.Needs {
			if seen[need.Step] == "" {
				t.Errorf("%s stands before %s, which it needs", step.ID, need.Step)
			}
		}
		seen[step.ID] = step.Verb
	}
	if seen["container/web"] != "reuse" || seen["create/check"] != "create" {
		t.Errorf("%v", seen)
	}
}
