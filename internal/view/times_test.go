package view

import (
	"testing"
	"time"

	"tasks/executor"
	"tasks/hclspec"
	"tasks/planner"
)

// timedStep is a step with needs, start and end, in tenths of a second; an end of 0: no end.
type timedStep struct {
	id                 planner.StepID
	action             planner.Action
	startedAt, endedAt int
	needs              []planner.StepID
}

func TestTimeSummary(t *testing.T) {
	image, start := &planner.Image{Ref: "web"}, &planner.StartService{Replica: "db"}
	wait := &planner.WaitService{Replica: "db", Condition: hclspec.Healthy}
	run := func(name string) planner.Action { return &planner.RunHost{Task: &hclspec.Task{Name: name}} }
	for name, test := range map[string]struct {
		steps  []timedStep
		wanted []planner.StepID
		total  int
		want   string
	}{
		"short": {[]timedStep{{"t", run("t"), 0, 9, nil}}, []planner.StepID{"t"}, 9, ""},
		"one":   {[]timedStep{{"t", run("t"), 0, 12, nil}}, []planner.StepID{"t"}, 13, "1.3 s: 1.2 s task t"},
		"the longest chain, the steps of a service together": {[]timedStep{
			{
				"image", image, 0, 3, nil,
			}, {"start", start, 3, 4, []planner.StepID{"image"}}, {"wait", wait, 4, 12, []planner.StepID{"start"}},
			{"lint", run("lint"), 0, 10, nil}, {"t", run("test"), 12, 33, []planner.StepID{"lint", "wait"}},
		}, []planner.StepID{"t"}, 34, "3.4 s: 2.1 s task test, 0.9 s service db, 0.3 s image web"},
		"three parts": {[]timedStep{
			{
				"a", run("a"), 0, 10, nil,
			}, {"b", run("b"), 10, 30, []planner.StepID{"a"}}, {"c", run("c"), 30, 60, []planner.StepID{"b"}},
			{"d", run("d"), 60, 100, []planner.StepID{"c"}},
		}, []planner.StepID{"d"}, 100, "10.0 s: 4.0 s task d, 3.0 s task c, 2.0 s task b"},
		"waiting for a slot is its own": {[]timedStep{
			{"a", run("a"), 0, 10, nil}, {"b", run("b"), 15, 30, []planner.StepID{"a"}},
		}, []planner.StepID{"b"}, 30, "3.0 s: 2.0 s task b, 1.0 s task a"},
		"failure": {[]timedStep{
			{"a", run("a"), 0, 20, nil}, {"b", run("b"), 0, 0, nil}, {"c", run("c"), 0, 0, []planner.StepID{"a", "b"}},
		}, []planner.StepID{"c"}, 20, "2.0 s: 2.0 s task a"},
		"nothing ended": {[]timedStep{{"a", run("a"), 0, 0, nil}}, []planner.StepID{"a"}, 20, ""},
		"minutes": {
			[]timedStep{{"a", run("a"), 0, 1250, nil}}, []planner.StepID{"a"}, 1250, "2 m 05 s: 2 m 05 s task a",
		},
		"once": {
			[]timedStep{{"a", &planner.RunOneOff{Task: &hclspec.Task{Name: "a", IsOnce: true}}, 0, 1250, nil}},
			[]planner.StepID{"a"}, 1250, "",
		},
	} {
		var now times
		plan, origin := &planner.Plan{Targets: test.wanted}, time.Unix(1000, 0)
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
			now.record(tenth(r.startedAt), executor.Notice{Kind: executor.Started, Step: plan.Steps[i]})
			if r.endedAt > 0 {
				now.record(tenth(r.endedAt), executor.Notice{Kind: executor.Done, Step: plan.Steps[i]})
			}
		}
		if got := now.summary(time.Duration(test.total)*100*time.Millisecond, 0); got != test.want {
			t.Errorf("%s: %q; want %q", name, got, test.want)
		}
	}
}

// TestLockAndCleanupTimes: the waits for locks and the cleanup are separate parts.
func TestLockAndCleanupTimes(t *testing.T) {
	a := &planner.Step{ID: "a", Action: &planner.RunHost{Task: &hclspec.Task{Name: "a"}}}
	b := &planner.Step{
		ID: "b", Action: &planner.RunHost{Task: &hclspec.Task{Name: "b", Lock: "x"}},
		Needs: []planner.Need{{Step: "a"}},
	}
	at := func(n int) time.Time { return time.Unix(1000, 0).Add(time.Duration(n) * 100 * time.Millisecond) }
	var now times
	line := func(total, cleanup time.Duration) string {
		t.Helper()
		return now.summary(total*100*time.Millisecond, cleanup*100*time.Millisecond)
	}
	now.begin(&planner.Plan{Steps: []*planner.Step{a, b}, Targets: []planner.StepID{"b"}})
	now.record(at(0), executor.Notice{Kind: executor.Started, Step: a})
	now.record(at(2), executor.Notice{Kind: executor.Done, Step: a})
	now.record(at(18), executor.Notice{Kind: executor.Started, Step: b, LockWait: 16 * 100 * time.Millisecond})
	now.record(at(21), executor.Notice{Kind: executor.Done, Step: b})
	if got, want := line(21, 0), "2.1 s: 1.6 s waiting for lock x, 0.3 s task b, 0.2 s task a"; got != want {
		t.Errorf("%q; want %q", got, want)
	}
	if got, want := line(25, 4), "2.5 s: 1.6 s waiting for lock x, 0.4 s cleanup, 0.3 s task b"; got != want {
		t.Errorf("%q; want %q", got, want)
	}

	// The wait for the lock failed.
	now.begin(&planner.Plan{Steps: []*planner.Step{b}, Targets: []planner.StepID{"b"}})
	now.record(at(2), executor.Notice{Kind: executor.Failed, Step: b})
	if got := line(21, 0); got != "" {
		t.Errorf("%q of a step that never began", got)
	}

	// No step precedes the lock.
	b.Needs = nil
	now.begin(&planner.Plan{Steps: []*planner.Step{b}, Targets: []planner.StepID{"b"}})
	now.record(at(6), executor.Notice{Kind: executor.Started, Step: b, LockWait: 6 * 100 * time.Millisecond})
	now.record(at(12), executor.Notice{Kind: executor.Done, Step: b})
	if got, want := line(12, 0), "1.2 s: 0.6 s task b, 0.6 s waiting for lock x"; got != want {
		t.Errorf("%q; want %q", got, want)
	}
}
