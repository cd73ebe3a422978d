package view

import (
	"testing"
	"time"

	"tasks/executor"
	"tasks/hclspec"
	"tasks/planner"
)

// ran is a step with what it needs, and when it began and ended, in tenths of a second; an end of 0: it has none.
type ran struct {
	id           planner.StepID
	action       planner.Action
	began, ended int
	needs        []planner.StepID
}

func TestTimes(t *testing.T) {
	image, start := &planner.Image{Ref: "web"}, &planner.StartService{Service: "db"}
	wait := &planner.WaitService{Service: "db", Condition: hclspec.Healthy}
	run := func(name string) planner.Action { return &planner.RunHost{Task: &hclspec.Task{Name: name}} }
	for name, test := range map[string]struct {
		steps  []ran
		wanted []planner.StepID
		total  int
		want   string
	}{
		"short": {[]ran{{"t", run("t"), 0, 9, nil}}, []planner.StepID{"t"}, 9, ""},
		"one":   {[]ran{{"t", run("t"), 0, 12, nil}}, []planner.StepID{"t"}, 13, "1.3 s: 1.2 s task t"},
		"the longest chain, the steps of a service together": {[]ran{
			{"image", image, 0, 3, nil}, {"start", start, 3, 4, []planner.StepID{"image"}}, {"wait", wait, 4, 12, []planner.StepID{"start"}},
			{"lint", run("lint"), 0, 10, nil}, {"t", run("test"), 12, 33, []planner.StepID{"lint", "wait"}},
		}, []planner.StepID{"t"}, 34, "3.4 s: 2.1 s task test, 0.9 s service db, 0.3 s image web"},
		"three parts": {[]ran{
			{"a", run("a"), 0, 10, nil}, {"b", run("b"), 10, 30, []planner.StepID{"a"}}, {"c", run("c"), 30, 60, []planner.StepID{"b"}},
			{"d", run("d"), 60, 100, []planner.StepID{"c"}},
		}, []planner.StepID{"d"}, 100, "10.0 s: 4.0 s task d, 3.0 s task c, 2.0 s task b"},
		"waiting for a slot is its own": {[]ran{
			{"a", run("a"), 0, 10, nil}, {"b", run("b"), 15, 30, []planner.StepID{"a"}},
		}, []planner.StepID{"b"}, 30, "3.0 s: 2.0 s task b, 1.0 s task a"},
		"failure": {[]ran{
			{"a", run("a"), 0, 20, nil}, {"b", run("b"), 0, 0, nil}, {"c", run("c"), 0, 0, []planner.StepID{"a", "b"}},
		}, []planner.StepID{"c"}, 20, "2.0 s: 2.0 s task a"},
		"nothing ended": {[]ran{{"a", run("a"), 0, 0, nil}}, []planner.StepID{"a"}, 20, ""},
		"minutes":       {[]ran{{"a", run("a"), 0, 1250, nil}}, []planner.StepID{"a"}, 1250, "2 min 5 s: 2 min 5 s task a"},
		"once":          {[]ran{{"a", &planner.RunOneOff{Task: &hclspec.Task{Name: "a", Once: true}}, 0, 1250, nil}}, []planner.StepID{"a"}, 1250, ""},
	} {
		var now times
		plan, origin := &planner.Plan{Wanted: test.wanted}, time.Unix(1000, 0)
		for _, r := range test.steps {
			step := &planner.Step{ID: r.id, Action: r.action}
			for _, id := range r.needs {
				step.Needs = append(step.Needs, planner.Need{Step: id})
			}
			plan.Steps = append(plan.Steps, step)
		}
		now.begin(plan)
		tenth := func(n int) time.Time { return origin.Add(time.Duration(n) * 100 * time.Millisecond) }
		for i, r := range test.steps {
			now.notice(tenth(r.began), executor.Notice{Happening: executor.Started, Step: plan.Steps[i]})
			if r.ended > 0 {
				now.notice(tenth(r.ended), executor.Notice{Happening: executor.Done, Step: plan.Steps[i]})
			}
		}
		if got := now.line(time.Duration(test.total)*100*time.Millisecond, 0); got != test.want {
			t.Errorf("%s: %q; want %q", name, got, test.want)
		}
	}
}

// TestTimesOfLocksAndCleanup: what a run does not spend in a step's own work has parts of its own.
func TestTimesOfLocksAndCleanup(t *testing.T) {
	a := &planner.Step{ID: "a", Action: &planner.RunHost{Task: &hclspec.Task{Name: "a"}}}
	b := &planner.Step{ID: "b", Action: &planner.RunHost{Task: &hclspec.Task{Name: "b", Lock: "x"}}, Needs: []planner.Need{{Step: "a"}}}
	at := func(n int) time.Time { return time.Unix(1000, 0).Add(time.Duration(n) * 100 * time.Millisecond) }
	var now times
	line := func(total, cleanup time.Duration) string {
		t.Helper()
		return now.line(total*100*time.Millisecond, cleanup*100*time.Millisecond)
	}
	now.begin(&planner.Plan{Steps: []*planner.Step{a, b}, Wanted: []planner.StepID{"b"}})
	now.notice(at(0), executor.Notice{Happening: executor.Started, Step: a})
	now.notice(at(2), executor.Notice{Happening: executor.Done, Step: a})
	now.notice(at(18), executor.Notice{Happening: executor.Started, Step: b, LockWait: 16 * 100 * time.Millisecond})
	now.notice(at(21), executor.Notice{Happening: executor.Done, Step: b})
	if got, want := line(21, 0), "2.1 s: 1.6 s waiting for lock x, 0.3 s task b, 0.2 s task a"; got != want {
		t.Errorf("%q; want %q", got, want)
	}
	if got, want := line(25, 4), "2.5 s: 1.6 s waiting for lock x, 0.4 s cleanup, 0.3 s task b"; got != want {
		t.Errorf("%q; want %q", got, want)
	}

	// A lock that could not even be waited for.
	now.begin(&planner.Plan{Steps: []*planner.Step{b}, Wanted: []planner.StepID{"b"}})
	now.notice(at(2), executor.Notice{Happening: executor.Failed, Step: b})
	if got := line(21, 0); got != "" {
		t.Errorf("%q of a step that never began", got)
	}

	// Nothing stands before the lock.
	b.Needs = nil
	now.begin(&planner.Plan{Steps: []*planner.Step{b}, Wanted: []planner.StepID{"b"}})
	now.notice(at(6), executor.Notice{Happening: executor.Started, Step: b, LockWait: 6 * 100 * time.Millisecond})
	now.notice(at(12), executor.Notice{Happening: executor.Done, Step: b})
	if got, want := line(12, 0), "1.2 s: 0.6 s task b, 0.6 s waiting for lock x"; got != want {
		t.Errorf("%q; want %q", got, want)
	}
}
